#!/usr/bin/env bash
# Puts ONNX Runtime's library into var/lib/onnxruntime, checked by SHA-256.
#
# The library is the one inside the PyPI wheel, which the project's Python environment holds
# anyway: it is taken from there, or, where that is missing, out of a freshly downloaded wheel.
set -euo pipefail

version=1.31.1
wheel_sha256=5752bd508126ae7c49894d3b9d2e83f0c3d487319246d04c444b393308d7ad7f
library_sha256=fc44112fbe06d7d689c57e11d3862031f64711007e4ee020f8eed5185fd2c1d3

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=$root/var/lib/onnxruntime
library=$folder/libonnxruntime.so.$version

sum() { sha256sum "$1" | cut -d' ' -f1; }

if [[ $(uname -m) != x86_64 ]]; then
    echo "onnxruntime: this machine is $(uname -m); the pinned library is for x86_64" >&2
    exit 1
fi
if [[ -f $library && $(sum "$library") == "$library_sha256" ]]; then
    exit 0
fi

mkdir -p "$folder"
temporary=$(mktemp -d "$folder/.fetch.XXXXXX")
trap 'rm -rf "$temporary"' EXIT

package=$(echo "$root"/var/venv/lib/python3.*/site-packages/onnxruntime)
if [[ ! -f $package/capi/libonnxruntime.so.$version ]]; then
    echo "fetching the ONNX Runtime $version wheel"
    printf 'onnxruntime==%s --hash=sha256:%s\n' "$version" "$wheel_sha256" >"$temporary/wheel.txt"
    if ! python3 -m pip download --quiet --no-deps --only-binary=:all: --require-hashes \
        --python-version 3.11 --implementation cp --platform manylinux_2_28_x86_64 \
        -r "$temporary/wheel.txt" -d "$temporary"; then
        echo "onnxruntime: the download of onnxruntime $version failed; its wheel must have sha256" >&2
        echo "  $wheel_sha256; check the network or a proxy's settings, then run again" >&2
        exit 1
    fi
    python3 -m zipfile -e "$temporary"/*.whl "$temporary/wheel"
    package=$temporary/wheel/onnxruntime
fi

found=$(sum "$package/capi/libonnxruntime.so.$version")
if [[ $found != "$library_sha256" ]]; then
    echo "onnxruntime: $package/capi/libonnxruntime.so.$version is not the checked library" >&2
    echo "  expected sha256 $library_sha256" >&2
    echo "  found    sha256 $found" >&2
    echo "  remove var/venv and run scripts/setup.sh again; if it stays so, do not use the library" >&2
    exit 1
fi

install -m 644 "$package/LICENSE" "$package/ThirdPartyNotices.txt" "$folder/"
install -m 755 "$package/capi/libonnxruntime.so.$version" "$temporary/library"
mv -f "$temporary/library" "$library"
ln -sfn "libonnxruntime.so.$version" "$folder/libonnxruntime.so.1"
ln -sfn libonnxruntime.so.1 "$folder/libonnxruntime.so"
echo "onnxruntime: $library is in place"
