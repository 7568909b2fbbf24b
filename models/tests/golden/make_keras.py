"""Writes keras.safetensors: what Keras computes where its defaults or definitions are not PyTorch's.

Usage: KERAS_BACKEND=jax python make_keras.py   (keras==3.15.1 with jax, CPU, double precision; seed below)

Names are CASE.x (inputs), CASE.param.NAME (by the names and in the layouts of this project) and CASE.y (outputs).
"""

import json
import struct
from pathlib import Path

import jax

jax.config.update("jax_enable_x64", True)

import keras
import numpy as np

keras.backend.set_floatx("float64")
rng = np.random.default_rng(1)
tensors: dict[str, np.ndarray] = {}


def put(name: str, value) -> np.ndarray:
    tensors[name] = np.ascontiguousarray(np.asarray(value), dtype=np.float64)
    return tensors[name]


def first(x):
    """N x H x W x C to N x C x H x W."""
    return np.moveaxis(np.asarray(x), -1, 1)


def convolutions() -> None:
    """Zeros are added so that the side is divided by the stride and rounded up: more of them on the far sides."""
    for kernel, stride, side in [(3, 2, 8), (4, 2, 8), (5, 2, 8), (3, 2, 7), (3, 1, 6), (3, 2, 1)]:
        case = f"same.k{kernel}s{stride}n{side}"
        x = rng.standard_normal((2, side, side, 3))
        layer = keras.layers.Conv2D(4, kernel, strides=stride, padding="same")
        y = layer(x)
        layer.bias.assign(rng.standard_normal(4))
        y = layer(x)
        put(f"{case}.x", first(x))
        put(f"{case}.param.weight", np.transpose(layer.kernel, (3, 2, 0, 1)))
        put(f"{case}.param.bias", layer.bias)
        put(f"{case}.y", first(y))


def transposed() -> None:
    x = rng.standard_normal((2, 5, 5, 3))
    layer = keras.layers.Conv2DTranspose(4, 4, strides=2, padding="same")
    y = layer(x)
    put("transposed.x", first(x))
    # Keras has (h, w, outputs, inputs), PyTorch (inputs, outputs, h, w).
    put("transposed.param.weight", np.transpose(layer.kernel, (3, 2, 0, 1)))
    put("transposed.param.bias", layer.bias)
    put("transposed.y", first(y))


def batch_norm() -> None:
    layer = keras.layers.BatchNormalization()
    layer.build((None, 8, 8, 3))
    layer.gamma.assign(rng.standard_normal(3))
    layer.beta.assign(rng.standard_normal(3))
    put("norm.param.weight", layer.gamma)
    put("norm.param.bias", layer.beta)
    for i in range(3):
        x = rng.standard_normal((4, 8, 8, 3)) * 0.05 + i / 10
        put(f"norm.x{i}", first(x))
        put(f"norm.y{i}", first(layer(x, training=True)))
    put("norm.eval", first(layer(x, training=False)))
    put("norm.after.running_mean", layer.moving_mean)
    put("norm.after.running_var", layer.moving_variance)


def adam() -> None:
    """Twenty steps on f(x) = sum(x^4) / 4. The larger eps shows where it is added."""
    for name, eps in [("default", None), ("large", 1e-2)]:
        more = {} if eps is None else {"epsilon": eps}
        optimizer = keras.optimizers.Adam(learning_rate=0.05, beta_1=0.5, beta_2=0.999, **more)
        x = keras.Variable(np.array([1.0, -2.0, 0.5]), dtype="float64")
        for _ in range(20):
            optimizer.apply([np.asarray(x) ** 3], [x])
        put(f"adam.{name}", x)


def defaults() -> None:
    prelu = keras.layers.PReLU(shared_axes=[1, 2])
    prelu.build((None, 4, 4, 3))
    put("prelu.slope", np.asarray(prelu.alpha).reshape(-1))
    put("prelu.slopes_unless_shared", keras.layers.PReLU()(np.zeros((1, 4, 4, 3))).size)
    put("adam.eps", keras.optimizers.Adam().epsilon)
    put("leaky_relu.slope", keras.layers.LeakyReLU().negative_slope)


def write(path: Path) -> None:
    """The safetensors format: the header's length (u64), the header (JSON), the bytes."""
    header, chunks, offset = {}, [], 0
    for name, value in sorted(tensors.items()):
        data = value.tobytes()
        header[name] = {"dtype": "F64", "shape": list(value.shape), "data_offsets": [offset, offset + len(data)]}
        chunks.append(data)
        offset += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(chunks))
    print(f"keras {keras.__version__}: {len(tensors)} tensors, {path.stat().st_size} bytes")


if __name__ == "__main__":
    for make in [convolutions, transposed, batch_norm, adam, defaults]:
        make()
    write(Path(__file__).with_name("keras.safetensors"))
