//! The classifier learns, resumes to the same bytes, and folds without changing its answers.

use bench_models::classifier::network::Classifier;
use bench_models::classifier::training::{ClassifierRecipe, ClassifierTraining};
use bench_models::images::{ImageShape, LabelledImages};
use bench_models::init::{self, Init};
use bench_models::streams::Streams;
use tch::{Device, Kind, Tensor, nn};

const SHAPE: ImageShape = ImageShape { height: 16, width: 16, channels: 3 };

/// 60 images of three classes, told by their colour.
fn data() -> (Vec<u8>, Vec<u32>) {
    let labels: Vec<u32> = (0..60).map(|i| i % 3).collect();
    let pixel = |i: usize, label: u32, channel: u32| {
        let base = if channel == label { 200 } else { 40 };
        (base + (i * 7919) % 40) as u8
    };
    let pixels = labels
        .iter()
        .flat_map(|&label| (0..256).flat_map(move |i| (0..3).map(move |c| pixel(i, label, c))))
        .collect();
    (pixels, labels)
}

fn recipe() -> ClassifierRecipe {
    ClassifierRecipe {
        epochs: 4,
        restart_epochs: 2,
        batch_size: 10,
        learning_rate: 0.05,
        ema_decay: 0.8,
        ..Default::default()
    }
}

#[test]
fn it_learns_and_resumes_to_the_same_bytes() {
    bench_models::device::set_threads(1);
    let (pixels, labels) = data();
    let images = LabelledImages::new(&pixels, &labels, SHAPE, 3).unwrap();
    let start = || ClassifierTraining::new(recipe(), images, Device::Cpu).unwrap();

    let mut whole = start();
    for _ in 0..6 {
        whole.train_epoch(&mut |_| ()).unwrap();
    }
    assert!(whole.accuracy(images) > 0.9, "{}", whole.accuracy(images));

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");
    let mut stopped = start();
    for _ in 0..2 {
        stopped.train_epoch(&mut |_| ()).unwrap();
    }
    stopped.save(&path).unwrap();
    let mut resumed = start();
    resumed.restore(&path).unwrap();
    assert_eq!(resumed.epoch(), 2);
    for _ in 0..4 {
        resumed.train_epoch(&mut |_| ()).unwrap();
    }
    assert_eq!(whole.folded().unwrap(), resumed.folded().unwrap());

    let other = ClassifierRecipe { epochs: 5, ..recipe() };
    let mut other = ClassifierTraining::new(other, images, Device::Cpu).unwrap();
    let error = other.restore(&path).unwrap_err().to_string();
    assert!(error.contains("epochs 4, not 5"), "{error}");
}

#[test]
fn folding_keeps_the_first_layers_answers() {
    let store = nn::VarStore::new(Device::Cpu);
    let network = Classifier::new(store.root(), 4);
    init::initialise(&store, Init::HeNormal, &Streams::new(1), 0);
    // Batches in training mode give the running statistics something to fold.
    for i in 0..20 {
        let x = Tensor::arange(2 * 3 * 256, (Kind::Float, Device::Cpu)).view([2, 3, 16, 16]);
        let _ = network.forward(&(x * (0.001 * f64::from(i))).sin(), true);
    }
    let folded = network.folded().unwrap();
    let x = Tensor::arange(3 * 256, (Kind::Float, Device::Cpu)).view([1, 3, 16, 16]).cos();
    let conv = |x: &Tensor, layer: &bench_models::classifier::folded::FoldedConv| {
        let dims = [layer.outputs as i64, layer.inputs as i64, 3, 3];
        let weight = Tensor::from_slice(&layer.weight).view(dims);
        let bias = Tensor::from_slice(&layer.bias);
        x.conv2d(&weight, Some(bias), [layer.stride as i64; 2], [1, 1], [1, 1], 1)
    };
    let mut y = conv(&x, &folded.stem).relu();
    for stage in &folded.stages {
        y = conv(&y, &stage.down).relu();
        y = (conv(&conv(&y, &stage.first).relu(), &stage.second) + y).relu();
    }
    let features = y.mean_dim([2i64, 3].as_slice(), false, None::<Kind>);
    let head = Tensor::from_slice(&folded.head_weight).view([4, -1]);
    let logits = features.linear(&head, Some(Tensor::from_slice(&folded.head_bias)));
    let expected = network.forward(&x, false);
    let scale = expected.abs().max().double_value(&[]);
    let difference = (logits - expected).abs().max().double_value(&[]);
    assert!(difference <= 1e-4 * scale, "{difference} of {scale}");
}
