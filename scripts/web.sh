#!/usr/bin/env bash
# Builds the screens into web/dist, which the program embeds. Looks first: a repeated run takes
# milliseconds.
#
#   web.sh           fails where it cannot build
#   web.sh --or-skip says so and goes on: the program then serves a page that tells how to make them
#   web.sh --check   lints, types and unit tests of the screens
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root/web"

node_needed=20.19
stamp=node_modules/.giaolo-built

fail() {
    echo "web: $1" >&2
    exit 1
}

node_is_right() {
    command -v node >/dev/null && command -v npm >/dev/null || return 1
    local found
    found=$(node --version)
    [[ $(printf '%s\n' "$node_needed" "${found#v}" | sort -V | head -n1) == "$node_needed" ]]
}

packages() {
    if [[ node_modules/.package-lock.json -nt package-lock.json ]]; then
        return
    fi
    npm ci --no-fund --no-audit --loglevel=error ||
        fail "npm ci failed; its reason stands above"
    touch node_modules/.package-lock.json
}

# The hash of everything that the build reads.
sources() {
    find index.html package-lock.json vite.config.ts public src -type f -print0 |
        sort -z | xargs -0 sha256sum | sha256sum
}

build() {
    packages
    local wanted
    wanted=$(sources)
    if [[ -f dist/index.html && -f $stamp && $(<"$stamp") == "$wanted" ]]; then
        echo "web: the screens are built"
        return
    fi
    npm run --silent types
    npm run --silent build -- --logLevel warn
    echo "$wanted" >"$stamp"
    echo "web: built into web/dist"
}

mode=${1:-}
case $mode in
"" | --or-skip | --check) ;;
*) fail "unknown option $mode; known are --or-skip and --check" ;;
esac

if ! node_is_right; then
    why="Node.js $node_needed or newer with npm is needed to build the screens, found $(node --version 2>/dev/null || echo none)"
    [[ $mode == --or-skip ]] || fail "$why"
    echo "web: SKIPPED: $why; then run make web and build again" >&2
    exit 0
fi
if [[ $mode == --check ]]; then
    packages
    npm run --silent check
else
    build
fi
