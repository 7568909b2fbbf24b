#!/usr/bin/env bash
# Tests setup.sh without a network, in a temporary copy, on small made-up wheels that bear the pinned names and versions:
# whole or absent after kill -9, repairable, safe to run twice at once, and clear about what it cannot do.
#
#   scripts/test_setup.sh [KILLS]    KILLS: how often to kill it at a random moment (default 12)
set -euo pipefail

here=$(cd -- "${BASH_SOURCE[0]%/*}" && pwd -P)
kills=${1:-12}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset LIBTORCH LIBTORCH_LIB LIBTORCH_INCLUDE LIBTORCH_USE_PYTORCH ORT_DYLIB_PATH BENCH_SETUP_DRIVER
export PIP_NO_INDEX=1 PIP_FIND_LINKS=$work/wheels BENCH_SETUP_ATTEMPTS=2
setup=$work/scripts/setup.sh
deps=$work/.deps
log=$work/log

mkdir "$work/scripts" "$work/wheels"
cp "$here/setup.sh" "$here/unpack_wheel.py" "$here/check_wheels.py" "$work/scripts/"

# The wheels, and pins with their hashes.
python3 - "$here/wheels.txt" "$work/scripts/wheels.txt" "$work/wheels" <<'PYTHON'
import hashlib, os, sys, zipfile

source, pins, folder = sys.argv[1:]
CONTENTS = {
    "torch": ["torch/lib/libc10.so", "torch/lib/libtorch_cpu.so", "torch/lib/libgomp.so.1", "torch/lib/libtorch_cuda.so",
              "torch/lib/libc10_cuda.so", "torch/lib/libtorch_cuda_linalg.so", "torch/lib/libtorch_nvshmem.so",
              "torch/lib/libcaffe2_nvrtc.so",
              "torch/include/torch/csrc/api/include/torch/torch.h", "torch/include/torch/cuda.h",
              "{info}/licenses/LICENSE", "{info}/licenses/NOTICE"]
             + [f"torch/include/many/{i}.h" for i in range(3000)],
    "nvidia-cuda-runtime": ["nvidia/cu13/lib/libcudart.so.13", "{info}/licenses/License.txt"],
    "nvidia-cuda-cupti": ["nvidia/cu13/lib/libcupti.so.13"],
    "nvidia-nvjitlink": ["nvidia/cu13/lib/libnvJitLink.so.13"],
    "nvidia-cublas": [f"nvidia/cu13/lib/{name}.so.13" for name in ("libcublas", "libcublasLt", "libnvblas")],
    "nvidia-cuda-nvrtc": ["nvidia/cu13/lib/libnvrtc.so.13", "nvidia/cu13/lib/libnvrtc-builtins.so.13.0"],
    "nvidia-curand": ["nvidia/cu13/lib/libcurand.so.10"],
    "nvidia-cufft": ["nvidia/cu13/lib/libcufft.so.12"],
    "nvidia-cudnn-cu13": ["nvidia/cudnn/lib/libcudnn.so.9", "nvidia/cudnn/lib/libcudnn_ops.so.9"],
    "nvidia-cufile": ["nvidia/cu13/lib/libcufile.so.0"],
    "nvidia-cusolver": ["nvidia/cu13/lib/libcusolver.so.12"],
    "nvidia-cusparse": ["nvidia/cu13/lib/libcusparse.so.12"],
    "nvidia-cusparselt-cu13": ["nvidia/cusparselt/lib/libcusparseLt.so.0"],
    "nvidia-nccl-cu13": ["nvidia/nccl/lib/libnccl.so.2"],
    "nvidia-nvshmem-cu13": ["nvidia/nvshmem/lib/libnvshmem_host.so.3"],
    "onnxruntime-gpu": ["onnxruntime/capi/libonnxruntime.so.{version}",
                        "onnxruntime/capi/libonnxruntime_providers_cuda.so",
                        "onnxruntime/capi/libonnxruntime_providers_shared.so", "onnxruntime/LICENSE",
                        "onnxruntime/ThirdPartyNotices.txt"],
    "onnxruntime": ["onnxruntime/capi/libonnxruntime.so.{version}", "onnxruntime/LICENSE",
                    "onnxruntime/ThirdPartyNotices.txt"],
}
with open(pins, "w") as out:
    for line in open(source):
        if "==" not in line:
            continue
        name, version = line.split()[0].split("==")
        stem = f"{name.replace('-', '_')}-{version}"
        info = f"{stem}.dist-info"
        path = os.path.join(folder, f"{stem}-py3-none-manylinux_2_28_x86_64.whl")
        with zipfile.ZipFile(path, "w") as wheel:
            for member in CONTENTS[name]:
                member = member.format(info=info, version=version)
                wheel.writestr(member, member * (20000 if ".so" in member else 1))
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-manylinux_2_28_x86_64\n")
            wheel.writestr(f"{info}/RECORD", "")
        digest = hashlib.sha256(open(path, "rb").read()).hexdigest()
        out.write(f"{name}=={version} --hash=sha256:{digest}\n")
