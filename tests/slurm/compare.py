"""Compares two results folders: tables, but for times, and every file of every run that tells of no time."""

import csv
import json
import pathlib
import sys

TIMES = {"wall_seconds", "wall_seconds_mean", "wall_seconds_std"}
TIMED = {"manifest.json", "report.html", "records.jsonl", "report.sha256"}
LASTING = ["status", "steps", "images_seen", "metrics", "best", "untrained", "experiment"]


def table(path):
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    return [{name: cell for name, cell in row.items() if name not in TIMES} for row in rows]


def contents(results):
    files = {}
    for path in sorted(results.rglob("*")):
        name = str(path.relative_to(results))
        if path.is_dir() or name.startswith((".cluster", "queue", "figures")):
            continue
        if name.startswith("tables/"):
            if path.suffix == ".csv":
                files[name] = table(path)
        elif path.name == "record.json":
            record = json.loads(path.read_bytes())
            files[name] = [record.get(key) for key in LASTING]
        elif path.name not in TIMED and "tfevents" not in path.name:
            files[name] = path.read_bytes()
    return files


ours, theirs = (contents(pathlib.Path(argument)) for argument in sys.argv[1:3])
differing = sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
assert any(name.startswith("tables/") for name in ours), "no tables"
if differing:
    sys.exit("differing: " + ", ".join(differing))
print(f"{len(ours)} files are the same")
