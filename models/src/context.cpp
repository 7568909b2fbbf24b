// What libtorch lets C++ decide of a process's computations on GPUs, and its binding for Rust does not pass on.

#include <ATen/Context.h>

namespace {

// TF32 has 10 bits of fp32's 23. cuDNN has it on unless told otherwise.
constexpr int kTf32 = 1;
// Convolutions are timed in several ways and computed in the fastest, which another run may find to be another one.
constexpr int kTimed = 2;
// Operations that sum in any order take another way where they have one, and are warned of where they have none.
constexpr int kDeterministic = 4;

}  // namespace

extern "C" {

// Decides it by these bits; 0 where libtorch refuses.
int bench_decide_for_gpus(int bits) try {
  auto& context = at::globalContext();
  context.setAllowTF32CuDNN(bits & kTf32);
  context.setAllowTF32CuBLAS(bits & kTf32);
  context.setBenchmarkCuDNN(bits & kTimed);
  context.setDeterministicCuDNN(bits & kDeterministic);
  context.setDeterministicAlgorithms(bits & kDeterministic, /*warn_only=*/true);
  // Memory that is written before it is read need not be filled.
  context.setDeterministicFillUninitializedMemory(false);
  return 1;
} catch (...) {
  return 0;
}

// The bits that hold.
int bench_decided_for_gpus() {
  const auto& context = at::globalContext();
  const bool tf32 = context.allowTF32CuDNN() && context.allowTF32CuBLAS();
  const bool deterministic = context.deterministicAlgorithms() && context.deterministicCuDNN();
  return (tf32 ? kTf32 : 0) | (context.benchmarkCuDNN() ? kTimed : 0) | (deterministic ? kDeterministic : 0);
}

}  // extern "C"
