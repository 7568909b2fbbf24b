#!/usr/bin/env python3
"""Write the .npz files that the tests read, as numpy writes them.

usage: make_npz.py OUT_FOLDER        made with numpy 1.26.4

The statistics are those of values[i][j] = ((i * 7 + j * 3) % 11) / 4 + [i == j] for i < 40, j < 6, so that a test can
compute them itself. The images are pixels (i * 251 + 17 * (i // 256)) % 256 in C order, 5 x 4 x 6 x 3.
"""
import pathlib, sys
import numpy as np


def main(out: str) -> None:
    folder = pathlib.Path(out)
    folder.mkdir(exist_ok=True)
    i, j = np.indices((40, 6))
    values = ((i * 7 + j * 3) % 11) / 4 + (i == j)
    mu, sigma = values.mean(axis=0), np.cov(values, rowvar=False)
    count = np.arange(5 * 4 * 6 * 3)
    images = ((count * 251 + 17 * (count // 256)) % 256).astype(np.uint8).reshape(5, 4, 6, 3)

    # What pytorch-fid --save-stats writes, and variants of it.
    np.savez_compressed(folder / "pytorch_fid.npz", mu=mu, sigma=sigma)
    np.savez(folder / "stored.npz", mu=mu, sigma=sigma, n=np.int64(40), extractor="a net", extractor_sha256="ab" * 32)
    np.savez_compressed(folder / "f32.npz", mu=mu.astype("f4"), sigma=sigma.astype("f4"))
    np.savez(folder / "big_endian.npz", mu=mu.astype(">f8"), sigma=sigma.astype(">f4"), n=np.array(40, ">i8"))
    # A Fortran-ordered square matrix that is symmetric reads alike in either order, so this one is also read on its own.
    np.savez_compressed(folder / "fortran.npz", mu=mu, sigma=np.asfortranarray(sigma),
                        skewed=np.asfortranarray(np.arange(12.0).reshape(3, 4)))
    # A reference batch of Dhariwal and Nichol's evaluator, and its samples alone.
    np.savez(folder / "adm_reference.npz", arr_0=images, mu=mu, sigma=sigma, mu_s=mu[:3], sigma_s=sigma[:3, :3])
    np.savez(folder / "adm_samples.npz", images)
    np.savez_compressed(folder / "adm_samples_deflated.npz", images, np.arange(5))

    # What has to be refused.
    refused = folder / "refused"
    refused.mkdir(exist_ok=True)
    np.savez(refused / "no_sigma.npz", mu=mu, cov=sigma)
    np.savez(refused / "wrong_shape.npz", mu=mu, sigma=sigma[:5])
    np.savez(refused / "flat_mean.npz", mu=mu[None], sigma=sigma)
    np.savez(refused / "nan.npz", mu=mu, sigma=np.where(np.eye(6) == 1, np.nan, sigma))
    np.savez(refused / "asymmetric.npz", mu=mu, sigma=sigma + np.triu(np.ones((6, 6)), 1))
    np.savez(refused / "indefinite.npz", mu=mu, sigma=sigma - 2 * np.eye(6) * sigma.max())
    np.savez(refused / "objects.npz", mu=np.array([print, None], dtype=object), sigma=sigma)
    np.savez(refused / "count.npz", mu=mu, sigma=sigma, n=np.int64(-3))
    np.savez(refused / "grey.npz", images[..., 0])
    np.savez(refused / "floats.npz", images / 255.0)


if __name__ == "__main__":
    main(sys.argv[1])
