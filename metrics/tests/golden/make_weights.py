#!/usr/bin/env python3
"""Write a small state dictionary as torch.save writes it, today and before PyTorch 1.6.

usage: make_weights.py OUT_FOLDER        made with torch 2.11.0

Element i in row-major order of the float32 tensor number k, in order of the names below, is 1000 * k + i. The
convolution's weight lies permuted in its storage, as in the published InceptionV3 weights, and the slice is a part of a
longer storage.
"""
import collections, pathlib, sys
import torch
from torch import nn


def main(out: str) -> None:
    folder = pathlib.Path(out)
    folder.mkdir(exist_ok=True)
    network = nn.Sequential(collections.OrderedDict(conv=nn.Conv2d(3, 2, (2, 1), bias=False), bn=nn.BatchNorm2d(2)))
    state = network.state_dict()
    for k, (name, tensor) in enumerate(state.items()):
        if tensor.is_floating_point():
            tensor.copy_(1000 * k + torch.arange(tensor.numel(), dtype=torch.float32).reshape(tensor.shape))
    weight = state["conv.weight"]
    state["conv.weight"] = weight.permute(2, 3, 1, 0).contiguous().permute(3, 2, 0, 1)
    assert not state["conv.weight"].is_contiguous() and torch.equal(state["conv.weight"], weight)
    state["parameter"] = nn.Parameter(6000 + torch.arange(3, dtype=torch.float32))
    state["slice"] = torch.arange(6990, 7010, dtype=torch.float32)[10:14]
    state["half"] = torch.ones(2, dtype=torch.bfloat16)
    torch.save(state, folder / "zip.pth")
    torch.save(state, folder / "stream.pth", _use_new_zipfile_serialization=False)


if __name__ == "__main__":
    main(sys.argv[1])