PYTHON

fail() {
  printf 'FAILED: %s\n' "$*"
  sed 's/^/  /' "$log"
  exit 1
}

# expect CODE WHAT: the last run ended with CODE.
expect() { [[ $status == "$1" ]] || fail "$2: exit $status, not $1"; }
says() { grep -q -- "$1" "$log" || fail "does not say: $1"; }
run() {
  status=0
  "$@" >"$log" 2>&1 || status=$?
}
same() { diff -r "$deps/$1" "$work/whole/$1" >"$log" 2>&1 || fail "$1 is not whole"; }
ok() { printf 'ok  %s\n' "$*"; }

run "$setup"
expect 0 "first run"
[[ -f $deps/libtorch/include/torch/cuda.h && ! -e $deps/libtorch/lib/libtorch_cuda.so ]] || fail "wrong members"
[[ -z $(ls "$deps/wheels") && ! -e $deps/scratch ]] || fail "left wheels or scratch behind"
cp -r "$deps" "$work/whole"
ok "installs everything and leaves nothing else behind"

run "$setup"
expect 0 "second run"
[[ ! -s $log ]] || fail "the second run has something to say"
start=$EPOCHREALTIME
"$setup"
ok "does nothing when all is there ($(((${EPOCHREALTIME/[.,]/} - ${start/[.,]/}) / 1000)) ms)"

rm -rf "$deps"
run "$setup" --no-train
expect 0 "--no-train"
[[ ! -e $deps/libtorch ]] || fail "--no-train brought libtorch"
same onnxruntime
ok "--no-train leaves out libtorch"

mkdir -p "$deps/libtorch/lib"
touch "$deps/libtorch/foreign"
run "$setup"
expect 0 "foreign folder"
same libtorch
ok "replaces a libtorch of unknown origin"

rm "$deps/libtorch/lib/libc10.so"
run "$setup"
same libtorch
ok "repairs a folder that lost a file"

rm -rf "$deps/libtorch"
version=$(cat "$work/whole/libtorch/build-version")
echo "no wheel" >"$deps/wheels/torch-$version-py3-none-manylinux_2_28_x86_64.whl"
run "$setup"
expect 0 "damaged wheel"
says "fetching it again"
same libtorch
ok "fetches a damaged wheel again"

cp "$work/scripts/wheels.txt" "$work/pins"
rm -rf "$deps/onnxruntime"
sed -i '/^onnxruntime/s/sha256:..../sha256:0000/' "$work/scripts/wheels.txt"
run "$setup"
expect 4 "wrong hash"
says "HASH"
[[ ! -e $deps/onnxruntime ]] || fail "installed a wheel with the wrong hash"
cp "$work/pins" "$work/scripts/wheels.txt"
ok "refuses a wheel with another hash"

run env PIP_FIND_LINKS=/nonexistent "$setup"
expect 4 "no network"
says "run this again"
run "$setup"
expect 0 "after no network"
same onnxruntime
ok "says what to do without a network, and recovers"

for name in libtorch onnxruntime; do rm -rf "${deps:?}/$name"; done
"$setup" >"$work/log.1" 2>&1 &
first=$!
run "$setup"
expect 0 "second of two at once"
wait "$first" || fail "first of two at once"
same libtorch
same onnxruntime
ok "may run twice at once"

for ((kill = 1; kill <= kills; kill++)); do
  if [[ -e $deps/libtorch && -e $deps/onnxruntime ]]; then rm -rf "$deps"; fi
  setsid "$setup" >"$log" 2>&1 &
  victim=$!
  sleep "0.$((RANDOM % 10))$((RANDOM % 10))"
  sleep "$((RANDOM % 4))"
  # Now with all that it started, now alone, which leaves its programs running.
  if ((kill % 3)); then kill -9 -- -"$victim" 2>/dev/null || true; else kill -9 "$victim" 2>/dev/null || true; fi
  wait "$victim" 2>/dev/null || true
  for name in libtorch onnxruntime; do if [[ -e $deps/$name ]]; then same "$name"; fi; done
done
run "$setup"
expect 0 "after $kills kills"
same libtorch
same onnxruntime
ok "$kills times killed, never a half-installed folder"

run env LIBTORCH="$work/whole/libtorch" ORT_DYLIB_PATH="$work/whole/onnxruntime/LICENSE" "$setup"
expect 0 "libraries of one's own"
says "LIBTORCH is set"
says "ORT_DYLIB_PATH is set"
run env LIBTORCH="$work/nowhere" "$setup"
expect 4 "LIBTORCH without libraries"
ok "libraries of one's own win, if they are there"

