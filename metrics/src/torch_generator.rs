//! Torch's generator on the CPU, so that directions and subsets are those of the reference programs.

use crate::random_state::RandomState;

/// `torch.Generator().manual_seed(seed)`: the same Mersenne Twister as NumPy's, with torch's distributions.
///
/// Source: torch 2.11's `CPUGeneratorImpl`, `normal_fill` and `randperm_cpu`.
#[derive(Clone, Debug)]
pub struct TorchGenerator(RandomState);

/// Normal numbers that are made of one another's uniform ones.
const GROUP: usize = 16;

impl TorchGenerator {
    /// The generator of this seed.
    pub fn new(seed: u32) -> Self {
        Self(RandomState::new(seed))
    }

    /// A random order of `0..n`, as `torch.randperm(n)`.
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for place in 0..n.saturating_sub(1) {
            let other = place + self.0.next_u32() as usize % (n - place);
            order.swap(place, other);
        }
        order
    }

    /// Draws from the standard normal distribution, as `torch.randn(n)` for at least 16 numbers in `float32`.
    ///
    /// # Panics
    /// For fewer numbers, of which torch makes others.
    pub fn normals(&mut self, n: usize) -> Vec<f32> {
        assert!(n >= GROUP, "at least {GROUP} numbers");
        let mut values: Vec<f32> = (0..n).map(|_| self.uniform()).collect();
        for group in values.as_chunks_mut::<GROUP>().0 {
            to_normal(group);
        }
        if !n.is_multiple_of(GROUP) {
            // The last group overlaps the one before it and has uniform numbers of its own.
            let mut last = [0.0; GROUP];
            last.fill_with(|| self.uniform());
            to_normal(&mut last);
            values[n - GROUP..].copy_from_slice(&last);
        }
        values
    }

    /// A draw from `[0, 1)` with 24 random bits.
    fn uniform(&mut self) -> f32 {
        (self.0.next_u32() & 0x00ff_ffff) as f32 / 16_777_216.0
    }
}

/// Makes 16 uniform numbers normal by the method of Box and Muller.
fn to_normal(values: &mut [f32; GROUP]) {
    for low in 0..GROUP / 2 {
        let (first, second) = (1.0 - values[low], values[low + GROUP / 2]);
        let radius = (-2.0 * first.ln()).sqrt();
        let angle = std::f32::consts::TAU * second;
        values[low] = radius * angle.cos();
        values[low + GROUP / 2] = radius * angle.sin();
    }
}
