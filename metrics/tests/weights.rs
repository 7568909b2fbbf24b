//! Files of weights: small ones written here byte by byte, damaged and hostile ones.

use std::io::{Cursor, Write as _};

use bench_metrics::weights::{ElementType, Format};
use bench_metrics::{MetricsError, WeightsFile};
use proptest::prelude::*;
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

/// The first three pickles of a `torch.save` stream: magic number, version, facts on the machine.
fn stream_head(little_endian: bool) -> Vec<u8> {
    let mut bytes =
        b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.\x80\x02}("
            .to_vec();
    bytes.extend(text("little_endian"));
    bytes.extend([if little_endian { 0x88 } else { 0x89 }, b'u', b'.']);
    bytes
}

fn text(text: &str) -> Vec<u8> {
    let length = (text.len() as u32).to_le_bytes();
    [b"X", length.as_slice(), text.as_bytes()].concat()
}

fn integer(value: i32) -> Vec<u8> {
    [b"J".as_slice(), &value.to_le_bytes()].concat()
}

fn tuple(values: &[i32]) -> Vec<u8> {
    let values: Vec<u8> = values.iter().flat_map(|&value| integer(value)).collect();
    [b"(", values.as_slice(), b"t"].concat()
}

/// A tensor as a state dictionary holds it.
#[derive(Clone)]
struct Entry {
    name: &'static str,
    storage: &'static str,
    key: &'static str,
    count: i32,
    offset: i32,
    shape: Vec<i32>,
    strides: Vec<i32>,
}

impl Entry {
    /// `float32` values, row-major in a storage of their own.
    fn plain(name: &'static str, key: &'static str, count: i32) -> Self {
        let (shape, strides) = (vec![count], vec![1]);
        Self { name, storage: "FloatStorage", key, count, offset: 0, shape, strides }
    }

    fn pickled(&self) -> Vec<u8> {
        [
            text(self.name),
            b"ctorch._utils\n_rebuild_tensor_v2\n((".to_vec(),
            text("storage"),
            format!("ctorch\n{}\n", self.storage).into_bytes(),
            text(self.key),
            text("cpu"),
            integer(self.count),
            b"tQ".to_vec(),
            integer(self.offset),
            tuple(&self.shape),
            tuple(&self.strides),
            b"\x89ccollections\nOrderedDict\n)RtR".to_vec(),
        ]
        .concat()
    }
}

/// The pickle of an ordered dictionary of tensors.
fn state(entries: &[Entry]) -> Vec<u8> {
    let entries: Vec<u8> = entries.iter().flat_map(Entry::pickled).collect();
    [b"\x80\x02ccollections\nOrderedDict\n)R(", entries.as_slice(), b"u."].concat()
}

fn stream(state: &[u8], storages: &[(&str, i64, &[u8])]) -> Vec<u8> {
    let mut bytes = stream_head(true);
    bytes.extend(state);
    bytes.extend(b"\x80\x02](");
    bytes.extend(storages.iter().flat_map(|(key, _, _)| text(key)));
    bytes.extend(b"e.");
    for (_, count, data) in storages {
        bytes.extend(count.to_le_bytes());
        bytes.extend(*data);
    }
    bytes
}

fn archive(members: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        let options = SimpleFileOptions::default().compression_method(method);
        archive.start_file(*name, options).expect("a member");
        archive.write_all(bytes).expect("written bytes");
    }
    archive.finish().expect("an archive").into_inner()
}

fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn read(bytes: Vec<u8>) -> WeightsFile {
    WeightsFile::from_bytes("small.pth", bytes).expect("a sound file")
}

