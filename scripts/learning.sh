#!/usr/bin/env bash
# Trains variants shortly on real images and writes FID before and after into docs/variants.md.
#
#     scripts/learning.sh [--out DIR] [--steps N] DATA [VARIANT...]
#
# DATA is the folder of the datasets (MNIST is used); without VARIANTs every one is trained, which takes an hour or two on
# two cores. Images are 32x32, batches 32 and the widest networks narrowed, so the numbers show that training works and
# rank nothing. A run that is there already is not repeated. Exit code 1 if a run failed.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

out=target/learning steps=400
while [[ ${1-} == --* ]]; do
  case $1 in
    --out) out=$2 ;;
    --steps) steps=$2 ;;
    *) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 2 ;;
  esac
  shift 2
done
if (($# == 0)); then
  echo "name the folder of the datasets; see the head of $0" >&2
  exit 2
fi
data=$1
shift
variants=("$@")
if ((${#variants[@]} == 0)); then
  mapfile -t variants < <(target/release/bench list variants | awk '/^[a-z]/ { print $1 }')
fi

failed=0
for variant in "${variants[@]}"; do
  set=(steps="$steps" batch_size=32 accumulate=1 evaluation.every="$steps" evaluation.generated=1000
    evaluation.reference=2000 evaluation.kid_subsets=10 evaluation.kid_subset_size=200)
  case $variant in
    sngan-* | sagan32) set+=(generator_channels=64 discriminator_channels=64) ;;
    dcgan64 | dcgan-deep) set+=(generator_channels=64) ;;
  esac
  target/release/bench run "$variant" --dataset mnist --image-size 32 --data "$data" --extractor embedded --out "$out" \
    "${set[@]/#/--set=}" >/dev/null || failed=1
done

python3 - "$out" docs/variants.md "$steps" <<'PYTHON'
import json, pathlib, sys

out, page, steps = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
heading = "## What a short training does"
rows = []
for path in sorted(out.glob("*/*/record.json")):
    record = json.loads(path.read_text())
    before, after = ((record.get(when) or {}).get("fid") for when in ("untrained", "metrics"))
    if record["steps"] == steps and before is not None and after is not None:
        rows.append(f"| `{record['variant']}` | {before:.2f} | {after:.2f} | {after / before:.2f} |")
listed = page.read_text().split(heading)[0].rstrip("\n")
page.write_text(f"""{listed}

{heading}

FID by the embedded extractor (1000 generated images against 2000 of MNIST) before training and after {steps} steps of
batch 32 at 32x32, residual and deep networks narrowed; written by `scripts/learning.sh`.

| variant | untrained | trained | ratio |
| --- | ---: | ---: | ---: |
""" + "\n".join(rows) + "\n")
PYTHON
exit $failed
