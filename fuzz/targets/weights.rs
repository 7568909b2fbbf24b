//! Files of weights: the pickles of both layouts of `torch.save`, and safetensors.
#![no_main]

use bench_metrics::WeightsFile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(file) = WeightsFile::from_bytes("fuzz.pth", bytes.to_vec()) {
        for (name, _) in file.tensors() {
            let _ = file.values(name);
        }
    }
});
