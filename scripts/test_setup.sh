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
unset LIBTORCH LIBTORCH_LIB LIBTORCH_INCLUDE LIBTORCH_USE_PYTORCH ORT_DYLIB_PATH
export PIP_NO_INDEX=1 PIP_FIND_LINKS=$work/wheels BENCH_SETUP_ATTEMPTS=2
setup=$work/scripts/setup.sh
deps=$work/.deps
log=$work/log

mkdir "$work/scripts" "$work/wheels"
cp "$here/setup.sh" "$here/unpack_wheel.py" "$work/scripts/"

# The wheels, and pins with their hashes.
python3 - "$here/wheels.txt" "$work/scripts/wheels.txt" "$work/wheels" <<'PYTHON'
import hashlib, os, sys, zipfile

source, pins, folder = sys.argv[1:]
CONTENTS = {
    "torch": ["torch/lib/libc10.so", "torch/lib/libtorch_cpu.so", "torch/lib/libgomp.so.1", "torch/lib/libtorch_cuda.so",
              "torch/include/torch/csrc/api/include/torch/torch.h", "torch/include/torch/cuda.h",
              "{info}/licenses/LICENSE", "{info}/licenses/NOTICE"]
             + [f"torch/include/many/{i}.h" for i in range(3000)],
    "nvidia-cuda-runtime": ["nvidia/cu13/lib/libcudart.so.13", "{info}/licenses/License.txt"],
    "nvidia-cuda-cupti": ["nvidia/cu13/lib/libcupti.so.13"],
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

run "$setup" --wrong
expect 2 "unknown argument"
ok "unknown arguments are errors"
