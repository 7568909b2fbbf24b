#!/usr/bin/env bash
# Trains every variant for some minutes on real images and writes FID before and after into docs/variants.md.
#
#     scripts/learning.sh [--out DIR] [--jobs N] DATA [VARIANT...]
#
# DATA is the folder of the datasets: CIFAR-10, and MNIST for the fully connected GAN. Without VARIANTs every one is trained,
# which takes hours on two cores; N run side by side (2), each on one thread. Images are 32x32, batches 16 and
# residual and deep networks narrowed, the generator averaged over some hundred steps (`ema_decay`), since so short a training
# swings. The numbers show that training works and rank nothing. A run that is there already is not repeated. Exit code 1 if
# a run failed, or no run of a loss or of a kind of network ended below half of its untrained FID.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

usage() {
  sed -n '2,10s/^# \{0,1\}//p' "$0" >&2
  exit 2
}

out=target/learning jobs=2
while [[ ${1-} == --* ]]; do
  case $1 in
    --out) out=${2:?} ;;
    --jobs) jobs=${2:?} ;;
    *) usage ;;
  esac
  shift 2
done
(($# > 0)) || usage
bench=${BENCH:-target/release/bench} data=$1
shift
variants=("$@")
if ((${#variants[@]} == 0)); then
  mapfile -t variants < <("$bench" list variants | awk '/^[a-z]/ { print $1 }')
fi

# Trains one variant for as many steps as it takes to see it learn.
train() {
  local variant=$1 dataset=cifar10 steps=1000 set=()
  case $variant in
    gan) dataset=mnist steps=4000 ;;
    lsgan) steps=3000 ;;
    wgan | wgan-m1 | sagan64) steps=300 ;;
    wgan-gp | dcgan-m1 | dcgan-m4 | wgan-m2) steps=500 ;;
    sngan-*) steps=600 set+=(generator_channels=32 discriminator_channels=32) ;;
    sadcgan-* | sagan32) steps=1000 set+=(generator_channels=32 discriminator_channels=32) ;;
    dcgan64 | dcgan-deep) set+=(generator_channels=64) ;;
  esac
  set+=("steps=$steps" batch_size=16 accumulate=1 ema_decay=0.98 "evaluation.every=$steps" evaluation.generated=2000
    evaluation.reference=10000 evaluation.parameters.kid.subsets=10 evaluation.parameters.kid.subset_size=200)
  OMP_WAIT_POLICY=passive "$bench" run "$variant" --dataset "$dataset" --image-size 32 --data "$data" \
    --extractor embedded --threads 1 --out "$out" "${set[@]/#/--set=}" >/dev/null 2>"$out/$variant.log" ||
    { echo "$variant failed: see $out/$variant.log" >&2; return 1; }
  tail -n 1 "$out/$variant.log"
}
export -f train
export bench data out

mkdir -p "$out"
failed=0
printf '%s\n' "${variants[@]}" | xargs -P "$jobs" -I{} bash -c 'train "$1"' _ {} || failed=1

python3 - "$out" docs/variants.md <<'PYTHON' || failed=1
import json, pathlib, re, sys, tomllib

out, page = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
heading = "## What a short training does"
penalties = {
    "gradient_penalty": "gradient penalty", "r1": "R1", "dragan": "DRAGAN", "weight_clip": "clipping",
    "class_weight": "classes", "label_smoothing": "smoothing",
}
networks = {
    "gan": "fully connected", "sagan64": "DCGAN with attention", "sagan32": "residual with attention",
    "sadcgan-.*": "blocks with attention", "(dc|c|w)gan-m.*": "blocks", "sngan-.*": "residual", ".*": "DCGAN",
}
losses = {"bce": "cross-entropy", "least-squares": "least squares", "wasserstein": "Wasserstein"}
listed = page.read_text().split(heading)[0].rstrip("\n")
order = re.findall(r"^\| \[`(.*?)`\]", listed, re.M)
rows, families = [], {}
for path in sorted(out.glob("*/*/record.json"), key=lambda path: order.index(json.loads(path.read_text())["variant"])):
    record = json.loads(path.read_text())
    recipe = tomllib.loads(path.with_name("config.toml").read_text())["recipe"]
    before, after = ((record.get(when) or {}).get("fid") for when in ("untrained", "metrics"))
    if before is None or after is None:
        continue
    variant, ratio = record["variant"], after / before
    terms = [name for key, name in penalties.items() if recipe[key] > 0]
    loss = ", ".join([losses.get(recipe["loss"], recipe["loss"]), *terms])
    network = next(name for pattern, name in networks.items() if re.fullmatch(pattern, variant))
    for family in (loss, network):
        families[family] = min(ratio, families.get(family, ratio))
    rows.append(
        f"| `{variant}` | {loss} | {network} | {record['dataset']} | {record['steps']} "
        f"| {before:.2f} | {after:.2f} | {ratio:.2f} |"
    )
page.write_text(f"""{listed}

{heading}

FID by the embedded extractor (2000 generated images against 10 000 of the train split) before and after some minutes of
training on one CPU core, batch 16 at 32x32, residual and deep networks narrowed, the generator averaged (`ema_decay` 0.98);
written by `scripts/learning.sh`. It shows what learns in so short a time and ranks nothing: no run is anywhere near the
length that its report asks for. A variant that is missing has no run with these settings.

| variant | loss | network | dataset | steps | untrained | trained | ratio |
| --- | --- | --- | --- | ---: | ---: | ---: | ---: |
""" + "\n".join(rows) + "\n")
slow = [family for family, ratio in families.items() if ratio > 0.5]
if slow:
    sys.exit(f"no run below half of its untrained FID: {'; '.join(slow)}")
PYTHON
exit $failed
