use super::*;

fn entries(names: &[&str]) -> Vec<Entry<()>> {
    let entry = |name: &&str| Entry {
        name: (*name).to_owned(),
        kind: kind_of(name, Selection { extensions: &["png", "jpg"], ..Selection::ALL }),
        place: (),
    };
    names.iter().map(entry).collect()
}

fn chosen(names: &[&str], depth: Depth) -> (Vec<String>, Vec<String>) {
    let Chosen { taken, left_out, .. } = choose(entries(names), depth);
    (taken.into_iter().map(|entry| entry.name).collect(), left_out.sentences())
}

#[test]
fn what_is_taken_depends_on_how_deep_images_are_looked_for() {
    let names = ["b.png", "a.PNG", "x/c.jpg", "x/y/d.png", "e.gif", "f.bmp", ".g.png", "x/h.txt"];
    let (flat, left_out) = chosen(&names, Depth::Flat);
    assert_eq!(flat, ["a.PNG", "b.png"]);
    assert_eq!(
        left_out,
        [
            "2 images in subfolders (--recursive takes them), such as x/c.jpg",
            "1 images of kinds, or with letters in the ending, that the protocol does not take, such as f.bmp",
            "1 files whose names do not end as those of images do, such as e.gif",
            "1 hidden files, such as .g.png",
        ]
    );
    assert_eq!(chosen(&names, Depth::Classes).0, flat);
    let (all, left_out) = chosen(&names, Depth::All);
    assert_eq!(all, ["a.PNG", "b.png", "x/c.jpg", "x/y/d.png"]);
    assert!(left_out.iter().any(|text| text.starts_with("2 files whose names")), "{left_out:?}");
}

#[test]
fn folders_around_everything_are_passed_over() {
    let names = ["top/in/1.png", "top/in/2.png", "top/notes.txt"];
    assert_eq!(chosen(&names, Depth::Flat), (vec![names[0].into(), names[1].into()], vec![]));
    // As classes, the last folder is one.
    assert_eq!(chosen(&names, Depth::Classes).0, [names[0], names[1]]);
    assert!(chosen(&["cat/1.png", "dog/1.png"], Depth::Flat).0.is_empty());
    assert_eq!(chosen(&["cat/1.png", "dog/1.png"], Depth::Classes).0, ["cat/1.png", "dog/1.png"]);
    assert_eq!(wrapper(&["a/b/1.png", "a/b/2.png"], 1), "a/b/");
    assert_eq!(wrapper(&["a/b/1.png", "a/b/2.png"], 2), "a/");
    assert_eq!(wrapper(&["a/1.png", "ab/2.png"], 1), "");
    assert_eq!(wrapper(&[], 1), "");
}

#[cfg(unix)]
mod on_disk {
    use std::ffi::OsStr;
    use std::io::Write;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    use super::*;

    fn write(root: &Path, names: &[&str]) {
        for name in names {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"").unwrap();
        }
    }

    #[test]
    fn links_lead_outside_once_and_never_in_circles() {
        let folder = tempfile::tempdir().unwrap();
        let (root, other) = (folder.path().join("root"), folder.path().join("other"));
        write(&root, &["cat/1.png", "cat/notes.txt", ".git/2.png", "3.PNG"]);
        write(&other, &["4.png", "deep/5.png"]);
        symlink("../../other", root.join("cat/linked")).unwrap();
        symlink("../root", other.join("back")).unwrap();
        symlink("..", root.join("cat/up")).unwrap();
        symlink("/", root.join("cat/around")).unwrap();
        symlink("cat", root.join("again")).unwrap();
        symlink("nowhere", root.join("dangling")).unwrap();
        let tree = ImageTree::open(&root, Selection::ALL).unwrap();
        assert_eq!(tree.names, ["3.PNG", "cat/1.png", "cat/linked/4.png", "cat/linked/deep/5.png"]);
        assert_eq!(tree.files.path_of(1), root.join("cat/1.png"));
        assert!(tree.read("cat/notes.txt").unwrap().is_some());
        assert!(tree.read("cat").unwrap().is_none() && tree.read("none").unwrap().is_none());
        let links = tree.left_out.sentences().pop().unwrap();
        assert!(links.starts_with("4 links to folders"), "{links}");
    }

    #[test]
    fn the_real_path_may_decide_the_order() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &["real/1.png", "real/2.png"]);
        let root = folder.path().join("links");
        fs::create_dir(&root).unwrap();
        symlink("../real/2.png", root.join("a.png")).unwrap();
        symlink("../real/1.png", root.join("b.png")).unwrap();
        let names = |order| {
            let selection = Selection { order, ..Default::default() };
            let files = ImageTree::open(&root, selection).unwrap().files;
            (0..files.len()).map(|index| files.name_of(index)).collect::<Vec<_>>()
        };
        assert_eq!(names(FileOrder::ByName), ["a.png", "b.png"]);
        assert_eq!(names(FileOrder::ByRealPath), ["b.png", "a.png"]);
    }

    #[test]
    fn depths_are_refused_by_name_and_odd_names_are_read() {
        let root = tempfile::tempdir().unwrap();
        let open = || ImageTree::open(root.path(), Selection::ALL);
        let deep = "d/".repeat(MAX_DEPTH + 1);
        write(root.path(), &[&format!("{deep}1.png")]);
        let message = open().unwrap_err().to_string();
        assert!(message.contains("below more than 8 folders"), "{message}");
        fs::remove_dir_all(root.path().join("d")).unwrap();
        fs::write(root.path().join(OsStr::from_bytes(b"a\xff.png")), b"").unwrap();
        assert_eq!(open().unwrap().names, ["a\u{fffd}.png"]);
    }

    #[test]
    fn a_folder_and_an_archive_of_it_agree() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("tree");
        let names = [
            "1.png",
            "b/2.png",
            "b/c/3.jpg",
            "notes.txt",
            ".4.png",
            ".git/5.png",
            "__MACOSX/1.png",
            "b/6.gif",
        ];
        write(&root, &names);
        let archive = folder.path().join("tree.zip");
        let mut writer = zip::ZipWriter::new(fs::File::create(&archive).unwrap());
        for name in names {
            writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(b"").unwrap();
        }
        writer.finish().unwrap();
        for depth in [Depth::Flat, Depth::Classes, Depth::All] {
            let selection = Selection { depth, ..Default::default() };
            let open = |path| ImageTree::open(path, selection).unwrap();
            let (ours, theirs) = (open(&root), open(&archive));
            assert_eq!((&ours.names, &ours.left_out), (&theirs.names, &theirs.left_out));
            assert!(!ours.left_out.sentences().is_empty());
        }
    }
}
