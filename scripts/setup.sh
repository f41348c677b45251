#!/usr/bin/env bash
# Makes a fresh Debian 12 machine able to build and run giaolo, without asking anything.
#
# In order: system packages, the Python environment of the model converters, ONNX Runtime, the
# models, the screens, the release build. Each step looks first and does only what is missing, so
# that a repeated run takes seconds. All that is fetched lands in var/, npm's packages in
# web/node_modules, and is checked by its hash.
#
#   setup.sh [--no-build]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

rust_needed=1.95
packages=(
    # compilers, and clang's library, which generates the bindings to OpenCV and FFmpeg
    build-essential clang libclang-dev pkg-config ca-certificates git
    # OpenCV 4.6 and FFmpeg 5.1
    libopencv-dev libavformat-dev libavcodec-dev libavutil-dev libswscale-dev
    # letters on annotated pictures
    fonts-dejavu-core
    # the converters' environment
    python3 python3-venv python3-pip
    # the store's tests run against a server of their own
    postgresql
)

fail() {
    echo "setup: $1" >&2
    exit 1
}

system_packages() {
    command -v npm >/dev/null || packages+=(nodejs npm)
    local missing=() package
    for package in "${packages[@]}"; do
        if [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) != installed ]]; then
            missing+=("$package")
        fi
    done
    if ((${#missing[@]} == 0)); then
        echo "setup: system packages are there"
        return
    fi
    command -v apt-get >/dev/null ||
        fail "no apt-get here; install what matches these Debian packages: ${missing[*]}"
    local as_root=()
    if ((EUID != 0)); then
        sudo -n true 2>/dev/null ||
            fail "root is needed to install ${missing[*]}; run as root or with sudo"
        as_root=(sudo -n)
    fi
    echo "setup: installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    "${as_root[@]}" apt-get update -qq ||
        echo "setup: apt-get update failed, trying with the lists that are there" >&2
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" ||
        fail "apt-get could not install ${missing[*]}; its reason stands above"
}

# A CPython 3.11 that can make an environment: Debian's own, or another one on the path.
find_python() {
    local candidate
    for candidate in /usr/bin/python3 python3.11 python3; do
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 11))' \
            >/dev/null 2>&1; then
            echo "$candidate"
            return
        fi
    done
    fail "no Python 3.11 with venv found (the pinned wheels are for 3.11); on Debian 12: apt-get install python3-venv"
}

# True if each pinned package has exactly its pinned version and those with compiled parts load.
python_is_right() {
    [[ -x var/venv/bin/python ]] && var/venv/bin/python - scripts/requirements.txt <<'PYTHON' 2>/dev/null
import sys
from importlib.metadata import version
from pathlib import Path

for line in Path(sys.argv[1]).read_text().splitlines():
    if line and not line.startswith("#"):
        name, pinned = line.split()[0].split("==")
        if version(name) != pinned:
            sys.exit(1)

import numpy, onnx, onnxruntime  # noqa: E401, F401
PYTHON
}

python_environment() {
    local stamp=var/venv/requirements.sha256 wanted
    wanted=$(sha256sum <scripts/requirements.txt)
    if [[ -f $stamp && $(<"$stamp") == "$wanted" ]] && python_is_right; then
        echo "setup: the Python environment is there"
        return
    fi
    local python
    python=$(find_python)
    echo "setup: making var/venv with $("$python" --version)"
    mkdir -p var
    rm -rf var/venv
    "$python" -m venv var/venv
    var/venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
        --only-binary=:all: --require-hashes -r scripts/requirements.txt ||
        fail "the Python packages could not be installed; pip's reason stands above (a wrong hash means an altered download: do not use it)"
    echo "$wanted" >"$stamp"
}

rust_toolchain() {
    command -v cargo >/dev/null || PATH=$HOME/.cargo/bin:$PATH
    command -v cargo >/dev/null ||
        fail "no cargo found; install Rust $rust_needed or newer with rustup (rustup.rs), then run again"
    local found
    found=$(cargo --version | cut -d' ' -f2)
    if [[ $(printf '%s\n' "$rust_needed" "$found" | sort -V | head -n1) != "$rust_needed" ]]; then
        fail "cargo $found is too old, Rust $rust_needed is needed; run rustup update"
    fi
}

main() {
    local build=yes
    case ${1:-} in
    --no-build) build=no ;;
    "") ;;
    *) fail "unknown option $1; the only one is --no-build" ;;
    esac
    system_packages
    rust_toolchain
    python_environment
    scripts/onnxruntime.sh
    var/venv/bin/python models/fetch.py
    if [[ $build == yes ]]; then
        scripts/web.sh --or-skip
        cargo build --release --locked
        echo "setup: done, the program is target/release/giaolo"
    else
        echo "setup: done, without a build"
    fi
}

main "$@"
