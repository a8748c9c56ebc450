//! A small generator of random numbers, seeded, so that a failure can be repeated.

/// Its state, which must not be 0.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A number below the limit, or 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }
}