rm -rf "$deps"
run env BENCH_SETUP_DRIVER=none "$setup" --cuda
expect 4 "no driver"
says "no NVIDIA driver"
says "BENCH_SETUP_DRIVER"
run env BENCH_SETUP_DRIVER=535.183.01 "$setup" --cuda
expect 4 "old driver"
says "of version 535.183.01, and CUDA 13 needs 580"
[[ ! -e $deps ]] || fail "made or fetched something without a driver"
ok "--cuda says before anything is fetched that the driver is missing or too old"

mkdir "$work/bin"
printf '#!/bin/sh\necho 570.86.10\n' >"$work/bin/nvidia-smi"
chmod +x "$work/bin/nvidia-smi"
run env PATH="$work/bin:$PATH" "$setup" --cuda
expect 4 "driver of nvidia-smi"
says "of version 570.86.10"
ok "asks nvidia-smi for the driver"

export BENCH_SETUP_DRIVER=580.65.06
run "$setup" --cuda --dry-run
expect 0 "--dry-run"
says "would install: libtorch onnxruntime cuda"
says "driver: version 580.65.06, which suffices"
says "17 of 17 wheels are there"
[[ ! -e $deps ]] || fail "--dry-run made something"
sed -i '/^nvidia-cufft=/s/sha256:..../sha256:0000/' "$work/scripts/wheels.txt"
run env BENCH_SETUP_DRIVER=none "$setup" --cuda --dry-run
expect 4 "--dry-run with faults"
says "nvidia-cufft==.*: no file with this SHA-256 is there"
says "driver: no NVIDIA driver"
says "2 of these"
cp "$work/pins" "$work/scripts/wheels.txt"
ok "--dry-run checks pins, disk and driver and installs nothing"

printf '#!/bin/sh\necho head; echo "disk 9 9 2048000 9%% /"\n' >"$work/bin/df"
chmod +x "$work/bin/df"
run env PATH="$work/bin:$PATH" "$setup" --cuda
expect 4 "small disk"
says "has 2000 MiB free; unpacking libtorch onnxruntime cuda takes 8300 MiB"
rm -rf "$deps"
ok "asks for the disk space of all first"

run "$setup" --cuda --no-train
expect 0 "--cuda --no-train"
[[ -s $deps/cuda/lib/libonnxruntime_providers_cuda.so && ! -e $deps/cuda/lib/libtorch_cuda.so ]] || fail "wrong members"
run "$setup" --cuda
expect 0 "--cuda"
[[ -s $deps/cuda/lib/libtorch_cuda.so && ! -e $deps/cuda/lib/libnvblas.so.13 && -z $(ls "$deps/wheels") ]] ||
  fail "wrong members, or wheels left behind"
same libtorch
same onnxruntime
cp -r "$deps/cuda" "$work/whole/cuda"
for arguments in "--cuda" "--cuda --no-train" ""; do
  # shellcheck disable=SC2086
  run "$setup" $arguments
  expect 0 "again with '$arguments'"
  [[ ! -s $log ]] || fail "has something to do with '$arguments' when all is there"
done
ok "--cuda brings what computes on GPUs, beside the rest, and does nothing when all is there"

rm "$deps/cuda/lib/libcudnn.so.9"
run "$setup" --cuda
expect 0 "repair"
same cuda
rm -rf "$deps/cuda"
for kill in 1 4; do
  setsid "$setup" --cuda >"$log" 2>&1 &
  victim=$!
  sleep "$kill.$((RANDOM % 10))"
  kill -9 -- -"$victim" 2>/dev/null || true
  wait "$victim" 2>/dev/null || true
  if [[ -e $deps/cuda ]]; then same cuda; fi
done
run "$setup" --cuda
expect 0 "--cuda after kills"
same cuda
ok "--cuda is repaired and is never half there"

rm -rf "$deps"
run env LIBTORCH="$work/whole/libtorch" "$setup" --cuda
expect 0 "--cuda with a libtorch of one's own"
[[ -e $deps/cuda/lib/libonnxruntime_providers_cuda.so && ! -e $deps/cuda/lib/libtorch_cuda.so ]] || fail "wrong half"
rm -rf "$deps"
run env LIBTORCH="$work/whole/libtorch" ORT_DYLIB_PATH="$work/whole/onnxruntime/LICENSE" "$setup" --cuda
expect 0 "--cuda with both"
[[ ! -e $deps ]] || fail "installed something beside libraries of one's own"
ok "--cuda leaves out what the user brings"

run "$setup" --wrong
expect 2 "unknown argument"
ok "unknown arguments are errors"
