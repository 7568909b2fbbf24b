"""Says whether an index has the wheels that are pinned, without downloading them.

    check_wheels.py PIP... < PINS

PINS are lines NAME==VERSION --hash=sha256:DIGITS. PIP is the command that runs pip, whose settings say where wheels come
from: index-url and extra-index-url (PyPI without), find-links and no-index, by file or by variable.

Exit codes: 0 all are there, 2 bad usage, 4 one is not, or an index cannot be asked.
"""

import glob
import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request

import unpack_wheel

PYPI = "https://pypi.org/simple"
PIN = re.compile(r"(\S+)==(\S+) --hash=sha256:([0-9a-f]{64})")
FORMS = "application/vnd.pypi.simple.v1+json, text/html;q=0.1"


def settings(pip):
    """pip's settings by their names, a command's own over general ones and variables over files."""
    listed = subprocess.run([*pip, "config", "list"], capture_output=True, text=True, check=False).stdout
    found = {}
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        scope, _, name = key.rpartition(".")
        if scope in ("global", "download", ":env:"):
            found[name] = value.strip("'\"")
    return found


def in_folders(folders, name, version):
    """Sizes of wheels in folders, by their SHA-256."""
    stem = f"{name.replace('-', '_')}-{version}-"
    paths = [path for folder in folders for path in glob.glob(os.path.join(glob.escape(folder), stem + "*.whl"))]
    return {unpack_wheel.sha256(path): os.path.getsize(path) for path in paths}


def at_index(index, name):
    """Sizes of all files of a package, by their SHA-256; None where the index does not tell the size."""
    request = urllib.request.Request(f"{index.rstrip('/')}/{name}/", headers={"Accept": FORMS})
    with urllib.request.urlopen(request, timeout=60) as answer:
        body = answer.read().decode()
        if "json" not in answer.headers.get_content_type():
            return dict.fromkeys(re.findall(r"#sha256=([0-9a-f]{64})", body))
    return {file["hashes"].get("sha256"): file.get("size") for file in json.loads(body)["files"]}


def size_of(pin, indexes, folders):
    """The size of the pinned wheel, or None where it is not told; a text if it cannot be had."""
    name, version, sha256 = PIN.fullmatch(pin).groups()
    found = in_folders(folders, name, version)
    for index in indexes:
        if sha256 in found:
            break
        try:
            found |= at_index(index, name)
        except (urllib.error.URLError, OSError, ValueError, KeyError) as error:
            return f"{index} cannot be asked: {error}"
    return found[sha256] if sha256 in found else "no file with this SHA-256 is there"


def main(pip):
    pins = [line.strip() for line in sys.stdin if line.strip()]
    if not pip or not pins:
        print(__doc__, file=sys.stderr)
        return 2
    malformed = [pin for pin in pins if not PIN.fullmatch(pin)]
    if malformed:
        print(f"setup: no pin of a wheel: {malformed[0]!r}", file=sys.stderr)
        return 2
    options = settings(pip)
    folders = options.get("find-links", "").split()
    has_index = options.get("no-index", "").lower() not in ("1", "true", "yes", "on")
    indexes = [options.get("index-url", PYPI), *options.get("extra-index-url", "").split()] if has_index else []
    faults, total = 0, 0
    for pin in pins:
        size = size_of(pin, indexes, folders)
        label = pin.split()[0]
        if isinstance(size, str):
            faults += 1
            print(f"setup: {label}: {size}", file=sys.stderr)
        else:
            total += size or 0
            told = "size unknown" if size is None else f"{size / 1e6:.1f} MB"
            print(f"setup: {label}: there, {told}", file=sys.stderr)
    print(f"setup: {len(pins) - faults} of {len(pins)} wheels are there, {total / 1e9:.2f} GB to download", file=sys.stderr)
    return 4 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
