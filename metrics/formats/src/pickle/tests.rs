use super::*;

/// A list of globals for these tests.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Known {
    OrderedDict,
    RebuildParameter,
    FloatStorage,
}

impl Globals for Known {
    fn find(module: &str, name: &str) -> Option<Self> {
        match (module, name) {
            ("collections", "OrderedDict") => Some(Self::OrderedDict),
            ("torch._utils", "_rebuild_parameter") => Some(Self::RebuildParameter),
            ("torch", "FloatStorage") => Some(Self::FloatStorage),
            _ => None,
        }
    }

    fn makes_dictionary(self) -> bool {
        self == Self::OrderedDict
    }
}

fn read(bytes: &[u8]) -> Result<Pickle<'_, Known>, PickleError> {
    Pickle::read(bytes, 0)
}

fn refusal(bytes: &[u8]) -> String {
    read(bytes).expect_err("a refusal").to_string()
}

#[test]
fn containers_are_built_in_order() {
    // {"a": [1, -2], "b": (True, None)}, with the list filled after it was stored.
    let bytes = b"\x80\x02}q\x00(X\x01\x00\x00\x00a]q\x01(K\x01J\xfe\xff\xff\xffeX\x01\x00\x00\x00b\x88N\x86u.";
    let pickle = read(bytes).expect("a sound pickle");
    assert_eq!(pickle.end(), bytes.len());
    let Node::Dict(entries) = pickle.root() else {
        panic!("{:?}", pickle.root());
    };
    let [(a, list), (b, tuple)] = entries[..] else {
        panic!("{entries:?}");
    };
    assert_eq!((pickle.node(a), pickle.node(b)), (&Node::Text("a"), &Node::Text("b")));
    let items = |node: &Node<'_, Known>| match node {
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
    let pickle = read(bytes).expect("a sound pickle");
    assert!(matches!(pickle.root(), Node::Dict(entries) if entries.len() == 1));
}

#[test]
fn calls_are_kept_and_not_made() {
    let bytes = b"\x80\x02ctorch._utils\n_rebuild_parameter\nctorch\nFloatStorage\n\x85R.";
    let pickle = read(bytes).expect("a sound pickle");
    let Node::Call(Known::RebuildParameter, arguments) = pickle.root() else {
        panic!("{:?}", pickle.root());
    };
    let storage = Node::Global(Known::FloatStorage);
    assert_eq!(pickle.node(arguments[0]), &storage);
}

#[test]
fn bytes_come_in_four_forms() {
    let forms = [
        &b"U\x03a\x00\xff"[..],
        b"C\x03a\x00\xff",
        b"T\x03\0\0\0a\x00\xff",
        b"B\x03\0\0\0a\x00\xff",
    ];
    for form in forms {
        let bytes = [b"\x80\x03", form, b"."].concat();
        assert_eq!(read(&bytes).expect("a sound pickle").root(), &Node::Bytes(b"a\x00\xff"));
        assert!(refusal(&bytes[..bytes.len() - 2]).contains("ends inside"));
    }
}

/// The state stands in the place of the call, for what referred to it before.
#[test]
fn the_state_of_a_call_is_kept() {
    let bytes = b"\x80\x02ctorch._utils\n_rebuild_parameter\nK\x01\x85Rq\x00K\x07bh\x00\x86.";
    let pickle = read(bytes).expect("a sound pickle");
    let Node::Tuple(items) = pickle.root() else { panic!("{:?}", pickle.root()) };
    for &item in items {
        let &Node::Built(call, state) = pickle.node(item) else {
            panic!("{:?}", pickle.node(item))
        };
        assert_eq!(pickle.node(state), &Node::Integer(7));
        assert!(matches!(pickle.node(call), Node::Call(Known::RebuildParameter, _)));
    }
    let twice = b"\x80\x02ctorch._utils\n_rebuild_parameter\n)RK\x07bK\x07b.";
    assert!(refusal(twice).contains("a state for what is"));
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
        let refused = Pickle::<Known>::read(bytes.as_bytes(), 2).expect_err("a refused global");
        let text = refused.to_string();
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
        assert!(read(bytes).is_err(), "{bytes:?}");
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
    assert!(read(&bytes).is_ok());
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
        let _ = read(&bytes);
    }

    /// Random bytes die early; sequences of known operations get further.
    #[test]
    fn no_operations_panic(operations in proptest::collection::vec(
        proptest::sample::select(b"(N\x88K\x01M)\x85\x86\x87t]ae}suRbQq\x00h\x00.".to_vec()), 0..64)) {
        let _ = read(&operations);
    }
}
