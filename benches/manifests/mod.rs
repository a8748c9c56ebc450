//! Kubernetes manifests to measure with: made up, the same for the same seed, and like real ones.

mod container;
mod deployment;
pub(crate) mod hostile;
mod objects;
mod random;
mod words;
mod writer;

use random::Random;

/// Every stream begins with the same documents: a longer one goes on where a shorter one ends.
const SEED: u64 = 0x0da7_a517;

/// A kind of stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    /// Deployments, each of which is injected with ddtrace, logfwd and logging.
    Injected,
    /// One Deployment in 20 documents; the rest are 10 `ConfigMap`s, 7 Services and 2 definitions of
    /// custom resources, in an order that changes.
    Mixed,
}

/// The documents of a stream, without end.
pub(crate) struct Documents {
    stream: Stream,
    random: Random,
    number: usize,
    /// The kinds of the next documents of a mixed stream.
    next: Vec<char>,
}

impl Documents {
    pub(crate) fn new(stream: Stream) -> Self {
        Self {
            stream,
            random: Random::new(SEED),
            number: 0,
            next: Vec::new(),
        }
    }
}

impl Iterator for Documents {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let number = self.number;
        self.number += 1;
        let random = &mut self.random;
        if self.stream == Stream::Injected {
            return Some(deployment::deployment(random, number));
        }
        if self.next.is_empty() {
            self.next = "dccccccccccsssssssrr".chars().collect();
            for last in (1..self.next.len()).rev() {
                self.next.swap(last, random.between(0, last));
            }
        }
        Some(match self.next.pop()? {
            'd' => deployment::deployment(random, number),
            'c' => objects::config_map(random, number),
            's' => objects::service(random, number),
            _ => objects::definition(random, number),
        })
    }
}

/// The first Deployment of the stream that has this many lines.
pub(crate) fn deployment_of(lines: usize) -> Option<String> {
    Documents::new(Stream::Injected)
        .take(100_000)
        .find(|text| text.lines().count() == lines)
}

/// A file of a repository: one object, or a workload with what belongs to it.
pub(crate) fn repository_file(number: usize) -> String {
    let mut random = Random::new(SEED ^ (number as u64 + 1));
    let first = number * 4;
    match random.between(0, 19) {
        0..=7 => deployment::deployment(&mut random, first),
        8..=9 => {
            let mut text = deployment::deployment(&mut random, first);
            text += &objects::service(&mut random, first + 1);
            for further in 2..=random.between(2, 3) {
                text += &objects::companion(&mut random, first + further);
            }
            text
        }
        10..=12 => objects::service(&mut random, first),
        13..=14 => objects::config_map(&mut random, first),
        15 if random.percent(30) => objects::definition(&mut random, first),
        _ => objects::companion(&mut random, first),
    }
}
