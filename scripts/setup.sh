#!/usr/bin/env bash
# Puts the native libraries that the workspace needs into .deps/: libtorch and ONNX Runtime from pinned wheels, and
# OpenBLAS through the system's package manager. Does nothing, quickly, when all is there; may be killed at any point
# and run again, also twice at once: a library folder appears whole, by one rename, or not at all.
#
#   scripts/setup.sh [--no-train] [--cuda] [--dry-run]
#
#   --no-train   leave out libtorch (550 MB to download), which `bench eval` and `bench report` do not need
#   --cuda       bring what computes on NVIDIA GPUs, too (2.8 GB to download, 1.5 GB with --no-train), for a driver of
#                version 580 or newer; the program stays the same and runs with and without it
#   --dry-run    install nothing: say what would be, whether the index has it, and whether driver and disk suffice
#
# LIBTORCH or LIBTORCH_USE_PYTORCH (for libtorch) and ORT_DYLIB_PATH (for ONNX Runtime), where set, are used instead.
# A folder of wheels fetched before is used through pip's own PIP_FIND_LINKS. BENCH_SETUP_ATTEMPTS says how often a
# download is tried (5 times). BENCH_SETUP_DRIVER names the driver of another machine that this one is set up for, such
# as 580.65.06, or none.
#
# Exit codes: 0 ready, 2 bad usage, 4 something is missing that this script cannot provide.
set -euo pipefail

root=$(cd -- "${BASH_SOURCE[0]%/*}/.." && pwd -P)
scripts=$root/scripts
deps=$root/.deps
wheels=$deps/wheels    # whole and checked wheels only
scratch=$deps/scratch  # anything may lie here after a kill; emptied under the lock
layout=1               # raised when what lies inside the folders below changes

readonly attempts=${BENCH_SETUP_ATTEMPTS:-5}
# The least driver for CUDA 13.
readonly driver_needed=580
# What a library takes on the disk while it is unpacked, its wheels included.
readonly -A needed_mib=([libtorch]=1600 [onnxruntime]=100 [openblas]=100 [cuda]=6600 [cuda_scoring]=3400)
# pip takes names of platforms literally: every one the wheels carry is listed.
readonly platforms=(manylinux_2_28_x86_64 manylinux_2_27_x86_64 manylinux_2_25_x86_64 manylinux_2_18_x86_64
  manylinux_2_17_x86_64 manylinux2014_x86_64 manylinux_2_12_x86_64 manylinux2010_x86_64)

say() { printf 'setup: %s\n' "$*" >&2; }

