"""Writes small inputs that the fuzz targets start from to seeds/TARGET/. Needs Python 3.11 alone: python3 make_seeds.py

The targets `image` and `npz` start from the tests' own files, see CONTRIBUTING.md.
"""

import gzip
import io
import json
import pickle
import struct
import zipfile
from pathlib import Path

folder = Path(__file__).parent / "seeds"
MAGIC, VERSION = 0x1950A86A20F9469CFC6C, 1001


class Global:
    """A global name of torch or collections, pickled without importing it."""

    def __init__(self, module, name):
        self.module, self.name = module, name


class Tensor:
    def __init__(self, key, kind, count, offset, shape, strides):
        self.key, self.kind, self.count = key, kind, count
        self.offset, self.shape, self.strides = offset, shape, strides


class Storage:
    def __init__(self, tensor):
        self.tensor = tensor


class Pickler(pickle._Pickler):
    """What torch.save writes of a state dictionary, protocol 2."""

    dispatch = dict(pickle._Pickler.dispatch)

    def persistent_id(self, value):
        if not isinstance(value, Storage):
            return None
        tensor = value.tensor
        return ("storage", Global("torch", tensor.kind), tensor.key, "cpu", tensor.count)

    def save_global_name(self, value):
        self.write(b"c" + value.module.encode() + b"\n" + value.name.encode() + b"\n")

    def save_tensor(self, value):
        self.save_global_name(Global("torch._utils", "_rebuild_tensor_v2"))
        self.write(pickle.MARK)
        for argument in [Storage(value), value.offset, value.shape, value.strides, False]:
            self.save(argument)
        self.save_global_name(Global("collections", "OrderedDict"))
        self.write(b")R" + pickle.TUPLE + pickle.REDUCE)

    dispatch[Global] = save_global_name
    dispatch[Tensor] = save_tensor


def pickled(value):
    target = io.BytesIO()
    Pickler(target, 2).dump(value)
    return target.getvalue()


def zipped(members, method=zipfile.ZIP_STORED):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, contents in members.items():
            archive.writestr(zipfile.ZipInfo(name), contents, method)
    return target.getvalue()


tensors = {
    "conv.weight": Tensor("7", "FloatStorage", 6, 0, (2, 3), (1, 2)),
    "conv.bias": Tensor("7", "FloatStorage", 6, 4, (2,), (1,)),
    "bn.num_batches_tracked": Tensor("9", "LongStorage", 1, 0, (), ()),
}
storages = {"7": struct.pack("<6f", *range(6)), "9": struct.pack("<q", 3)}
machine = {"protocol_version": VERSION, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}
counts = {"7": 6, "9": 1}
stream = [pickled(part) for part in [MAGIC, VERSION, machine, tensors, sorted(storages)]]
stream += [struct.pack("<q", counts[key]) + storages[key] for key in sorted(storages)]
members = {"model/data.pkl": pickled(tensors), "model/byteorder": b"little"}
members |= {f"model/data/{key}": contents for key, contents in storages.items()}
header = json.dumps({"w": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}).encode()

images = b"\0\0\x08\x03" + struct.pack(">3I", 2, 3, 4) + bytes(range(24))
labels = b"\0\0\x08\x01" + struct.pack(">I", 5) + bytes(range(5))

pixel = (Path(__file__).parent / "../harness/data/tests/golden/images/dot.png").read_bytes()
pictures = {"a/b.png": pixel, "A.PNG": pixel, "__MACOSX/a.png": b"", "a/.b.png": b"", "text.txt": b"text", "cut.jpg": pixel[:20]}

seeds = {
    "weights": {
        "stream": b"".join(stream),
        "archive": zipped(members),
        "safetensors": struct.pack("<Q", len(header)) + header + storages["7"],
    },
    "idx": {
        "images": images,
        "labels": labels,
        "images_gzipped": gzip.compress(images, mtime=0),
        "labels_gzipped_twice": gzip.compress(labels[:7], mtime=0) + gzip.compress(labels[7:], mtime=0),
    },
    "archive": {
        "stored": zipped(pictures),
        "deflated": zipped(pictures, zipfile.ZIP_DEFLATED),
        "empty": zipped({}),
    },
    "labels": {
        "labelled": b'{"labels": [["00000/a.png", 1], ["00000\\\\b.png", 0], ["c.png", 7]]}',
        "unlabelled": b'{"labels": null, "fps": 1e3}',
    },
    "dataset": {
        "class_folders": zipped({"train/cat/a.png": pixel, "train/dog/b.png": pixel, "test/cat/c.png": pixel}),
        "stylegan": zipped({"0/a.png": pixel, "0/b.png": pixel, "dataset.json": b'{"labels": [["0/a.png", 1], ["0/b.png", 0]]}'}),
    },
    "folder": {
        "names": b"a.png\nB.PNG\n.hidden.png\nnotes.txt\n/folder.png\n@a.png\n@loop.png\nodd\xff.jpeg\n.png\na.tiff.gz",
    },
}
for target, files in seeds.items():
    (folder / target).mkdir(parents=True, exist_ok=True)
    for name, contents in files.items():
        (folder / target / name).write_bytes(contents)
