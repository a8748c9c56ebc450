//! Random numbers that are the same on every machine and with every toolchain.

/// `SplitMix64`: a few lines, and good enough for choosing among words.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `low` up to `high`, both included.
    pub(crate) fn between(&mut self, low: usize, high: usize) -> usize {
        let count = (high - low + 1) as u64;
        low + usize::try_from(self.next() % count).unwrap_or_default()
    }

    /// True in so many of a hundred cases.
    pub(crate) fn percent(&mut self, chance: usize) -> bool {
        self.between(0, 99) < chance
    }

    pub(crate) fn pick(&mut self, words: &[&'static str]) -> &'static str {
        words[self.between(0, words.len() - 1)]
    }

    /// So many hexadecimal digits.
    pub(crate) fn hex(&mut self, digits: usize) -> String {
        (0..digits)
            .map(|_| char::from(b"0123456789abcdef"[self.between(0, 15)]))
            .collect()
    }

    /// Words with blanks between them, as in a comment or a description.
    pub(crate) fn words(&mut self, count: usize) -> String {
        let words: Vec<&str> = (0..count).map(|_| self.pick(&PROSE)).collect();
        words.join(" ")
    }
}

/// Common words of comments, descriptions and log formats.
const PROSE: [&str; 64] = [
    "the",
    "service",
    "reads",
    "from",
    "a",
    "queue",
    "and",
    "writes",
    "to",
    "storage",
    "only",
    "when",
    "traffic",
    "is",
    "high",
    "limit",
    "connections",
    "per",
    "node",
    "retry",
    "after",
    "failure",
    "keep",
    "this",
    "in",
    "sync",
    "with",
    "gateway",
    "settings",
    "timeout",
    "seconds",
    "before",
    "rollout",
    "owner",
    "team",
    "ask",
    "on",
    "channel",
    "memory",
    "grows",
    "cache",
    "size",
    "see",
    "runbook",
    "for",
    "details",
    "requires",
    "restart",
    "default",
    "value",
    "of",
    "upstream",
    "must",
    "match",
    "client",
    "version",
    "until",
    "migration",
    "ends",
    "do",
    "not",
    "change",
    "without",
    "review",
];
