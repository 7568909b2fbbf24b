"""pytorch-fid's own command, with weights from a file instead of a download.

usage: pytorch_fid_command.py WEIGHTS.pth ARGUMENTS OF pytorch-fid...
"""

import sys

import torch
from pytorch_fid import fid_score, inception


def main():
    weights = sys.argv.pop(1)
    inception.load_state_dict_from_url = lambda *_, **__: torch.load(weights)
    fid_score.main()


if __name__ == "__main__":
    main()
