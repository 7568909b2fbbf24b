#!/usr/bin/env bash
# Measures training steps of `bench` beside the same networks in plain PyTorch, eager and compiled, on a GPU or a CPU.
#
#   scripts/training_speed.sh [OPTION...] [VARIANT...]
#
#   --device D    cpu, cuda or cuda:N (cuda)
#   --steps N     steps of each measurement (200)
#   --rounds N    how often each contestant runs, in turn (3 times); its fastest run counts
#   --threads N   CPU threads (all cores)
#   --no-compile  leave out torch.compile, which needs a C++ compiler, or Triton on a GPU
#
# VARIANT is one of scripts/peers/training.py's: acgan, dcgan, dcgan64, dragan, sagan64, sngan-proj-d4, wgan-gp (dcgan,
# wgan-gp, dcgan64 and sagan64 by default). Each is measured in fp32 and bf16, and on a GPU with --fast too. PYTHON names a
# Python with PyTorch (.deps/peers/bin/python, which `make peers` installs, or python3); without one `bench` runs alone.
# On standard output: a row for each setting, with steps per second, and seconds of processor time a step, which other work
# on the machine changes less.
#
# Exit codes: 0 done, 1 a measurement failed, 2 bad usage, 4 something is missing here.
set -euo pipefail

root=$(cd -- "${BASH_SOURCE[0]%/*}/.." && pwd -P)
device=cuda steps=200 rounds=3 threads=$(nproc) compiled=(eager compiled) variants=()

usage() {
  printf 'training_speed: %s\n' "$1" >&2
  exit 2
}

while (($#)); do
  case $1 in
    -h | --help)
      sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//;p;}' "${BASH_SOURCE[0]}"
      exit 0
      ;;
    --device | --steps | --rounds | --threads)
      (($# > 1)) || usage "$1 needs a value"
      printf -v "${1#--}" '%s' "$2"
      shift
      ;;
    --no-compile) compiled=(eager) ;;
    -*) usage "there is no option $1; see --help" ;;
    *) variants+=("$1") ;;
  esac
  shift
done
for number in "$steps" "$rounds" "$threads"; do
  [[ $number =~ ^[1-9][0-9]{0,6}$ ]] || usage "'$number' is no number from 1 on"
done
((${#variants[@]})) || variants=(dcgan wgan-gp dcgan64 sagan64)

cd "$root"
readonly gpu_half=$root/.deps/cuda/lib/libtorch_cuda.so
cargo build --release --quiet --package bench-models --example time_training
python=${PYTHON:-}
for candidate in .deps/peers/bin/python python3; do
  if [[ -z $python ]] && "$candidate" -c 'import torch' 2>/dev/null; then python=$candidate; fi
done
if [[ -z $python ]]; then printf 'training_speed: no Python with PyTorch: bench runs alone\n' >&2; fi
modes=(fp32 bf16)
if [[ $device == cuda* ]]; then modes=(fp32 bf16 fp32-fast bf16-fast); fi

# contestant NAME VARIANT MODE: one run; prints JSON with seconds and processor_seconds.
contestant() {
  local precision=${3%-fast} options=() preload=()
  if [[ $1 == bench ]]; then
    if [[ $3 == *-fast ]]; then options=(fast); fi
    # `bench` loads what computes on GPUs by itself; its example leaves that to the linker.
    if [[ $device == cuda* && -e $gpu_half ]]; then preload=("LD_PRELOAD=$gpu_half"); fi
    env "${preload[@]}" target/release/examples/time_training "$2" "$threads" "$steps" "$device" "$precision" "${options[@]}"
  else
    if [[ $3 == *-fast ]]; then options+=(--fast); fi
    if [[ $1 == compiled ]]; then options+=(--compile); fi
    OMP_NUM_THREADS=$threads "$python" scripts/peers/training.py "$2" "$steps" --device "$device" \
      --precision "$precision" "${options[@]}"
  fi
}

contestants=(bench)
if [[ -n $python ]]; then contestants+=("${compiled[@]}"); fi
printf '%-14s %-10s %-10s %10s %14s\n' variant mode contestant steps/s 'processor s'
for variant in "${variants[@]}"; do
  for mode in "${modes[@]}"; do
    declare -A wall=() processor=()
    for ((round = 0; round < rounds; round++)); do
      for name in "${contestants[@]}"; do
        if ! said=$(contestant "$name" "$variant" "$mode"); then
          printf 'training_speed: %s failed on %s in %s\n' "$name" "$variant" "$mode" >&2
          exit 1
        fi
        read -r seconds used < <(sed -E 's/.*"seconds": ([0-9.e-]+).*"processor_seconds": ([0-9.e-]+).*/\1 \2/' <<<"$said")
        wall[$name]=$(awk -v a="${wall[$name]:-inf}" -v b="$seconds" 'BEGIN { print (a == "inf" || b < a) ? b : a }')
        processor[$name]=$(awk -v a="${processor[$name]:-inf}" -v b="$used" 'BEGIN { print (a == "inf" || b < a) ? b : a }')
      done
    done
    for name in "${contestants[@]}"; do
      awk -v v="$variant" -v m="$mode" -v n="$name" -v w="${wall[$name]}" -v p="${processor[$name]}" -v s="$steps" \
        'BEGIN { printf "%-14s %-10s %-10s %10.2f %14.4f\n", v, m, n, s / w, p / s }'
    done
  done
done
