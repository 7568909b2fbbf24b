#!/usr/bin/env bash
# What the harness costs beside the bare training loop: processor time of a step in `bench run` (losses, event file, progress,
# signals, checkpoints by the clock) and of the same step in the example `time_training`, by the difference of a long and a
# short training, so that start and evaluations cancel. The least of REPEATS, in turn.
#
#     scripts/overhead.sh [VARIANT [SHORT [LONG [REPEATS]]]]
set -euo pipefail
cd "$(dirname "$0")/.."

variant=${1:-gan} short=${2:-50} long=${3:-350} repeats=${4:-5}
cargo build --release --quiet -p bench-harness
cargo build --release --quiet -p bench-models --example time_training
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export BENCH_CACHE="$folder/cache" OMP_WAIT_POLICY=passive
TIMEFORMAT='%U %S'

# Seconds of user and system time of a command.
spent() {
    { time "$@" >/dev/null 2>&1; } 2>&1 | awk '{ print $1 + $2 }'
}

bare() {
    spent target/release/examples/time_training "$variant" 1 "$1"
}

harness() {
    rm -rf "$folder/out"
    spent target/release/bench run "$variant" --dataset shapes --budget paper --set "steps=$1" --set evaluation.every=1000000 \
        --set evaluation.generated=100 --set evaluation.reference=100 --extractor embedded --offline --threads 1 \
        --out "$folder/out"
}

harness 1 >/dev/null # fills the cache
for _ in $(seq "$repeats"); do
    echo "$(bare "$short") $(bare "$long") $(harness "$short") $(harness "$long")"
done | awk -v steps=$((long - short)) -v variant="$variant" '
    { bare = ($2 - $1) / steps; with = ($4 - $3) / steps }
    NR == 1 || bare < least_bare { least_bare = bare }
    NR == 1 || with < least_with { least_with = with }
    { printf "%s: %.2f ms a step bare, %.2f ms in bench run\n", variant, 1000 * bare, 1000 * with }
    END {
        printf "%s, least of %d: %.2f and %.2f ms, overhead %.1f %%\n", variant, NR, 1000 * least_bare, 1000 * least_with,
            100 * (least_with / least_bare - 1)
    }'
