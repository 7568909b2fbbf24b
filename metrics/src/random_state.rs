//! NumPy's legacy random generator, so that subsets and shuffles are those of the reference programs.

/// `numpy.random.RandomState`: a 32-bit Mersenne Twister (MT19937) with NumPy's frozen legacy distributions.
///
/// Source: Matsumoto and Nishimura, "Mersenne Twister", ACM TOMACS 8(1), 1998; NumPy's `RandomState`, whose streams
/// are guaranteed not to change.
#[derive(Clone, Debug)]
pub struct RandomState {
    words: [u32; WORDS],
    position: usize,
    spare_gaussian: Option<f64>,
}

const WORDS: usize = 624;
const MIDDLE: usize = 397;

impl RandomState {
    /// The generator that `RandomState(seed)` makes.
    pub fn new(seed: u32) -> Self {
        let mut words = [seed; WORDS];
        for index in 1..WORDS {
            let previous = words[index - 1];
            words[index] = (previous ^ (previous >> 30))
                .wrapping_mul(1_812_433_253)
                .wrapping_add(index as u32);
        }
        Self { words, position: WORDS, spare_gaussian: None }
    }

    /// A random order of `0..n`, as `permutation(n)`.
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for last in (1..n).rev() {
            let other = self.at_most(last as u64) as usize;
            order.swap(last, other);
        }
        order
    }

    /// `size` different numbers from `0..n` in random order, as `choice(n, size, replace=False)`; all of them if
    /// `size` is larger than `n`.
    pub fn choice(&mut self, n: usize, size: usize) -> Vec<usize> {
        let mut order = self.permutation(n);
        order.truncate(size);
        order
    }

    /// A number from `0..n`, as `randint(n)`; 0 if `n` is 0.
    pub fn randint(&mut self, n: usize) -> usize {
        self.at_most(n.saturating_sub(1) as u64) as usize
    }

    /// A draw from the standard normal distribution, as `randn()`.
    pub fn randn(&mut self) -> f64 {
        if let Some(spare) = self.spare_gaussian.take() {
            return spare;
        }
        // Marsaglia's polar method, which yields two numbers at a time.
        loop {
            let x = 2.0 * self.uniform() - 1.0;
            let y = 2.0 * self.uniform() - 1.0;
            let square = x * x + y * y;
            if square < 1.0 && square != 0.0 {
                let scale = (-2.0 * square.ln() / square).sqrt();
                self.spare_gaussian = Some(scale * x);
                return scale * y;
            }
        }
    }

    /// A draw from `[0, 1)` with 53 random bits, as `random_sample()`.
    pub fn uniform(&mut self) -> f64 {
        let high = f64::from(self.next_u32() >> 5);
        let low = f64::from(self.next_u32() >> 6);
        (high * 67_108_864.0 + low) / 9_007_199_254_740_992.0
    }

    /// A number in `0..=max`, by rejection under the smallest mask that covers `max`.
    fn at_most(&mut self, max: u64) -> u64 {
        if max == 0 {
            return 0;
        }
        let mask = u64::MAX >> max.leading_zeros();
        loop {
            let value = if max <= u64::from(u32::MAX) {
                u64::from(self.next_u32())
            } else {
                (u64::from(self.next_u32()) << 32) | u64::from(self.next_u32())
            };
            if value & mask <= max {
                return value & mask;
            }
        }
    }

    /// 32 random bits.
    pub(crate) fn next_u32(&mut self) -> u32 {
        if self.position == WORDS {
            self.twist();
        }
        let mut word = self.words[self.position];
        self.position += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c_5680;
        word ^= (word << 15) & 0xefc6_0000;
        word ^ (word >> 18)
    }

    fn twist(&mut self) {
        for index in 0..WORDS {
            let joined =
                (self.words[index] & 0x8000_0000) | (self.words[(index + 1) % WORDS] & 0x7fff_ffff);
            let feedback = if joined & 1 == 1 { 0x9908_b0df } else { 0 };
            self.words[index] = self.words[(index + MIDDLE) % WORDS] ^ (joined >> 1) ^ feedback;
        }
        self.position = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Expected values: numpy.random.RandomState(2020), fresh for each test.

    #[test]
    fn permutation_is_numpys() {
        let expected = [4, 10, 1, 2, 9, 12, 15, 5, 14, 7, 11, 13, 6, 3, 8, 0];
        assert_eq!(RandomState::new(2020).permutation(16), expected);
    }

    #[test]
    fn choice_is_numpys() {
        let mut random = RandomState::new(2020);
        assert_eq!(random.choice(50, 8), [25, 13, 26, 37, 41, 19, 12, 0]);
        assert_eq!(random.choice(40, 8), [38, 31, 4, 21, 24, 12, 2, 29]);
    }

    #[test]
    fn randint_is_numpys() {
        let mut random = RandomState::new(2020);
        let draws: Vec<usize> = (0..8).map(|_| random.randint(50)).collect();
        assert_eq!(draws, [32, 8, 3, 3, 27, 3, 7, 29]);
        assert_eq!([(); 4].map(|()| random.randint(1000)), [560, 160, 920, 970]);
        assert_eq!([random.randint(1), random.randint(0)], [0, 0]);
    }

    #[test]
    fn randn_is_numpys() {
        let mut random = RandomState::new(2020);
        let expected = [
            -1.768_845_705_575_950_8,
            0.075_552_271_208_109_52,
            -1.130_629_702_805_342_3,
            -0.651_430_166_904_734_8,
        ];
        for value in expected {
            assert_eq!(random.randn(), value);
        }
    }

    #[test]
    fn small_sizes_are_sound() {
        let mut random = RandomState::new(0);
        assert!(random.permutation(0).is_empty());
        assert_eq!(random.permutation(1), [0]);
        assert_eq!(random.choice(3, 9).len(), 3);
    }
}
