//! What happens where ONNX Runtime is not. One test in a process of its own, since a process loads the library once.

use bench_metrics::{MetricsError, OnnxExtractor, runtime};

#[test]
fn a_missing_runtime_is_an_error_and_not_the_last_word() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let missing = folder.path().join("nowhere.so");
    let text = folder.path().join("libonnxruntime.so");
    std::fs::write(&text, b"not a library").expect("a written file");

    let given = std::env::var_os(runtime::LIBRARY_VARIABLE);
    for path in [&missing, &text] {
        // SAFETY: this process runs this one test, on one thread.
        unsafe { std::env::set_var(runtime::LIBRARY_VARIABLE, path) };
        let error = OnnxExtractor::embedded(1).expect_err("no usable library");
        assert!(matches!(error, MetricsError::Runtime { .. }), "{error}");
        let text = error.to_string();
        assert!(
            text.contains(&path.display().to_string()) && text.contains("ORT_DYLIB_PATH"),
            "{text}"
        );
    }

    // SAFETY: as above.
    match given {
        Some(path) => unsafe { std::env::set_var(runtime::LIBRARY_VARIABLE, path) },
        None => unsafe { std::env::remove_var(runtime::LIBRARY_VARIABLE) },
    }
    let loaded = runtime::ensure_loaded().expect("onnx runtime as set up");
    assert_eq!(runtime::ensure_loaded().expect("loaded before"), loaded);
}
