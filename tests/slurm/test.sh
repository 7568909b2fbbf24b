#!/usr/bin/env bash
# `bench submit` on a real Slurm: a small suite as a job array whose elements are cancelled, killed, stopped at their time limit
# and by a signal, and whose node is taken down, ends in the tables and files of the same suite run on this machine.
#
#   tests/slurm/test.sh [PROGRAM]     target/release/bench by default
#
# It installs Slurm (tests/slurm/slurm.sh) and therefore needs root and apt-get; without them it says that it skips.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
bench=$(realpath "${1:-$here/../../target/release/bench}")

if [[ $EUID -ne 0 ]] || ! command -v apt-get >/dev/null; then
  echo "skipped: a Slurm of one's own takes root and apt-get"
  exit 0
fi
"$here/slurm.sh" install

root=$(mktemp -d)
chmod 755 "$root"
finish() {
  local code=$?
  if ((code)); then
    squeue --array || true
    tail -n 15 "$root"/work/*/.cluster/*/logs/* || true
  fi
  "$here/slurm.sh" stop "$root/slurm"
  rm -rf "$root"
  exit "$code"
}
trap finish EXIT
"$here/slurm.sh" start "$root/slurm"
export SLURM_CONF=$root/slurm/slurm.conf BENCH_CACHE=$root/cache OMP_WAIT_POLICY=passive
mkdir "$root/work"
cd "$root/work"

say() { printf '%(%T)T %s\n' -1 "$*"; }
fail() {
  echo "FAILED: $*"
  exit 1
}

# until_is SECONDS WHAT COMMAND...: waits until the command succeeds.
until_is() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    if ((SECONDS > end)); then fail "$what"; fi
    sleep 0.2
  done
}

cat >suite.toml <<'TOML'
name = "cluster"
title = "Small runs"
[evaluation]
generated = 60
reference = 60
every = 100
parameters.kid = { subsets = 5, subset_size = 20 }
[[runs]]
name = "long"
variant = "dcgan"
dataset = "digits"
set = { steps = 700 }
[[runs]]
name = "penalised"
variant = "wgan-gp"
dataset = "digits"
set = { steps = 300 }
[[runs]]
variant = "gan"
dataset = "digits"
set = { steps = 400 }
[[ground_truths]]
name = "real"
dataset = "digits"
image_size = 32
evaluation = { split = "test" }
[budgets.quick]
set = { batch_size = 8, generator_channels = 8, discriminator_channels = 8 }
TOML
study=(--suite suite.toml --seeds 0,1 --extractor embedded --offline --threads 1)
results="results of it's \$(touch broken) 100% #1"

# running: elements that train, each as ID PROCESS NODE; not the one that is held.
running() {
  "$bench" status "$results" --json 2>/dev/null |
    python3 -c '
import json, sys
for run in json.load(sys.stdin)["runs"]:
    job = run.get("cluster") or {}
    if job.get("state") == "running" and run["step"] > 20 and run["process"] and job["id"] != sys.argv[1]:
        print(job["id"], run["process"], job["node"])' "${held:-}"
}
pick() { read -r id process node < <(running | sed -n 1p); }
nothing_queued() { [[ -z $(squeue --noheader) ]]; }
logged() { grep -q "$1" "$results"/.cluster/*/logs/*.log; }
# saved ID: an element that was signalled saved itself and was queued again.
saved() { grep -q 'code 5: queued again' "$results"/.cluster/*/logs/"${1#*_}.log"; }
# left_alone: a run is neither done nor queued.
left_alone() {
  "$bench" status "$results" --json 2>/dev/null |
    python3 -c '
import json, sys
sys.exit(all(run["state"] == "done" or run.get("cluster") for run in json.load(sys.stdin)["runs"]))'
}

