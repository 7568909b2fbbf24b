"""Writes small batches as CIFAR-10's python version has them, by Python 3.11 and NumPy 2.4: python3 make_batches.py

python2.pickle has the operations and names of the official files, which Python 2 wrote: strings of bytes throughout, and
NumPy's module under its name of then. The others are what Python 3 itself writes by protocols 2 and 3.
"""

import io
import pickle
from pathlib import Path

import numpy

IMAGES = 3


class Python2(pickle._Pickler):
    """Writes texts and bytes as strings of Python 2."""

    dispatch = dict(pickle._Pickler.dispatch)

    def save_string(self, value):
        contents = value.encode("latin-1") if isinstance(value, str) else value
        if len(contents) < 256:
            self.write(b"U" + bytes([len(contents)]) + contents)
        else:
            self.write(b"T" + len(contents).to_bytes(4, "little") + contents)
        self.memoize(value)

    dispatch[str] = dispatch[bytes] = save_string


def python2(value):
    target = io.BytesIO()
    Python2(target, 2).dump(value)
    return target.getvalue().replace(b"cnumpy._core.multiarray\n", b"cnumpy.core.multiarray\n")


index = numpy.arange(IMAGES * 3072)
batch = {
    "batch_label": "training batch 1 of 5",
    "labels": [9, 0, 4],
    "data": (index * 37 % 256).astype(numpy.uint8).reshape(IMAGES, 3072),
    "filenames": [f"image_s_{number:06}.png" for number in range(IMAGES)],
}
as_bytes = {key.encode(): value for key, value in batch.items()}
folder = Path(__file__).parent
files = {
    "python2.pickle": python2(batch),
    "protocol2.pickle": pickle.dumps(batch, 2),
    "protocol2_bytes.pickle": pickle.dumps(as_bytes, 2),
    "protocol3.pickle": pickle.dumps(as_bytes, 3),
}
for name, contents in files.items():
    (folder / name).write_bytes(contents)
    loaded = pickle.loads(contents, encoding="latin1")
    assert numpy.array_equal(loaded.get("data", loaded.get(b"data")), batch["data"]), name
