#!/usr/bin/env bash
# Fuzzes every target of fuzz/, one after another, without cargo-fuzz or a nightly toolchain.
#
#   fuzz.sh [SECONDS]     each target for so long, 600 if not given
#
# Ends with an error at the first input that makes a target fall; that input lies in fuzz/artifacts.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root/fuzz"

seconds=${1:-600}
host=$(rustc -vV | sed -n 's/^host: //p')

# What cargo-fuzz passes. RUSTC_BOOTSTRAP: the coverage passes are there in the stable compiler, only
# the switch for them is not.
export RUSTC_BOOTSTRAP=1
export RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Ccodegen-units=1 -Cdebug-assertions \
-Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
-Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares"

cargo build --release --locked --target "$host"
for target in fuzz_targets/*.rs; do
    name=$(basename "$target" .rs)
    mkdir -p "corpus/$name" "artifacts/$name"
    echo "fuzz: $name for $seconds s"
    "target/$host/release/$name" "corpus/$name" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=4096 \
        -artifact_prefix="artifacts/$name/" -print_final_stats=1
done
