"""Measures `bench` beside pytorch-fid and torch-fidelity, in turn, and writes the table into docs/performance.md.

Every contestant gets the same files, weights and number of threads. They run one after the other, round by round; of each
the fastest run counts. Their numbers are compared as well: where they disagree, this ends with an error and writes
nothing. Runs in the environment that scripts/peers.sh makes.
"""

import argparse
import importlib.metadata
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import time

import document
from contest import Contest, Failure, Tools
from rows import ROWS

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = ("pytorch-fid", "torch-fidelity", "torch", "numpy", "scipy")


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/peers.sh", description=__doc__.split("\n\n")[0])
    names = [row.name for row in ROWS]
    parser.add_argument("--rows", default=",".join(names), help=f"what to measure, of {', '.join(names)}; default: all")
    parser.add_argument("--rounds", type=int, default=3, help="how often each contestant runs; default: 3")
    parser.add_argument("--images", type=int, default=384, help="PNG files to extract features of; default: 384")
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    parser.add_argument("--threads", type=int, default=threads, help="threads of each contestant; default: all cores")
    parser.add_argument("--print", action="store_true", help="print the section instead of writing it")
    options = parser.parse_args()
    options.rows = options.rows.split(",")
    unknown = sorted(set(options.rows) - set(names))
    if unknown:
        parser.error(f"no such row: {', '.join(unknown)}; there are {', '.join(names)}")
    if options.rounds < 1 or options.threads < 1 or options.images < 64:
        parser.error("at least 1 round, 1 thread and 64 images are needed")
    if len(options.rows) < len(names) and not options.print:
        parser.error("the document holds all rows; add --print to see only some")
    return options


def share_of_other_work():
    """Share of the cores that is busy while nothing of ours runs; 0 where that cannot be told."""
    try:

        def times():
            values = [int(value) for value in pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
            return sum(values), sum(values[3:5])

        (total, idle), _, (later, idle_later) = times(), time.sleep(3), times()
        return 1 - (idle_later - idle) / max(later - total, 1)
    except (OSError, ValueError):
        return 0.0


def processor():
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def versions(tools):
    bench = subprocess.run([tools.bench, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    packages = [f"{package} {importlib.metadata.version(package)}" for package in PACKAGES]
    return ", ".join([bench, f"Python {platform.python_version()}", *packages])


def main():
    options = arguments()
    busy = share_of_other_work()
    if busy > 0.1:
        print(f"peers: {busy:.0%} of the cores are busy with other work: expect less of every contestant", file=sys.stderr)
    work = pathlib.Path(tempfile.mkdtemp(prefix="peers-", dir=ROOT / "target"))
    try:
        tools = Tools(ROOT, work, options.threads, options.images)
        contest = Contest(tools, [row for row in ROWS if row.name in options.rows], options.rounds)
        contest.run()
        section = document.section(
            contest,
            machine=f"{options.threads} threads, {processor()}, {platform.system()} {platform.machine()}",
            versions=versions(tools),
            busy=busy,
        )
    except Failure as failure:
        sys.exit(f"peers: error: {failure}")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if options.print:
        print(section)
    else:
        document.replace(ROOT / "docs" / "performance.md", section)
        print(f"peers: {ROOT / 'docs' / 'performance.md'} is written", file=sys.stderr)


if __name__ == "__main__":
    main()
