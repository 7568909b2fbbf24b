//! libtorch before LAPACK and ONNX Runtime in one process, and then again.

use bench_tests::numerics::{
    lapack_is_right, libtorch_is_right, metrics_are_right, onnx_runtime_is_right,
};

#[test]
fn both_are_right_with_libtorch_first() {
    libtorch_is_right();
    lapack_is_right();
    metrics_are_right();
    let features = onnx_runtime_is_right();
    libtorch_is_right();
    lapack_is_right();
    metrics_are_right();
    assert_eq!(features, onnx_runtime_is_right());
}
