#!/usr/bin/env bash
# Everything that is checked without running the program: format, lints, licences, scripts, screens.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

deny_version=0.20.2
deny=var/tools/bin/cargo-deny

section() { echo "check: $1"; }

section "format"
cargo fmt --all --check

section "clippy"
cargo clippy --workspace --all-targets --locked -- -D warnings

section "licences, bans and sources of dependencies"
if [[ $("$deny" --version 2>/dev/null) != "cargo-deny $deny_version" ]]; then
    # Without optimisation: it builds in a third of the time and runs for two seconds.
    cargo install cargo-deny --locked --debug --quiet --version "$deny_version" --root var/tools
fi
"$deny" check licenses bans sources

section "advisories"
database=https://github.com/RustSec/advisory-db
if GIT_TERMINAL_PROMPT=0 timeout 20 git ls-remote --quiet "$database" HEAD >/dev/null 2>&1; then
    "$deny" check advisories
else
    echo "check: SKIPPED advisories: $database cannot be reached from here; run make check where it can"
fi

section "Python"
var/venv/bin/python -W error -m compileall -q -f models scripts

section "screens"
scripts/web.sh --check

section "shell scripts"
if command -v shellcheck >/dev/null; then
    shellcheck scripts/*.sh .ci/run
else
    for script in scripts/*.sh .ci/run; do bash -n "$script"; done
    echo "check: shellcheck is not installed, the shell scripts were only parsed"
fi
echo "check: all is well"
