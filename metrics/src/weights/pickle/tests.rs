use super::*;
use crate::weights::layout::ElementType;

fn refusal(bytes: &[u8]) -> String {
    Pickle::read(bytes, 0).expect_err("a refusal")
}

#[test]
fn containers_are_built_in_order() {
    // {"a": [1, -2], "b": (True, None)}, with the list filled after it was stored.
    let bytes = b"\x80\x02}q\x00(X\x01\x00\x00\x00a]q\x01(K\x01J\xfe\xff\xff\xffeX\x01\x00\x00\x00b\x88N\x86u.";
    let pickle = Pickle::read(bytes, 0).expect("a sound pickle");
    assert_eq!(pickle.end, bytes.len());
    let Node::Dict(entries) = pickle.root() else {
        panic!("{:?}", pickle.root());
    };
    let [(a, list), (b, tuple)] = entries[..] else {
        panic!("{entries:?}");
    };
    assert_eq!((pickle.node(a), pickle.node(b)), (&Node::Text("a"), &Node::Text("b")));
    let items = |node: &Node| match node {
        Node::List(items) | Node::Tuple(items) => {
            items.iter().map(|&id| format!("{:?}", pickle.node(id))).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(items(pickle.node(list)), ["Integer(1)", "Integer(-2)"]);
    assert_eq!(items(pickle.node(tuple)), ["Bool(true)", "None"]);
}

#[test]
fn an_ordered_dictionary_with_attributes_is_a_dictionary() {
    let bytes = b"\x80\x02ccollections\nOrderedDict\n)R(K\x01K\x02u}X\x01\x00\x00\x00mK\x01sb.";
    let pickle = Pickle::read(bytes, 0).expect("a sound pickle");
    assert!(matches!(pickle.root(), Node::Dict(entries) if entries.len() == 1));
}

#[test]
fn calls_are_kept_and_not_made() {
    let bytes = b"\x80\x02ctorch._utils\n_rebuild_parameter\nctorch\nFloatStorage\n\x85R.";
    let pickle = Pickle::read(bytes, 0).expect("a sound pickle");
    let Node::Call(Global::RebuildParameter, arguments) = pickle.root() else {
        panic!("{:?}", pickle.root());
    };
    let storage = Node::Global(Global::Storage(ElementType::Float32));
    assert_eq!(pickle.node(arguments[0]), &storage);
}

#[test]
fn hostile_globals_are_named() {
    for (module, name) in [
        ("os", "system"),
        ("posix", "system"),
        ("builtins", "eval"),
        ("torch", "load"),
        ("collections", "Counter"),
    ] {
        let bytes = format!("\u{1}\u{1}c{module}\n{name}\nX\x02\0\0\0id\x00");
        let text = Pickle::read(bytes.as_bytes(), 2).expect_err("a refused global");
        assert!(
            text.contains(&format!("`{module}.{name}`")) && text.starts_with("at byte 2:"),
            "{text}"
        );
    }
}

#[test]
fn operations_off_the_list_are_refused() {
    for operation in [b'i', b'o', 0x81, 0x82, 0x92, 0x93, b'P', b'S', b'I', 0x94, 0x95] {
        let text = refusal(&[0x80, 2, operation, b'.']);
        assert!(text.contains("at byte 2") && text.contains("refused"), "{text}");
    }
    assert!(refusal(&[0x80, 5, b'.']).contains("protocol 5"));
}

#[test]
fn damage_is_an_error() {
    for bytes in [
        &b""[..],
        b"\x80",
        b".",
        b"(t",
        b"(.",
        b"t.",
        b"(K\x01(\x85.",
        b"K\x01a.",
        b"}K\x01(u.",
        b"}(K\x01u.",
        b"]K\x01K\x02s.",
        b"K\x01)R.",
        b"K\x01}b.",
        b"h\x05.",
        b"q\x00.",
        b"X\xff\xff\xff\xffabc",
        b"X\x01\x00\x00\x00\xff.",
        b"ccollections",
        b"cccccccc\n",
        b"\x8a\xff\x01.",
    ] {
        assert!(Pickle::read(bytes, 0).is_err(), "{bytes:?}");
    }
}

#[test]
fn floods_are_refused() {
    assert!(refusal(&vec![b'('; MAX_OPERATIONS + 1]).contains("operations"));
    assert!(refusal(&vec![b')'; MAX_OPERATIONS + 1]).contains("operations"));
    let many = [b"ccollections\nOrderedDict\n(".as_slice(), &[b'N'; 100], b"tR."].concat();
    assert!(refusal(&many).contains("arguments"));
}

#[test]
fn deep_nesting_does_not_recurse() {
    let depth = MAX_OPERATIONS - 2;
    let bytes = [vec![b')'], vec![0x85; depth], vec![b'.']].concat();
    assert!(Pickle::read(&bytes, 0).is_ok());
}

#[test]
fn long_integers_keep_their_sign() {
    assert_eq!(small_integer(&[]), Some(0));
    assert_eq!(small_integer(&[0xff]), Some(-1));
    assert_eq!(small_integer(&[0xff, 0]), Some(255));
    assert_eq!(small_integer(&[0; 9]), None);
}

proptest::proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..256)) {
        let _ = Pickle::read(&bytes, 0);
    }

    /// Random bytes die early; sequences of known operations get further.
    #[test]
    fn no_operations_panic(operations in proptest::collection::vec(
        proptest::sample::select(b"(N\x88K\x01M)\x85\x86\x87t]ae}suRbQq\x00h\x00.".to_vec()), 0..64)) {
        let _ = Pickle::read(&operations, 0);
    }
}