die() {
  say "$1"
  shift
  if (($#)); then printf '  %s\n' "$@" >&2; fi
  exit 4
}

# --- pins ---------------------------------------------------------------------------------------------------------

# pin NAME: the line of wheels.txt that pins it.
pin() {
  local line
  while IFS= read -r line; do
    if [[ $line == "$1=="* ]]; then
      printf '%s\n' "$line"
      return
    fi
  done <"$scripts/wheels.txt"
  die "scripts/wheels.txt does not pin $1" "restore the file from version control"
}

pin_version() {
  local line
  line=$(pin "$1")
  line=${line#*==}
  printf '%s\n' "${line%% *}"
}

pin_sha256() {
  local line
  line=$(pin "$1")
  printf '%s\n' "${line##*sha256:}"
}

# stamp_of NAME...: what a complete folder made of these wheels bears in its file `stamp`.
stamp_of() {
  local name
  printf 'layout %s\n' "$layout"
  for name; do pin "$name"; done
}

# is_complete FOLDER STAMP FILE...: the folder bears the stamp and none of the files was removed since.
is_complete() {
  local folder=$1 stamp=$2 file
  shift 2
  [[ -f $folder/stamp && $(<"$folder/stamp") == "$stamp" ]] || return 1
  for file; do [[ -s $folder/$file ]] || return 1; done
}

# --- what is there ------------------------------------------------------------------------------------------------

readonly torch_wheels=(torch nvidia-cuda-cupti nvidia-cuda-runtime)
readonly torch_files=(
  build-version include/torch/csrc/api/include/torch/torch.h
  lib/libc10.so lib/libtorch_cpu.so lib/libtorch.so lib/libgomp.so.1 lib/libcudart.so.13 lib/libcupti.so.13
)
torch_stamp=$(stamp_of "${torch_wheels[@]}")
ort_stamp=$(stamp_of onnxruntime)
ort_library=libonnxruntime.so.$(pin_version onnxruntime)

# What computes on GPUs lies in one folder, where each library finds the others: what ONNX Runtime needs, and what libtorch
# needs besides.
readonly cuda_scoring_wheels=(nvidia-cuda-runtime nvidia-nvjitlink nvidia-cublas nvidia-cuda-nvrtc nvidia-curand nvidia-cufft
  nvidia-cudnn-cu13 onnxruntime-gpu)
readonly cuda_training_wheels=(nvidia-cufile nvidia-nvshmem-cu13 nvidia-cusparse nvidia-cusparselt-cu13 nvidia-nccl-cu13
  nvidia-cusolver torch)
readonly cuda_scoring_files=("lib/$ort_library" lib/libonnxruntime_providers_cuda.so lib/libonnxruntime_providers_shared.so
  lib/libcudart.so.13 lib/libcublasLt.so.13 lib/libcublas.so.13 lib/libnvrtc.so.13 lib/libcurand.so.10 lib/libcufft.so.12
  lib/libcudnn.so.9 lib/libnvJitLink.so.13)
readonly cuda_training_files=(build-version lib/libtorch_cuda.so lib/libc10_cuda.so lib/libtorch_cuda_linalg.so
  lib/libcusolver.so.12 lib/libcusparse.so.12 lib/libcusparseLt.so.0 lib/libnccl.so.2 lib/libnvshmem_host.so.3
  lib/libcufile.so.0)
cuda_scoring_stamp=$(stamp_of "${cuda_scoring_wheels[@]}")
cuda_stamp=$(stamp_of "${cuda_scoring_wheels[@]}" "${cuda_training_wheels[@]}")

has_cuda() {
  is_complete "$deps/cuda" "$cuda_stamp" "${cuda_scoring_files[@]}" "${cuda_training_files[@]}"
}
# All of it holds this, too.
has_cuda_scoring() { has_cuda || is_complete "$deps/cuda" "$cuda_scoring_stamp" "${cuda_scoring_files[@]}"; }

has_libtorch() { is_complete "$deps/libtorch" "$torch_stamp" "${torch_files[@]}"; }
has_onnxruntime() { is_complete "$deps/onnxruntime" "$ort_stamp" "$ort_library"; }

# Tried by linking, for that is what the build will do; a BLAS without LAPACK fails here too.
has_openblas() {
  local folder flags=() status=0
  if [[ $(uname -s) == Darwin ]]; then
    flags=(-L"$(brew --prefix openblas 2>/dev/null || true)/lib")
  elif command -v pkg-config >/dev/null; then
    read -ra flags < <(pkg-config --libs-only-L openblas 2>/dev/null) || true
  fi
  folder=$(mktemp -d) || die "cannot make a temporary folder" "set TMPDIR to a folder that can be written"
  printf 'void dsyevd_(void);\nint main(void) { dsyevd_(); return 0; }\n' >"$folder/link.c"
  cc -o "$folder/link" "$folder/link.c" ${flags[@]+"${flags[@]}"} -lopenblas 2>/dev/null || status=1
  rm -rf "$folder"
  return "$status"
}

# --- tools --------------------------------------------------------------------------------------------------------

# require COMMAND WHAT...: dies with the advice when the command is missing.
require() {
  local command=$1
  shift
  command -v "$command" >/dev/null || die "$command is missing" "$@"
}

require_tools() {
  require cargo "install Rust 1.95 or newer with rustup (or the system's packages) and put cargo on the PATH"
  local advice=("Debian, Ubuntu: apt-get install build-essential" "Fedora: dnf install gcc-c++ make"
    "Arch: pacman -S base-devel" "macOS: xcode-select --install")
  require cc "${advice[@]}"
  if [[ $train == yes ]]; then require c++ "${advice[@]}"; fi
}

# Sets `pip` to the command that runs pip.
find_pip() {
  local advice=("Debian, Ubuntu: apt-get install python3 python3-pip" "Fedora: dnf install python3 python3-pip"
    "Arch: pacman -S python python-pip" "or set LIBTORCH and ORT_DYLIB_PATH to libraries of your own")
  require python3 "${advice[@]}"
  if python3 -m pip --version >/dev/null 2>&1; then
    pip=(python3 -m pip)
  elif command -v pip3 >/dev/null; then
    pip=(pip3)
  else
    die "pip is missing (python3 is there)" "${advice[@]}"
  fi
}

# The wheels are built for x86-64 Linux with glibc 2.28; elsewhere the libraries come from the user.
require_wheel_platform() {
  local glibc
  glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null || true)
  glibc=${glibc#glibc }
  if [[ $(uname -s)-$(uname -m) == Linux-x86_64 && -n $glibc &&
    $(printf '2.28\n%s\n' "$glibc" | sort -V | head -n 1) == 2.28 ]]; then
    return
  fi
  die "no pinned libraries for this machine ($(uname -s) $(uname -m), ${glibc:+glibc }${glibc:-no glibc});" \
    "they exist for x86-64 Linux with glibc 2.28 or newer. Install by hand and set:" \
    "ORT_DYLIB_PATH   the file of ONNX Runtime 1.22 or newer: libonnxruntime.so, .dylib or .dll" \
    "LIBTORCH         the folder of libtorch $(pin_version torch) with its include/ and lib/, or LIBTORCH_USE_PYTORCH=1 to" \
    "                 use the PyTorch $(pin_version torch) of python3 (neither is needed with --no-train)"
}

# free_mib: space on the disk that .deps lies on, or will; nothing where it cannot be told.
free_mib() {
  local folder=$deps
  while [[ ! -e $folder ]]; do folder=$(dirname -- "$folder"); done
  df -Pk "$folder" | awk 'NR == 2 { print int($4 / 1024) }'
}

# sum_needed LIBRARY...: what all of them take. One is unpacked after the other, but what is unpacked stays.
sum_needed() {
  local library sum=0
  for library; do sum=$((sum + needed_mib[$library])); done
  printf '%s\n' "$sum"
}

# require_space LIBRARY...
require_space() {
  local free needed
  free=$(free_mib)
  needed=$(sum_needed "$@")
  if [[ $free =~ ^[0-9]+$ ]] && ((free < needed)); then
    die "$deps has $free MiB free; unpacking $* takes $needed MiB for a while" \
      "free some space, or link .deps to a folder on another disk"
  fi
}

# Sets `driver` to the version of NVIDIA's driver, or to nothing.
find_driver() {
  driver=${BENCH_SETUP_DRIVER:-}
  if [[ $driver == none ]]; then driver=; return; fi
  if [[ -n $driver ]]; then return; fi
  if command -v nvidia-smi >/dev/null; then
    driver=$(nvidia-smi --query-gpu=driver_version --format=csv,noheader 2>/dev/null | head -n 1 || true)
  fi
  if [[ ! $driver =~ ^[0-9]+ && -r /proc/driver/nvidia/version ]]; then
    driver=$(awk '/NVRM version/ { for (i = 1; i <= NF; i++) if ($i ~ /^[0-9]+\.[0-9.]+$/) { print $i; exit } }' \
      /proc/driver/nvidia/version)
  fi
  if [[ ! $driver =~ ^[0-9]+ ]]; then driver=; fi
}

# What is wrong with the driver, in words; nothing if nothing is.
driver_fault() {
  find_driver
  if [[ -z $driver ]]; then
    printf 'no NVIDIA driver is installed, and without one no GPU computes\n'
  elif ((${driver%%.*} < driver_needed)); then
    printf 'the NVIDIA driver is of version %s, and CUDA 13 needs %s or newer\n' "$driver" "$driver_needed"
  fi
}

require_driver() {
  local fault
  fault=$(driver_fault)
  if [[ -n $fault ]]; then
    die "$fault" "install a driver of version $driver_needed or newer (https://www.nvidia.com/drivers)" \
      "to set up for another machine, such as in an image, let BENCH_SETUP_DRIVER name its driver: 580.65.06" \
      "without --cuda the program computes on the CPU"
  fi
}

# --- changes, all under the lock ----------------------------------------------------------------------------------

# One set-up at a time. Programs started from here inherit the lock: what a killed set-up left running ends first.
lock() {
  if ! { mkdir -p "$deps" && : >>"$deps/lock"; } 2>/dev/null; then
    die "cannot write $deps" "make the folder writable, or link .deps to one that is"
  fi
  exec 9>>"$deps/lock"
  if command -v flock >/dev/null; then
    if ! flock -n 9; then
      say "another set-up is running here, waiting for it"
      flock 9
    fi
  elif command -v python3 >/dev/null; then
    python3 -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)'
  fi
  keep_finished_downloads
  rm -rf "$scratch"
  mkdir -p "$scratch" "$wheels"
  trap 'rm -rf "$scratch"' EXIT
}

# A wheel whose download ended after its set-up was killed need not be fetched again (it is checked before use).
keep_finished_downloads() {
  local wheel
  for wheel in "$scratch"/download/*.whl; do
    if [[ -f $wheel ]]; then mkdir -p "$wheels" && mv -f "$wheel" "$wheels/"; fi
  done
}

# find_wheel NAME: prints the path of the pinned wheel in .deps/wheels, if it is there.
find_wheel() {
  local wheel
  for wheel in "$wheels/${1//-/_}-$(pin_version "$1")"-*.whl; do
    if [[ -f $wheel ]]; then
      printf '%s\n' "$wheel"
      return
    fi
  done
}

# fetch NAME: downloads the pinned wheel, unless it is there. pip checks the SHA-256, unpack_wheel.py does again.
fetch() {
  local name=$1 log=$deps/pip.log attempt pause=2 options=() platform
  if [[ -n $(find_wheel "$name") ]]; then return; fi
  if [[ -z ${pip+set} ]]; then
    find_pip
    pip_options=()
    if "${pip[@]}" download --help 2>/dev/null | grep -q -- --resume-retries; then pip_options+=(--resume-retries 20); fi
    require_space "${missing[@]}"
  fi
  for platform in "${platforms[@]}"; do options+=(--platform "$platform"); done
  options+=(${pip_options[@]+"${pip_options[@]}"})

  pin "$name" >"$scratch/requirement.txt"
  say "downloading $name $(pin_version "$name")"
  for ((attempt = 1; attempt <= attempts; attempt++)); do
    rm -rf "$scratch/download" "$scratch/pip"
    mkdir -p "$scratch/download" "$scratch/pip"
    # pip's own temporary files go to the disk that was found large enough, and away with the rest after a kill.
    if TMPDIR=$scratch/pip PIP_REQUIRE_VIRTUALENV=0 "${pip[@]}" download --quiet --no-deps --no-cache-dir \
      --disable-pip-version-check --only-binary=:all: --python-version 3.11 --implementation cp --abi cp311 \
      "${options[@]}" --require-hashes --dest "$scratch/download" --requirement "$scratch/requirement.txt" \
      </dev/null >"$log" 2>&1; then
      mv -f "$scratch"/download/*.whl "$wheels/"
      rm -f "$log"
      return
    fi
    if ((attempt < attempts)); then
      say "attempt $attempt of $attempts failed, again in $pause s: $(last_error "$log")"
      sleep "$pause"
      pause=$((pause * 2))
    fi
  done
  die "failed to download $name $(pin_version "$name") in $attempts attempts: $(last_error "$log")" \
    "pip's messages are in $log" \
    "check the network and pip's settings (pip config list), then run this again: what is finished is kept" \
    "without a network, put the wheels that scripts/wheels.txt names into a folder and set PIP_FIND_LINKS to it," \
    "or set LIBTORCH and ORT_DYLIB_PATH to libraries of your own"
}

# last_error LOG: the last thing that pip called an error.
last_error() {
  local line
  line=$(grep -E '^ *ERROR:|Error:|error:' "$1" | tail -n 1 || true)
  printf '%s\n' "${line:-no reason given}"
}

# unpack FOLDER NAME RULE...: copies members of the pinned wheel, fetched if need be, into a folder.
# A wheel that turns out damaged is fetched once more.
unpack() {
  local folder=$1 name=$2 round wheel status
  shift 2
  for round in first second; do
    fetch "$name"
    wheel=$(find_wheel "$name")
    status=0
    python3 "$scripts/unpack_wheel.py" "$wheel" "$(pin_sha256 "$name")" "$folder" "$@" || status=$?
    case $status in
      0) return ;;
      3)
        rm -f "$wheel"
        if [[ $round == first ]]; then say "that wheel is damaged, fetching it again"; fi
        ;;
      *) break ;;
    esac
  done
  die "failed to unpack $name $(pin_version "$name") into $folder" \
    "free disk space or mend what is named above, then run this again"
}

# install NAME STAMP WHEEL...: puts scratch/NAME in the place of .deps/NAME and drops the wheels it came from.
install() {
  local name=$1 stamp=$2 wheel
  shift 2
  printf '%s\n' "$stamp" >"$scratch/$name/stamp"
  sync -f "$scratch/$name" 2>/dev/null || true
  if [[ -e $deps/$name || -L $deps/$name ]]; then mv -T "$deps/$name" "$scratch/$name.old"; fi
  mv -T "$scratch/$name" "$deps/$name"
  for wheel; do
    wheel=$(find_wheel "$wheel")
    if [[ -n $wheel ]]; then rm -f "$wheel"; fi
  done
  say "$name is ready"
}

install_libtorch() {
  local new=$scratch/libtorch
  require_wheel_platform
  # The small ones first: what is wrong shows before the long download.
  unpack "$new" nvidia-cuda-runtime 'nvidia/cu13/lib/libcudart.so.13=lib/' '*/licenses/License.txt=LICENSE-cuda'
  unpack "$new" nvidia-cuda-cupti 'nvidia/cu13/lib/libcupti.so.13=lib/'
  unpack "$new" torch 'torch/include/*=include/' 'torch/lib/libc10.so=lib/' 'torch/lib/libtorch_cpu.so=lib/' \
    'torch/lib/libgomp.so.1=lib/' '*/licenses/LICENSE=LICENSE' '*/licenses/NOTICE=NOTICE'
  # The wheel's own libtorch.so needs the CUDA build; all that a CPU program needs of it is in libtorch_cpu.so.
  printf 'INPUT(-ltorch_cpu)\n' >"$new/lib/libtorch.so"
  pin_version torch >"$new/build-version"
  # The wheel of torch holds the half for GPUs as well.
  if [[ " ${missing[*]} " == *" cuda "* ]]; then
    install libtorch "$torch_stamp"
  else
    install libtorch "$torch_stamp" "${torch_wheels[@]}"
  fi
}

unpack_cuda_scoring() {
  local new=$scratch/cuda nvidia=nvidia/cu13/lib
  unpack "$new" nvidia-cuda-runtime "$nvidia/libcudart.so.13=lib/" '*/licenses/License.txt=LICENSE-cuda'
  unpack "$new" nvidia-nvjitlink "$nvidia/libnvJitLink.so.13=lib/"
  unpack "$new" nvidia-cublas "$nvidia/libcublas.so.13=lib/" "$nvidia/libcublasLt.so.13=lib/"
  unpack "$new" nvidia-cuda-nvrtc "$nvidia/libnvrtc.so.13=lib/" "$nvidia/libnvrtc-builtins.so.13.*=lib/"
  unpack "$new" nvidia-curand "$nvidia/libcurand.so.10=lib/"
  unpack "$new" nvidia-cufft "$nvidia/libcufft.so.12=lib/"
  unpack "$new" nvidia-cudnn-cu13 'nvidia/cudnn/lib/libcudnn*.so.9=lib/'
  unpack "$new" onnxruntime-gpu "onnxruntime/capi/$ort_library=lib/" \
    'onnxruntime/capi/libonnxruntime_providers_cuda.so=lib/' \
    'onnxruntime/capi/libonnxruntime_providers_shared.so=lib/' \
    'onnxruntime/LICENSE=LICENSE-onnxruntime' 'onnxruntime/ThirdPartyNotices.txt=ThirdPartyNotices-onnxruntime.txt'
}

unpack_cuda_training() {
  local new=$scratch/cuda nvidia=nvidia/cu13/lib
  unpack "$new" nvidia-cufile "$nvidia/libcufile.so.0=lib/"
  unpack "$new" nvidia-nvshmem-cu13 'nvidia/nvshmem/lib/libnvshmem_host.so.3=lib/'
  unpack "$new" nvidia-cusparse "$nvidia/libcusparse.so.12=lib/"
  unpack "$new" nvidia-cusparselt-cu13 'nvidia/cusparselt/lib/libcusparseLt.so.0=lib/'
  unpack "$new" nvidia-nccl-cu13 'nvidia/nccl/lib/libnccl.so.2=lib/'
  unpack "$new" nvidia-cusolver "$nvidia/libcusolver.so.12=lib/"
  unpack "$new" torch 'torch/lib/libc10_cuda.so=lib/' 'torch/lib/libtorch_cuda.so=lib/' \
    'torch/lib/libtorch_cuda_linalg.so=lib/' 'torch/lib/libtorch_nvshmem.so=lib/' 'torch/lib/libcaffe2_nvrtc.so=lib/' \
    '*/licenses/LICENSE=LICENSE-torch' '*/licenses/NOTICE=NOTICE-torch'
  pin_version torch >"$new/build-version"
}

install_cuda_scoring() {
  require_wheel_platform
  unpack_cuda_scoring
  install cuda "$cuda_scoring_stamp" "${cuda_scoring_wheels[@]}"
}

install_cuda() {
  require_wheel_platform
  unpack_cuda_scoring
  unpack_cuda_training
  install cuda "$cuda_stamp" "${cuda_scoring_wheels[@]}" "${cuda_training_wheels[@]}" "${torch_wheels[@]}"
}

install_onnxruntime() {
  require_wheel_platform
  unpack "$scratch/onnxruntime" onnxruntime "onnxruntime/capi/$ort_library=$ort_library" \
    'onnxruntime/LICENSE=LICENSE' 'onnxruntime/ThirdPartyNotices.txt=ThirdPartyNotices.txt'
  install onnxruntime "$ort_stamp" onnxruntime
}

last_apt_message() {
  local line
  line=$(grep -E '^(E|W):' "$1" | tail -n 1 || true)
  printf '%s\n' "${line:-a program that needs -lopenblas does not link}"
}

install_openblas() {
  local advice=("Debian, Ubuntu: apt-get install libopenblas-dev" "Fedora: dnf install openblas-devel"
    "Arch: pacman -S openblas" "macOS: brew install openblas") log=$deps/apt.log as_root=() apt
  if ! command -v apt-get >/dev/null; then die "OpenBLAS is missing" "${advice[@]}"; fi
  if ((EUID != 0)); then
    if ! sudo -n true 2>/dev/null; then die "OpenBLAS is missing, and installing it takes root" "${advice[@]}"; fi
    as_root=(sudo -n)
  fi
  say "installing libopenblas-dev with apt-get"
  apt=(${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300
    -o Acquire::Retries=3)
  if ! { "${apt[@]}" install -y --no-install-recommends libopenblas-dev ||
    { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends libopenblas-dev; }; } \
    </dev/null >"$log" 2>&1 || ! has_openblas; then
    die "OpenBLAS is still missing after apt-get: $(last_apt_message "$log")" "its messages are in $log" "${advice[@]}"
  fi
  rm -f "$log"
}

# --- what the user brings -----------------------------------------------------------------------------------------

# is_own PATH FOLDER: PATH lies in that folder of .deps, so it is ours to make, whoever exported it.
is_own() { [[ $1 == "$deps/$2" || $1 == "$deps/$2"/* || $1 == ".deps/$2" || $1 == ".deps/$2"/* ]]; }

brings_libtorch() {
  if [[ -n ${LIBTORCH_USE_PYTORCH+set} ]]; then
    say "libtorch: the PyTorch of python3 (LIBTORCH_USE_PYTORCH is set)"
  elif [[ -z ${LIBTORCH:-} ]] || is_own "$LIBTORCH" libtorch; then
    return 1
  elif [[ -d ${LIBTORCH_INCLUDE:-$LIBTORCH}/include && -d ${LIBTORCH_LIB:-$LIBTORCH}/lib ]]; then
    say "libtorch: $LIBTORCH (LIBTORCH is set)"
  else
    die "LIBTORCH is $LIBTORCH, which has no include/ and lib/" "correct it, or unset it to have libtorch installed"
  fi
}

brings_onnxruntime() {
  if [[ -z ${ORT_DYLIB_PATH:-} ]] || is_own "$ORT_DYLIB_PATH" onnxruntime; then return 1; fi
  if [[ ! -f $ORT_DYLIB_PATH ]]; then
    die "ORT_DYLIB_PATH is $ORT_DYLIB_PATH, which is no file" "correct it, or unset it to have ONNX Runtime installed"
  fi
  say "ONNX Runtime: $ORT_DYLIB_PATH (ORT_DYLIB_PATH is set)"
}

# --- what would be done -------------------------------------------------------------------------------------------

# wheels_of LIBRARY...: the wheels that they are made of, each once.
wheels_of() {
  local library
  for library; do
    case $library in
      libtorch) printf '%s\n' "${torch_wheels[@]}" ;;
      onnxruntime) printf '%s\n' onnxruntime ;;
      cuda_scoring) printf '%s\n' "${cuda_scoring_wheels[@]}" ;;
      cuda) printf '%s\n' "${cuda_scoring_wheels[@]}" "${cuda_training_wheels[@]}" ;;
    esac
  done | awk '!seen[$0]++'
}

# dry_run LIBRARY...: says whether they could be installed, and exits with 0 or 4.
dry_run() {
  local faults=0 fault free needed name names
  if (($# == 0)); then
    say "all is there, nothing would be installed"
    exit 0
  fi
  say "would install: $*"
  if [[ $cuda == yes ]]; then
    fault=$(driver_fault)
    find_driver
    say "driver: ${fault:-version $driver, which suffices}"
    if [[ -n $fault ]]; then faults=$((faults + 1)); fi
  fi
  free=$(free_mib)
  needed=$(sum_needed "$@")
  if [[ $free =~ ^[0-9]+$ ]] && ((free < needed)); then
    say "disk: $free MiB are free, and $needed MiB are needed"
    faults=$((faults + 1))
  else
    say "disk: ${free:-unknown} MiB are free, $needed MiB are needed"
  fi
  find_pip
  mapfile -t names < <(wheels_of "$@")
  for name in ${names[@]+"${names[@]}"}; do pin "$name"; done |
    python3 "$scripts/check_wheels.py" "${pip[@]}" || faults=$((faults + 1))
  if ((faults)); then
    say "$faults of these would keep it from being installed"
    exit 4
  fi
  exit 0
}

# --- main ---------------------------------------------------------------------------------------------------------

usage() { sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//;p;}' "${BASH_SOURCE[0]}"; }

train=yes
cuda=no
dry=no
for argument; do
  case $argument in
    --no-train) train=no ;;
    --cuda) cuda=yes ;;
    --dry-run) dry=yes ;;
    -h | --help)
      usage
      exit 0
      ;;
    *)
      say "unknown argument $argument; see scripts/setup.sh --help"
      exit 2
      ;;
  esac
done

require_tools
missing=()
own_libtorch=no
if [[ $train == yes ]]; then
  if brings_libtorch; then own_libtorch=yes; elif ! has_libtorch; then missing+=(libtorch); fi
fi
own_onnxruntime=no
if brings_onnxruntime; then own_onnxruntime=yes; elif ! has_onnxruntime; then missing+=(onnxruntime); fi
if [[ $cuda == yes ]]; then
  # Whoever brings a library brings the half of it that computes on GPUs.
  if [[ $train == yes && $own_libtorch == no ]]; then
    if ! has_cuda; then missing+=(cuda); fi
  elif [[ $own_onnxruntime == no ]] && ! has_cuda_scoring; then
    missing+=(cuda_scoring)
  fi
fi
if ! has_openblas; then missing+=(openblas); fi
if [[ $dry == yes ]]; then dry_run ${missing[@]+"${missing[@]}"}; fi
if ((${#missing[@]} == 0)); then exit 0; fi
if [[ " ${missing[*]} " == *" cuda"* ]]; then require_driver; fi

lock
for library in "${missing[@]}"; do
  # Another set-up may have provided it while this one waited.
  if ! "has_$library"; then "install_$library"; fi
done
