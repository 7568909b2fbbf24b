use super::*;

/// Written by `make_batches.py`: three images, byte `i` of all pixels is `37 i mod 256`.
const FILES: [(&str, &[u8]); 4] = [
    ("python2", include_bytes!("python2.pickle")),
    ("protocol2", include_bytes!("protocol2.pickle")),
    ("protocol2_bytes", include_bytes!("protocol2_bytes.pickle")),
    ("protocol3", include_bytes!("protocol3.pickle")),
];

/// `bytes` with the only occurrence of `old` replaced.
fn replaced(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let places: Vec<usize> = (0..bytes.len()).filter(|&at| bytes[at..].starts_with(old)).collect();
    let [at] = places[..] else { panic!("{old:?} is there {} times", places.len()) };
    [&bytes[..at], new, &bytes[at + old.len()..]].concat()
}

fn refusal(bytes: &[u8]) -> String {
    parse_batch(bytes).expect_err("a refusal")
}

#[test]
fn what_python_2_and_3_write_is_read() {
    let planes: Vec<u8> = (0..3 * IMAGE_LEN).map(|index| (index * 37 % 256) as u8).collect();
    for (name, file) in FILES {
        let batch = parse_batch(file).unwrap_or_else(|reason| panic!("{name}: {reason}"));
        assert_eq!(batch.labels, [9, 0, 4], "{name}");
        assert_eq!(batch.planes, planes, "{name}");
    }
}

#[test]
fn what_is_no_batch_is_explained() {
    let file = FILES[0].1;
    let changed = |old: &[u8], new: &[u8]| refusal(&replaced(file, old, new));
    assert!(changed(b"U\x06labels", b"U\x06lables").contains("no entry `labels`"));
    assert!(changed(b"U\x04data", b"U\x06labels").contains("two entries `labels`"));
    assert!(changed(b"(K\tK\0K\x04e", b"(K\tK\0e").contains("shape [2, 3072]"));
    assert!(changed(b"(K\tK\0K\x04e", b"(K\tK\0NeK\x04a").contains("label of its image 2"));
    assert!(changed(b"K\tK\0K\x04", b"K\tK\0M\0\x01").contains("image 2 has label 256"));
    assert!(changed(b"U\x02u1", b"U\x02i1").contains("not of type uint8"));
    assert!(changed(b"M\0\x0c\x86", b"M\0\x0d\x86").contains("not of shape [3, 3072]"));
    assert!(refusal(&[file, b"."].concat()).contains("bytes follow the pickle"));
    assert!(refusal(b"\x80\x02].").contains("no dictionary"));
    assert!(refusal(b"\x80\x04}.").contains("protocol 4"));
    let hostile = replaced(file, b"cnumpy\nndarray\n", b"cos\nsystem\n");
    assert!(refusal(&hostile).contains("`os.system` is refused"));
}

#[test]
fn no_cut_and_no_changed_byte_panics() {
    for (name, file) in FILES {
        // The pixels, which are most of a file, say nothing of its structure.
        let structure = (0..file.len()).filter(|&at| at < 300 || at + 300 > file.len());
        for at in structure {
            assert!(parse_batch(&file[..at]).is_err(), "{name} cut at {at}");
            for change in [0xff, 0x01, 0x80] {
                let mut changed = file.to_vec();
                changed[at] ^= change;
                if let Ok(batch) = parse_batch(&changed) {
                    assert_eq!(batch.planes.len(), batch.labels.len() * IMAGE_LEN);
                }
            }
        }
    }
}