fn refusal(bytes: Vec<u8>) -> String {
    let error = WeightsFile::from_bytes("bad.pth", bytes).expect_err("a refusal");
    assert!(matches!(error, MetricsError::Weights { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.starts_with("weights bad.pth: "), "{text}");
    text
}

/// Two views of one storage, one of them turned, and a counter.
fn entries() -> [Entry; 3] {
    let straight = Entry {
        offset: 1,
        shape: vec![2, 2],
        strides: vec![2, 1],
        ..Entry::plain("straight", "7", 5)
    };
    let turned = Entry { name: "turned", strides: vec![1, 2], ..straight.clone() };
    let counter = Entry {
        storage: "LongStorage",
        shape: Vec::new(),
        strides: Vec::new(),
        ..Entry::plain("counter", "9", 1)
    };
    [straight, turned, counter]
}

fn assert_entries(file: &WeightsFile) {
    assert_eq!(file.values("straight").expect("values"), [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(file.values("turned").expect("values"), [1.0, 3.0, 2.0, 4.0]);
    let names: Vec<_> = file.tensors().map(|(name, _)| name).collect();
    assert_eq!(names, ["counter", "straight", "turned"]);
    let counter = file.layout("counter").expect("a tensor");
    assert_eq!((counter.element(), counter.shape()), (ElementType::Int64, &[][..]));
    assert!(file.values("counter").expect_err("integers").to_string().contains("int64"));
    assert!(file.values("nothing").expect_err("no tensor").to_string().contains("nothing"));
}

#[test]
fn a_stream_is_read() {
    let data = floats(&[0.0, 1.0, 2.0, 3.0, 4.0]);
    let file =
        read(stream(&state(&entries()), &[("9", 1, &[3, 0, 0, 0, 0, 0, 0, 0]), ("7", 5, &data)]));
    assert_eq!(file.format(), Format::TorchStream);
    assert_entries(&file);
}

#[test]
fn an_archive_is_read() {
    let (pickle, data) = (state(&entries()), floats(&[0.0, 1.0, 2.0, 3.0, 4.0]));
    let members = [
        ("any/data.pkl", pickle.as_slice()),
        ("any/byteorder", b"little"),
        ("any/data/7", &data),
        ("any/data/9", &[3, 0, 0, 0, 0, 0, 0, 0]),
        ("any/version", b"3\n"),
    ];
    let file = read(archive(&members, CompressionMethod::Stored));
    assert_eq!(file.format(), Format::TorchZip);
    assert_entries(&file);

    let compressed = refusal(archive(&members, CompressionMethod::Deflated));
    assert!(compressed.contains("compressed"), "{compressed}");
    for (left_out, member) in
        members.iter().enumerate().filter(|(_, (name, _))| name.contains("data"))
    {
        let mut rest = members.to_vec();
        rest.remove(left_out);
        let text = refusal(archive(&rest, CompressionMethod::Stored));
        let named = member.0.rsplit('/').next().expect("a name");
        assert!(text.contains(named), "{text}");
    }
    let mut big = members;
    big[1].1 = b"big";
    assert!(refusal(archive(&big, CompressionMethod::Stored)).contains("little-endian"));
    let mut short = members;
    short[2].1 = &data[..19];
    assert!(refusal(archive(&short, CompressionMethod::Stored)).contains("19 bytes"));
}

/// Files that torch 2.11.0 wrote by `golden/make_weights.py`: what the tensors hold is said there.
#[test]
fn files_of_torch_itself_are_read() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/weights");
    for (name, format) in [("zip.pth", Format::TorchZip), ("stream.pth", Format::TorchStream)] {
        let file = WeightsFile::read(folder.join(name)).expect("a file of torch's");
        assert_eq!(file.format(), format);
        let elements: Vec<_> =
            file.tensors().map(|(name, layout)| (name, layout.element(), layout.shape())).collect();
        use ElementType::{BFloat16, Float32, Int64};
        assert_eq!(
            elements,
            [
                ("bn.bias", Float32, &[2][..]),
                ("bn.num_batches_tracked", Int64, &[]),
                ("bn.running_mean", Float32, &[2]),
                ("bn.running_var", Float32, &[2]),
                ("bn.weight", Float32, &[2]),
                ("conv.weight", Float32, &[2, 3, 2, 1]),
                ("half", BFloat16, &[2]),
                ("parameter", Float32, &[3]),
                ("slice", Float32, &[4]),
            ],
            "{name}"
        );
        let conv = file.layout("conv.weight").expect("a tensor");
        assert_eq!(conv.strides(), [1, 2, 6, 6], "{name}");
        for (tensor, first, count) in [
            ("conv.weight", 0, 12),
            ("bn.weight", 1000, 2),
            ("bn.bias", 2000, 2),
            ("bn.running_mean", 3000, 2),
            ("bn.running_var", 4000, 2),
            ("parameter", 6000, 3),
            ("slice", 7000, 4),
        ] {
            let expected: Vec<f32> = (first..first + count).map(|value| value as f32).collect();
            assert_eq!(file.values(tensor).expect("values"), expected, "{tensor} in {name}");
        }
    }
}

#[test]
fn hostile_calls_are_named_and_not_made() {
    let system = b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00trueq\x00\x85R.";
    let text = refusal(stream(system, &[]));
    let place = format!("at byte {}", stream_head(true).len() + 2);
    assert!(text.contains("`os.system` is refused") && text.contains(&place), "{text}");
    let text = refusal(archive(&[("x/data.pkl", system)], CompressionMethod::Stored));
    assert!(text.contains("`os.system` is refused"), "{text}");
}

#[test]
fn what_is_no_dictionary_of_tensors_is_refused() {
    let list = b"\x80\x02]N\x61.";
    assert!(refusal(stream(list, &[])).contains("dictionary"));
    let number = [b"\x80\x02}", text("epoch").as_slice(), b"K\x05s."].concat();
    assert!(refusal(stream(&number, &[])).contains("\"epoch\""));
    let keyed = b"\x80\x02}K\x01K\x05s.";
    assert!(refusal(stream(keyed, &[])).contains("no text"));
}

#[test]
fn storages_must_fit() {
    let data = floats(&[1.0, 2.0]);
    let plain = Entry::plain("w", "0", 2);
    let small = |entry: &Entry, storages: &[(&str, i64, &[u8])]| {
        refusal(stream(&state(std::slice::from_ref(entry)), storages))
    };
    let sound: (&str, i64, &[u8]) = ("0", 2, &data);
    assert!(small(&plain, &[]).contains("missing"));
    assert!(small(&plain, &[("1", 2, &data)]).contains("no tensor"));
    assert!(small(&plain, &[("0", 3, &data)]).contains("instead of 2"));
    assert!(small(&plain, &[("0", -1, &data)]).contains("-1 elements"));
    assert!(small(&plain, &[("0", 2, &data[..7])]).contains("ends inside"));
    assert!(small(&plain, &[("0", 2, &[data.as_slice(), &[0]].concat())]).contains("more behind"));
    assert!(small(&plain, &[sound, sound]).contains("twice"));
    let beyond = |offset, shape: &[i32], strides: &[i32]| Entry {
        offset,
        shape: shape.to_vec(),
        strides: strides.to_vec(),
        ..plain.clone()
    };
    for entry in [
        beyond(1, &[2], &[1]),
        beyond(0, &[3], &[1]),
        beyond(0, &[1000], &[0]),
        beyond(0, &[2], &[i32::MAX]),
        beyond(0, &[2], &[1, 1]),
    ] {
        assert!(small(&entry, &[sound]).contains("does not fit"));
    }
    assert!(small(&beyond(-1, &[2], &[1]), &[sound]).contains("no dense tensor"));
    assert!(small(&beyond(0, &[-2], &[1]), &[sound]).contains("no dense tensor"));
    assert!(small(&beyond(0, &[1; 9], &[1; 9]), &[sound]).contains("no dense tensor"));
    let twice = refusal(stream(&state(&[plain.clone(), plain.clone()]), &[sound]));
    assert!(twice.contains("occurs twice"), "{twice}");
    let other = Entry { storage: "IntStorage", name: "v", ..plain.clone() };
    let two_ways = refusal(stream(&state(&[plain, other]), &[sound]));
    assert!(two_ways.contains("two ways"), "{two_ways}");
}

#[test]
fn heads_are_checked() {
    let sound = stream(&state(&[Entry::plain("w", "0", 1)]), &[("0", 1, &floats(&[1.0]))]);
    let changed = |place: usize, byte: u8| {
        let mut bytes = sound.clone();
        bytes[place] = byte;
        refusal(bytes)
    };
    assert!(changed(5, 0).contains("magic"));
    assert!(changed(18, 0).contains("1001"));
    let big_endian = [&stream_head(false), &sound[stream_head(true).len()..]].concat();
    assert!(refusal(big_endian).contains("little-endian"));
}

#[test]
fn other_files_are_refused() {
    assert!(refusal(Vec::new()).contains("it is empty"));
    for bytes in [&b"hello world"[..], &[0; 100], &[0xff; 100], b"\x89PNG\r\n\x1a\n123456"] {
        assert!(refusal(bytes.to_vec()).contains("neither"));
    }
    for bytes in
        [&b"PK\x03\x04"[..], b"\xff\0\0\0\0\0\0\0{}", b"\x02\0\0\0\0\0\0\0{}more", b"\x80\x02\x8a"]
    {
        refusal(bytes.to_vec());
    }
}

#[test]
fn values_must_be_finite() {
    for value in [f32::NAN, f32::INFINITY] {
        let data = floats(&[1.0, value]);
        let file = read(stream(&state(&[Entry::plain("w", "0", 2)]), &[("0", 2, &data)]));
        let error = file.values("w").expect_err("an unusable value").to_string();
        assert!(error.contains("\"w\"") && error.contains("not finite"), "{error}");
    }
}

#[test]
fn folders_and_missing_files_are_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for path in [folder.path().to_path_buf(), folder.path().join("none.pth")] {
        let error = WeightsFile::read(&path).expect_err("no file");
        assert!(matches!(error, MetricsError::ReadWeights { .. }), "{error:?}");
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    }
}

/// Sound files of the three formats.
fn sound_files() -> [Vec<u8>; 3] {
    let (pickle, data) = (state(&entries()), floats(&[0.0, 1.0, 2.0, 3.0, 4.0]));
    let counter = [0; 8];
    let members: [(&str, &[u8]); 3] =
        [("a/data.pkl", &pickle), ("a/data/7", &data), ("a/data/9", &counter)];
    let view = safetensors::tensor::TensorView::new(safetensors::Dtype::F32, vec![5], &data);
    let view = view.expect("bytes that fill the shape");
    [
        stream(&pickle, &[("7", 5, &data), ("9", 1, &counter)]),
        archive(&members, CompressionMethod::Stored),
        safetensors::serialize([("w", view)], None).expect("serialised tensors"),
    ]
}

#[test]
fn every_cut_is_an_error() {
    for file in sound_files() {
        for length in 0..file.len() {
            refusal(file[..length].to_vec());
        }
    }
}

proptest! {
    /// Whatever is read can be used: a change may go unnoticed, but nothing panics.
    #[test]
    fn damage_never_panics(which in 0_usize..3, damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut bytes = sound_files()[which].clone();
        for (place, byte) in damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Ok(file) = WeightsFile::from_bytes("damaged.pth", bytes) {
            for (name, _) in file.tensors() {
                let _ = file.values(name);
            }
        }
    }
}
