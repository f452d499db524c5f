/// The mean time between an answer and the next question, in microseconds.
pub const MEAN_GAP_US: f64 = 10_000.0;

/// The random times to wait between an answer and the next question.
///
/// They are exponentially distributed, so the questions form a Poisson process: whatever the threads of the
/// process do in a rhythm, the questions do not fall in step with it, and the part of the questions that finds
/// the GIL held is the part of the time in which it is held.
#[derive(Debug, Clone)]
pub struct Gaps(u64);

impl Gaps {
    /// Starts a sequence.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next time to wait, in microseconds.
    pub fn next_us(&mut self) -> u64 {
        // In (0, 1], so its logarithm is finite.
        let uniform = ((self.random() >> 11) + 1) as f64 / (1u64 << 53) as f64;
        (-uniform.ln() * MEAN_GAP_US) as u64
    }

    /// SplitMix64 (Steele, Lea and Flood, 2014): each state gives another number, and any seed will do.
    fn random(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_exponentially_distributed() {
        const DRAWN: usize = 100_000;
        let mut gaps = Gaps::new(7);
        let drawn: Vec<f64> = (0..DRAWN).map(|_| gaps.next_us() as f64).collect();
        let mean = drawn.iter().sum::<f64>() / DRAWN as f64;
        assert!((mean / MEAN_GAP_US - 1.0).abs() < 0.02, "{mean}");
        for times in [0.1, 0.5, 1.0, 2.0, 4.0] {
            let longer = drawn.iter().filter(|gap| **gap > times * MEAN_GAP_US).count();
            let part = longer as f64 / DRAWN as f64;
            assert!((part - (-times).exp()).abs() < 0.01, "{times}: {part}");
        }
    }

    #[test]
    fn every_seed_gives_other_gaps() {
        let first = |seed| Gaps::new(seed).next_us();
        assert_ne!(first(0), first(1));
        assert_eq!(first(1), first(1));
    }
}
