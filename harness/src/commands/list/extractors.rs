//! `bench list extractors`: what features can come from.

use bench_data::files::FileError;
use bench_metrics::FeatureLayer;
use bench_metrics::networks::NETWORKS;

use crate::output::outln;
use crate::{inception, network_weights};

/// Prints the list.
pub(super) fn run() -> Result<(), FileError> {
    let at_hand = |has: bool| if has { "weights in the cache" } else { "weights not in the cache" };
    let layers = FeatureLayer::ALL.map(|layer| layer.to_string()).join(", ");
    outln!("{:<22} the one inside the program: 160 features of 32x32 pixels", "embedded")?;
    outln!("{:<22} InceptionV3 of FID (Heusel et al. 2017): {layers} features", "inception")?;
    outln!("{:<22} fed as the protocol says; {}", "", at_hand(inception::stored().is_some()))?;
    for network in NETWORKS {
        let (side, features) = (network.side(), network.features);
        outln!(
            "{:<22} {}: {features} features of {side}x{side} pixels",
            network.name,
            network.doc()
        )?;
        let feedings: Vec<String> = network
            .feedings()
            .iter()
            .map(|feeding| {
                let crop = if feeding.crop { "middle square, " } else { "" };
                format!("{} ({crop}{})", feeding.name, feeding.resize.name())
            })
            .collect();
        let stored = network_weights::stored(network).is_some();
        outln!("{:<22} fed as by {}; {}", "", feedings.join(", or "), at_hand(stored))?;
    }
    outln!("{:<22} any ONNX model with metadata; see `bench extractor describe`", "FILE.onnx")
}