# disturb WHAT SIGN... -- COMMAND...: has the command done to an element that trains, again if it ended just before, until the
# sign shows. The command finds it in $id, $process and $node.
disturb() {
  local what=$1 sign=() try end
  shift
  while [[ $1 != -- ]]; do
    sign+=("$1")
    shift
  done
  shift
  for ((try = 0; try < 5; try++)); do
    until_is 90 "no element runs" pick
    say "$id on $node $what"
    "$@" || true
    end=$((SECONDS + 15))
    while ((SECONDS < end)); do
      if "${sign[@]}"; then return; fi
      sleep 0.2
    done
  done
  fail "it never $what"
}
take_down() {
  if [[ -n ${down:-} ]]; then scontrol update NodeName="$down" State=RESUME; fi
  down=$node
  scontrol update NodeName="$down" State=DOWN Reason=test
}
kill_process() { kill -9 "$process"; }
signal() {
  signalled=$id
  scancel --signal=USR1 --batch "$id"
}
signal_saved() { saved "$signalled"; }
# hold: stops the process of an element that trains, so that it meets its time limit however fast the machine is.
hold() {
  pick && kill -STOP "$process" && held=$id
}
# let_go_when_signalled PROCESS: lets it go on once Slurm's warning waits for it.
let_go_when_signalled() {
  local end=$((SECONDS + 85)) pending
  while ((SECONDS < end)); do
    pending=$(awk '$1 == "ShdPnd:" { print $2 }' "/proc/$1/status")
    if ((16#$pending & 1 << 9)); then break; fi
    sleep 0.2
  done
  kill -CONT "$1"
}
end_for_good() { scancel --signal=KILL --full "$id"; }

say "refused"
code=0
"$bench" submit "${study[@]}" --out "$results" --partition none 2>stderr || code=$?
if [[ $code != 2 ]] || ! grep -q 'Slurm refuses the job `prepare`: .*partition' stderr; then fail "$(cat stderr)"; fi
# The first job is taken, the second is not: no job may stay.
code=0
"$bench" submit "${study[@]}" --out "$results" --device cuda --gpus 1 2>stderr || code=$?
if [[ $code != 2 ]] || ! grep -q 'Slurm refuses the job `runs`' stderr; then fail "$(cat stderr)"; fi
until_is 20 "jobs stay behind" nothing_queued
rm -r "$results"
code=0
PATH=/none "$bench" submit "${study[@]}" --out "$results" 2>stderr || code=$?
if [[ $code != 4 ]] && ! grep -q 'cannot run `squeue`' stderr; then fail "without Slurm: $(cat stderr)"; fi

say "local runs"
"$bench" all "${study[@]}" --out local >/dev/null 2>local.log &
local=$!

# submit [MINUTES]: with a limit that most runs meet, unless told otherwise.
submit() { "$bench" submit "${study[@]}" --out "$results" --time "${1:-1}" --warn 40 2>stderr; }
say "submitted"
submit
submit >again
grep -q '^0 runs to submit, [1-6] queued or running' stderr || fail "submitted twice: $(cat stderr)"

until_is 60 "no element runs" pick
say "cancelled"
"$bench" cancel "$results" >cancelled
grep -q "report" cancelled || fail "the report is not cancelled"
until_is 60 "cancelled jobs stay" nothing_queued
until_is 30 "nothing is saved at a cancel" logged 'stopped and saved'
if logged 'queued again'; then fail "a cancelled element queues itself again"; fi

say "submitted again"
submit
until_is 60 "no element runs" hold
say "$held on $node is held until its time limit"
let_go_when_signalled "$process" &
holder=$!
disturb "is killed (-9)" logged 'code 137: queued again' -- kill_process
disturb "is signalled" signal_saved -- signal
disturb "is on a node that goes down" logged 'NODE FAILURE' -- take_down
disturb "is ended for good" left_alone -- end_for_good
wait "$holder"
until_is 30 "no element was queued again at its time limit" saved "$held"
"$bench" status "$results"
scontrol update NodeName="$down" State=RESUME
until_is 200 "the queue does not end" nothing_queued

say "submitted what is missing"
submit 5
cat stderr
grep -Eq '^[1-6] runs? to submit, 0 queued' stderr || fail "nothing was missing"
until_is 200 "the queue does not end" nothing_queued
"$bench" status "$results"
wait "$local"

say "compared"
cat "$results"/.cluster/*/logs/*.log | grep -o 'code .* queued again\|NODE FAILURE\|resuming at step' | sort | uniq -c
python3 "$here/compare.py" local "$results"
[[ ! -e broken ]] || fail "a shell took the name of the folder for a command"
say "done in $SECONDS s"
