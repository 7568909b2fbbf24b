//! Files that people take for weights: what they are, told by their layout; nothing of them is run.

use std::io::Cursor;

use zip::ZipArchive;

/// What a file is instead of named tensors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Foreign {
    /// What it is.
    pub(super) is: &'static str,
    /// What would help.
    pub(super) hint: &'static str,
}

const FETCH: &str =
    "`bench weights fetch` gets pt_inception-2015-12-05-6726825d.pth, which is read";

/// What the file with these contents is, if it is known and holds no tensors that are read.
pub(super) fn recognise(bytes: &[u8]) -> Option<Foreign> {
    let foreign = |is, hint| Some(Foreign { is, hint });
    if bytes.is_empty() {
        return foreign("it is empty", FETCH);
    }
    if bytes.starts_with(b"version https://git-lfs.github.com/spec/") {
        let is = "it is a pointer of Git LFS, which stands for the file";
        return foreign(is, "`git lfs pull` in its repository gets the file itself");
    }
    if is_web_page(bytes) {
        return foreign("it is a web page, saved in the place of the file", FETCH);
    }
    if bytes.starts_with(b"\x89HDF\r\n\x1a\n") {
        let is = "it is an HDF5 file, as Keras writes weights, of which no network is read";
        return foreign(is, FETCH);
    }
    if bytes.starts_with(b"\x1f\x8b") {
        return foreign("it is compressed by gzip", "unpack it and give the file inside");
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return in_zip(bytes);
    }
    if bytes.starts_with(b"\x08") && bench_onnx::metadata(bytes).is_ok() {
        let is = "it is an ONNX model, a whole extractor and no weights";
        return foreign(is, "give it by `--extractor FILE.onnx`");
    }
    if bytes.starts_with(&[0x80]) && bytes.get(2) != Some(&0x8a) {
        let is =
            "it is a pickle of Python objects, such as a network of StyleGAN, which is never run";
        return foreign(is, FETCH);
    }
    None
}

fn is_web_page(bytes: &[u8]) -> bool {
    let start = bytes[..bytes.len().min(512)].trim_ascii_start().to_ascii_lowercase();
    [&b"<!doctype html"[..], b"<html", b"<?xml", b"<head"].iter().any(|tag| start.starts_with(tag))
}

/// The archives of other things than a state dictionary.
fn in_zip(bytes: &[u8]) -> Option<Foreign> {
    let foreign = |is, hint| Some(Foreign { is, hint });
    let Ok(archive) = ZipArchive::new(Cursor::new(bytes)) else {
        return foreign("it is a zip archive that was cut off or damaged", "fetch it again");
    };
    let has = |end: &str| archive.file_names().flatten().any(|name| name.ends_with(end));
    if has("constants.pkl") {
        let mut names = archive.file_names().flatten();
        let known = names.find_map(|name| Program::of_member(&name.to_ascii_lowercase()));
        return Some(program(known));
    }
    if has("data.pkl") {
        return None;
    }
    if has(".npy") {
        return foreign("it is an .npz archive of arrays", FETCH);
    }
    foreign(
        "it is a zip archive without the data.pkl of torch.save",
        "unpack it and give the file inside",
    )
}

/// TorchScript programs that are published in the place of weights.
#[derive(Clone, Copy)]
enum Program {
    Clip,
    Inception,
}

impl Program {
    /// Told by the name of a member, in small letters: CLIP's modules lie in `multimodal`.
    fn of_member(name: &str) -> Option<Self> {
        let has = |part: &str| name.contains(part);
        match () {
            () if has("multimodal") || has("clip") => Some(Self::Clip),
            () if has("inception") => Some(Self::Inception),
            () => None,
        }
    }
}

fn program(known: Option<Program>) -> Foreign {
    match known {
        Some(Program::Clip) => Foreign {
            is: "it is a TorchScript program, as OpenAI publishes CLIP, and programs are never run",
            hint: "`bench weights fetch clip-vit-b-32`, or another CLIP of `bench list extractors`, gets Hugging Face's file \
                   of the same weights, which `bench weights import` takes too",
        },
        Some(Program::Inception) => Foreign {
            is: "it is a TorchScript program, as StyleGAN's inception-2015-12-05.pt is, and programs are never run",
            hint: "`bench weights fetch` gets pt_inception-2015-12-05-6726825d.pth, the same network's weights, or give that \
                   file to `bench weights import`",
        },
        None => Foreign {
            is: "it is a TorchScript program, and programs are never run",
            hint: "save its tensors alone, `torch.save(module.state_dict(), FILE)`, or let `bench weights fetch` get a network \
                   of `bench list extractors`",
        },
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn zip(names: &[&str]) -> Vec<u8> {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for name in names {
            archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            archive.write_all(b"contents").unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    #[test]
    fn what_people_take_for_weights_is_named() {
        let script = zip(&["i/code/__torch__.py", "i/constants.pkl", "i/data.pkl"]);
        let inception = zip(&["inception-2015-12-05/code/__torch__.py", "i/constants.pkl"]);
        let clip = zip(&["m/code/__torch__/multimodal/model/vision.py", "m/constants.pkl"]);
        let onnx: &[u8] = include_bytes!("../../assets/embedded.onnx");
        let cases: [(&[u8], &str, &str); 14] = [
            (b"", "empty", "weights fetch"),
            (b"\n <!DOCTYPE html><html>", "web page", "weights fetch"),
            (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS", "lfs pull"),
            (b"\x89HDF\r\n\x1a\n\0\0", "Keras", "weights fetch"),
            (b"\x1f\x8b\x08\0", "gzip", "unpack"),
            (&inception, "TorchScript", "pt_inception-2015-12-05-6726825d.pth"),
            (&clip, "CLIP", "weights fetch clip-vit-b-32"),
            (&script, "TorchScript", "state_dict"),
            (&script[..script.len() - 30], "cut off", "fetch it again"),
            (&zip(&["arr_0.npy"]), "archive of arrays", "weights fetch"),
            (&zip(&["w.pth"]), "without the data.pkl", "unpack"),
            (onnx, "ONNX model", "--extractor"),
            (b"\x80\x03cdnnlib.tflib.network\nNetwork\n.", "never run", "weights fetch"),
            (&zip(&["w/data.pkl"])[..40], "cut off", "fetch it again"),
        ];
        for (bytes, is, hint) in cases {
            let found = recognise(bytes).unwrap_or_else(|| panic!("{is}"));
            assert!(found.is.contains(is) && found.hint.contains(hint), "{found:?}");
        }
        let of_clip = recognise(&clip).unwrap();
        assert!(!format!("{of_clip:?}").to_lowercase().contains("inception"), "{of_clip:?}");
    }

    #[test]
    fn weights_are_not_foreign() {
        let stream = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.";
        for bytes in [&stream[..], &zip(&["w/data.pkl"]), b"\x02\0\0\0\0\0\0\0{}", b"no weights"] {
            assert_eq!(recognise(bytes), None);
        }
    }
}
