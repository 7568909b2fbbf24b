//! What publishers say of their datasets: pages, licences, files with their sizes and checksums.
//!
//! Sizes and SHA-256 are those that TensorFlow Datasets recorded (`url_checksums/`), MD5 those that the publishers'
//! pages or torchvision state. `docs/data.md` says which of them were confirmed and how.

use std::path::{Path, PathBuf};

/// A dataset as it is published.
#[derive(Debug)]
pub struct Publication {
    /// The publisher's page.
    pub page: &'static str,
    /// The licence, as the publisher states it.
    pub licence: &'static str,
    /// URLs of folders that hold the files, ending in `/`, in the order in which they are asked.
    pub mirrors: &'static [&'static str],
    /// Folders below the data folder in which the reader looks for the files, the first of them for files that are
    /// fetched; an empty name is the data folder itself.
    pub folders: &'static [&'static str],
    /// All files, none of which needs to be unpacked, in the order in which they are fetched: the one that the reader
    /// looks for comes last, so that a dataset of which a part is there counts as missing.
    pub files: &'static [PublishedFile],
    /// Other files, each of which holds the whole dataset: read where they lie, and never fetched.
    pub alternatives: &'static [PublishedFile],
}

/// One file of a dataset.
#[derive(Debug)]
pub struct PublishedFile {
    /// Its name, on servers and on the disk.
    pub name: &'static str,
    /// Its size in bytes.
    pub size: u64,
    /// 32 lower-case hexadecimal digits.
    pub md5: &'static str,
    /// 64 lower-case hexadecimal digits.
    pub sha256: &'static str,
    /// SHA-256 of what the file holds compressed, where that is known: then it may be compressed anew.
    pub contents_sha256: Option<&'static str>,
}

impl Publication {
    /// Bytes of all files.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }

    /// [`Self::files`] and [`Self::alternatives`].
    pub fn all_files(&self) -> impl Iterator<Item = &'static PublishedFile> {
        self.files.iter().chain(self.alternatives)
    }

    /// [`Self::folders`] below `data_dir`, in the order in which they are looked at.
    pub fn places(&self, data_dir: &Path) -> impl Iterator<Item = PathBuf> {
        self.folders.iter().map(move |folder| match *folder {
            "" => data_dir.to_owned(),
            folder => data_dir.join(folder),
        })
    }
}

/// See [`super::cifar10`].
pub(super) const CIFAR10: Publication = Publication {
    page: "https://www.cs.toronto.edu/~kriz/cifar.html",
    licence: "none is stated; the page asks to cite the technical report",
    mirrors: &[
        "https://www.cs.toronto.edu/~kriz/",
        "https://cave.cs.toronto.edu/kriz/",
        "https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets/",
    ],
    folders: &["", "cifar10"],
    files: &[PublishedFile {
        name: "cifar-10-binary.tar.gz",
        size: 170_052_171,
        md5: "c32a1d4ab5d03f1284b67883e8d87530",
        sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        contents_sha256: None,
    }],
    alternatives: &[PublishedFile {
        name: "cifar-10-python.tar.gz",
        size: 170_498_071,
        md5: "c58f30108f718f92721af3b95e74349a",
        sha256: "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
        contents_sha256: None,
    }],
};

/// See [`super::mnist`]. The publisher's own server comes last: it has refused downloads for years.
pub(super) const MNIST: Publication = Publication {
    page: "http://yann.lecun.com/exdb/mnist/",
    licence: "CC BY-SA 3.0, by LeCun and Cortes, as Keras states it; none on the page",
    mirrors: &[
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "http://yann.lecun.com/exdb/mnist/",
    ],
    folders: &["mnist", "MNIST/raw", "mnist/raw", "mnist/MNIST/raw"],
    files: &[
        PublishedFile {
            name: "t10k-labels-idx1-ubyte.gz",
            size: 4_542,
            md5: "ec29112dd5afa0611ce80d1b7f02629c",
            sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            contents_sha256: Some(
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            ),
        },
        PublishedFile {
            name: "train-labels-idx1-ubyte.gz",
            size: 28_881,
            md5: "d53e105ee54ea40749a09fcbcd1e9432",
            sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            contents_sha256: Some(
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            ),
        },
        PublishedFile {
            name: "t10k-images-idx3-ubyte.gz",
            size: 1_648_877,
            md5: "9fb629c4189551a2d022fa330f9573f3",
            sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            contents_sha256: Some(
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            ),
        },
        PublishedFile {
            name: "train-images-idx3-ubyte.gz",
            size: 9_912_422,
            md5: "f68b3c2dcbeaaa9fbdd348bbdeb94873",
            sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            contents_sha256: Some(
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            ),
        },
    ],
    alternatives: &[],
};

/// See [`super::mnist`].
pub(super) const FASHION_MNIST: Publication = Publication {
    page: "https://github.com/zalandoresearch/fashion-mnist",
    licence: "MIT",
    mirrors: &[
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    ],
    folders: &[
        "fashion-mnist",
        "FashionMNIST/raw",
        "fashion_mnist",
        "fashion-mnist/raw",
        "fashion-mnist/FashionMNIST/raw",
    ],
    files: &[
        PublishedFile {
            name: "t10k-labels-idx1-ubyte.gz",
            size: 5_148,
            md5: "bb300cfdad3c16e7a12a480ee83cd310",
            sha256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            contents_sha256: None,
        },
        PublishedFile {
            name: "train-labels-idx1-ubyte.gz",
            size: 29_515,
            md5: "25c81989df183df01b3e8a0aad5dffbe",
            sha256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            contents_sha256: None,
        },
        PublishedFile {
            name: "t10k-images-idx3-ubyte.gz",
            size: 4_422_102,
            md5: "bef4ecab320f06d8554ea6380940ec79",
            sha256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            contents_sha256: None,
        },
        PublishedFile {
            name: "train-images-idx3-ubyte.gz",
            size: 26_421_880,
            md5: "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            sha256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            contents_sha256: None,
        },
    ],
    alternatives: &[],
};

/// See [`super::flowers102`].
pub(super) const FLOWERS102: Publication = Publication {
    page: "https://www.robots.ox.ac.uk/~vgg/data/flowers/102/",
    licence: "none is stated; the photographs come from the web and keep their owners' rights",
    mirrors: &[
        "https://www.robots.ox.ac.uk/~vgg/data/flowers/102/",
        "https://thor.robots.ox.ac.uk/flowers/102/",
    ],
    folders: &["flowers102", "flowers-102", "oxford-flowers-102", ""],
    files: &[
        PublishedFile {
            name: "102flowers.tgz",
            size: 344_862_509,
            md5: "52808999861908f626f3c1f4e79d11fa",
            sha256: "2d01ecc807db462958cfe3d92f57a8c252b4abd240eb955770201e45f783b246",
            contents_sha256: None,
        },
        PublishedFile {
            name: "setid.mat",
            size: 14_989,
            md5: "a5357ecc9cb78c4bef273ce3793fc85c",
            sha256: "46b8678f91fd95d3c8f4feab80d271a6c834a1dd896fe29fd3e6ad9ce5c8dccd",
            contents_sha256: None,
        },
        PublishedFile {
            name: "imagelabels.mat",
            size: 502,
            md5: "e0620be6f572b9609742df49c70aed4d",
            sha256: "4903e94206bac23bf772aadf06451916df56b58fc483a62db32a97b82656651d",
            contents_sha256: None,
        },
    ],
    alternatives: &[],
};
