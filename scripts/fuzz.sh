#!/usr/bin/env bash
# Builds the fuzz targets with the stable compiler and runs each for some seconds: scripts/fuzz.sh [SECONDS [TARGET...]]
# Inputs that are new go to fuzz/corpus/TARGET, inputs that fail to fuzz/artifacts/TARGET; the first failure ends it.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

seconds=${1:-5}
targets=("${@:2}")
if [[ ${#targets[@]} -eq 0 ]]; then
  mapfile -t targets < <(basename -s .rs fuzz/targets/*.rs)
fi
root=$PWD
host=$(rustc -vV | sed -n 's/^host: //p')

# What cargo-fuzz passes, without the sanitizer that needs nightly. Naming the host spares build scripts the flags.
coverage='-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters'
coverage+=' -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares'
export RUSTFLAGS="--cfg fuzzing $coverage -Cdebug-assertions"
cd fuzz
cargo build --locked --release --target "$host" --bins

# Where the seeds of a target lie, beside fuzz/seeds/TARGET.
seeds() {
  case $1 in
    batch) echo "$root/harness/data/src/datasets/cifar10/python" ;;
    image) echo "$root/harness/data/tests/golden/images" ;;
    mat) echo "$root/harness/data/src/datasets/mat" ;;
    npz) echo "$root/metrics/formats/tests/golden/npz" ;;
    *) echo "$root/fuzz/seeds/$1" ;;
  esac
}

for target in "${targets[@]}"; do
  mkdir -p "corpus/$target" "artifacts/$target"
  printf '%s: ' "$target"
  log=artifacts/$target/log
  # libFuzzer's words matter where it fails; else the last line says how much was tried.
  if "target/$host/release/$target" "corpus/$target" "$(seeds "$target")" -artifact_prefix="artifacts/$target/" \
    -max_total_time="$seconds" -timeout=20 -rss_limit_mb=4096 -print_final_stats=0 >"$log" 2>&1; then
    tail -n 1 "$log"
  else
    tail -n 40 "$log"
    exit 1
  fi
done
