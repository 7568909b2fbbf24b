#!/usr/bin/env bash
# Runs the tests that need a GPU, whose names begin with gpu_; where none can be computed on it says why and runs none.
#
#   scripts/test_gpu.sh [--require]    --require: fail where there is none
set -euo pipefail
cd -- "${BASH_SOURCE[0]%/*}/.."

found=$(target/release/bench doctor --device cuda 2>/dev/null || true)
missing=$(grep -E '^(broken|missing) +(driver|device|ONNX Runtime|extractor|libtorch) ' <<<"$found" || true)
if [[ -n $missing || -z $found ]]; then
  printf 'skipped: the tests that need a GPU, for this machine has none to compute on:\n%s\n' "${missing:-no bench}"
  if [[ ${1:-} == --require ]]; then exit 1; fi
  exit 0
fi
grep -E '^ok +(driver|device) ' <<<"$found"
cargo test --release --workspace -- --ignored gpu_
