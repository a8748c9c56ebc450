//! Bytes as a row of choices: what a generator makes is decided by them alone, so that a seed, a
//! fuzzer's input and the smallest bytes that still fail all make the same thing again.

use crate::random::Random;

/// Takes one choice after the other from the front of the bytes. Where they are used up every choice
/// is the first, which is the simplest: shorter bytes, and bytes of zero, make simpler things.
#[derive(Clone, Debug)]
pub struct Choices<'b> {
    bytes: &'b [u8],
}

impl<'b> Choices<'b> {
    pub fn new(bytes: &'b [u8]) -> Self {
        Self { bytes }
    }

    fn byte(&mut self) -> usize {
        let Some((first, rest)) = self.bytes.split_first() else {
            return 0;
        };
        self.bytes = rest;
        usize::from(*first)
    }

    /// A number below the limit, or 0.
    pub fn below(&mut self, limit: usize) -> usize {
        match limit {
            0 | 1 => 0,
            2..=256 => self.byte() % limit,
            _ => (self.byte() * 256 + self.byte()) % limit,
        }
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, chance: usize) -> bool {
        self.byte() * 100 >= (100 - chance) * 256
    }

    /// One of the things; the first is the simplest.
    pub fn pick<'t, T>(&mut self, things: &'t [T]) -> &'t T {
        &things[self.below(things.len())]
    }
}

/// The bytes of the case of that number, of those that a seed stands for.
pub fn bytes(seed: u64, case: u64, length: usize) -> Vec<u8> {
    // Neighbouring numbers must not make similar bytes.
    let mixed =
        (seed ^ case.wrapping_mul(0x9e37_79b9_7f4a_7c15)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mut random = Random(mixed | 1);
    for _ in 0..4 {
        random.below(2);
    }
    (0..length)
        .map(|_| u8::try_from(random.below(1 << 16) >> 8).unwrap_or_default())
        .collect()
}

/// Smaller bytes that still fail: parts are taken out, then bytes lowered, as long as that helps and
/// no more than so many times are tried.
pub fn smallest(bytes: &[u8], tries: usize, fails: &mut dyn FnMut(&[u8]) -> bool) -> Vec<u8> {
    let mut best = bytes.to_vec();
    let mut left = tries;
    let mut helps = |candidate: &[u8]| {
        left = left.saturating_sub(1);
        left > 0 && fails(candidate)
    };
    loop {
        let before = best.clone();
        let mut size = (best.len() / 2).max(1);
        while size > 0 {
            let mut start = 0;
            while start < best.len() {
                let end = (start + size).min(best.len());
                let without = [&best[..start], &best[end..]].concat();
                if helps(&without) {
                    best = without;
                    continue;
                }
                let mut zeros = best.clone();
                zeros[start..end].fill(0);
                if zeros != best && helps(&zeros) {
                    best = zeros;
                }
                start = end;
            }
            size /= 2;
        }
        for at in 0..best.len() {
            for lower in [best[at] / 2, best[at].saturating_sub(1)] {
                let mut candidate = best.clone();
                candidate[at] = lower;
                if lower < best[at] && helps(&candidate) {
                    best = candidate;
                }
            }
        }
        if best == before {
            return best;
        }
    }
}
