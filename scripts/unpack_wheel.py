"""Copies chosen members of a wheel into a folder, after checking the wheel's SHA-256.

    unpack_wheel.py WHEEL SHA256 DEST PATTERN=TARGET...

PATTERN is a shell pattern over member names (`*` also crosses `/`). A TARGET that ends in `/` is a folder: the member
goes there under its name without the pattern's leading part (all up to the last `/` before the first wildcard).
Any other TARGET is a file name. Mode bits are not kept: shared libraries need none.

Exit codes: 0 done, 2 bad usage, 3 the hash differs or the wheel is no readable archive or lacks a member,
4 the folder could not be written.
"""

import fnmatch
import hashlib
import os
import re
import shutil
import sys
import zipfile


class WheelError(Exception):
    """The wheel is not the one asked for."""


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def destination(name, pattern, target):
    if not target.endswith("/"):
        return target
    fixed = re.split(r"[*?\[]", pattern, maxsplit=1)[0]
    return target + name[fixed.rfind("/") + 1 :]


def copy(archive, member, path):
    root = os.path.dirname(path)
    os.makedirs(root, exist_ok=True)
    with archive.open(member) as source, open(path, "wb") as sink:
        shutil.copyfileobj(source, sink, 1 << 20)  # the archive's CRC is checked on the way
        if member.file_size >= 1 << 20:
            sink.flush()
            os.fsync(sink.fileno())


def unpack(wheel, expected, dest, rules):
    found = sha256(wheel)
    if found != expected:
        raise WheelError(f"SHA-256 is {found}, not {expected}")
    with zipfile.ZipFile(wheel) as archive:
        members = [m for m in archive.infolist() if not m.is_dir()]
        for pattern, target in rules:
            chosen = [m for m in members if fnmatch.fnmatchcase(m.filename, pattern)]
            if not chosen:
                raise WheelError(f"has no member {pattern}")
            for member in chosen:
                relative = os.path.normpath(destination(member.filename, pattern, target))
                if os.path.isabs(relative) or relative.startswith(".."):
                    raise WheelError(f"member {member.filename} leads out of the folder")
                copy(archive, member, os.path.join(dest, relative))


def main(arguments):
    if len(arguments) < 4 or not all("=" in rule for rule in arguments[3:]):
        print(__doc__, file=sys.stderr)
        return 2
    wheel, expected, dest = arguments[:3]
    rules = [rule.split("=", 1) for rule in arguments[3:]]
    try:
        unpack(wheel, expected, dest, rules)
    except (WheelError, zipfile.BadZipFile, EOFError) as error:
        print(f"setup: {os.path.basename(wheel)}: {error}", file=sys.stderr)
        return 3
    except OSError as error:
        print(f"setup: cannot unpack {os.path.basename(wheel)}: {error}", file=sys.stderr)
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
