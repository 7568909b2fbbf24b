#!/usr/bin/env bash
# Measures `bench` beside pytorch-fid and torch-fidelity on this machine and writes the table into docs/performance.md.
#
#   scripts/peers.sh [OPTION...]
#
#   --rows NAME,…   only these rows of the table; an unknown name lists them. Needs --print
#   --print         print the section instead of writing it
#   --rounds N      how often each contestant runs (3 times)
#   --images N      PNG files to extract features of (384)
#   --threads N     threads of each contestant (all cores)
#
# The packages, pinned in scripts/peers/requirements.txt, go into an environment of their own, .deps/peers (3 GB to
# download, 5 GB on the disk; less where pip is set to an index of PyTorch's CPU builds). A complete one is used again.
# `make peers` builds the program first.
#
# Exit codes: 0 done, 1 a measurement failed or numbers disagree, 2 bad usage, 4 something is missing here.
set -euo pipefail

root=$(cd -- "${BASH_SOURCE[0]%/*}/.." && pwd -P)
requirements=$root/scripts/peers/requirements.txt
environment=$root/.deps/peers
log=$root/.deps/peers.log
readonly needed_mib=9000

say() { printf 'peers: %s\n' "$*" >&2; }

die() {
  say "$1"
  shift
  if (($#)); then printf '  %s\n' "$@" >&2; fi
  exit 4
}

# Complete when it bears the very pins; anything else is made anew.
is_complete() { [[ -x $environment/bin/python ]] && cmp -s "$requirements" "$environment/stamp"; }

make_environment() {
  local free
  command -v python3 >/dev/null || die "python3 is missing" "install Python 3.11 or newer with venv and pip"
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    die "python3 is $(python3 -V 2>&1), too old for the pinned packages" "put Python 3.11 or newer on the PATH"
  mkdir -p "$root/.deps"
  free=$(df -Pk "$root/.deps" | awk 'NR == 2 { print int($4 / 1024) }')
  if [[ $free =~ ^[0-9]+$ ]] && ((free < needed_mib)); then
    die "$root/.deps has $free MiB free; the reference packages take $needed_mib MiB for a while" \
      "free some space, or link .deps to a folder on another disk"
  fi
  say "installing the reference packages into $environment; this takes a few minutes"
  rm -rf "$environment"
  if ! python3 -m venv "$environment" >"$log" 2>&1; then
    die "cannot make a Python environment: $(tail -n 1 "$log")" "Debian, Ubuntu: apt-get install python3-venv"
  fi
  # vendi-score, in Python alone, is published as source and not as a wheel.
  if ! "$environment/bin/python" -m pip install --disable-pip-version-check --no-cache-dir --only-binary=:all: \
    --no-binary=vendi-score --requirement "$requirements" </dev/null >>"$log" 2>&1; then
    die "pip failed: $(grep -E 'ERROR:|Error:' "$log" | tail -n 1 || true)" "its messages are in $log" \
      "check the network and pip's settings (pip config list), then run this again"
  fi
  cp "$requirements" "$environment/stamp"
  rm -f "$log"
}

case " $* " in
  *" -h "* | *" --help "*)
    sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//;p;}' "${BASH_SOURCE[0]}"
    exit 0
    ;;
esac
if ! is_complete; then make_environment; fi
cd "$root"
if [[ ! -x target/release/bench ]]; then die "target/release/bench is missing" "run make peers, which builds it"; fi
cargo build --release --quiet --package bench-metrics --package bench-models --examples
export PYTHONDONTWRITEBYTECODE=1
exec "$environment/bin/python" scripts/peers/compare.py "$@"
