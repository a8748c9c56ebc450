//! Some documents of a stretch side by side: each stage of the pipeline works on all of them before the
//! next one begins. A stage's code stays in the processor's cache then, where that of all stages together
//! has no room: to do one document after the other takes some percent more time.

use super::task::{Decided, Read, Result, Task};
use super::{Bench, Log};
use crate::edit::NewText;
use crate::report::Event;
use crate::source::Span;

/// At most so many documents are worked on side by side.
pub(super) const MOST: usize = 16;
/// They have at most so many bytes together, unless there is one alone: what is made of them is to stay in
/// the cache as well.
const BYTES: usize = 64 * 1024;
/// Trees of so many nodes are usual: larger ones leave their memory to the next one only where each is the
/// first of its lot, since there are very many lots and threads.
const USUAL: usize = 1024;

/// Documents in the order of their stretch.
#[derive(Default)]
pub(super) struct Lot<'w> {
    tasks: Vec<Waiting<'w>>,
    /// Their bytes.
    bytes: usize,
}

/// A document that is worked on with others.
struct Waiting<'w> {
    task: Task<'w>,
    /// Which of its stretch it is: from 1, those that hold nothing not counted.
    number: usize,
}

impl<'w> Lot<'w> {
    /// Whether a document of so many bytes may still come in. A large one is the only one of its lot.
    pub(super) fn has_room(&self, bytes: usize) -> bool {
        self.tasks.is_empty() || (self.tasks.len() < MOST && self.bytes + bytes <= BYTES)
    }

    /// Adds a document that is the `number`th of its stretch.
    pub(super) fn push(&mut self, task: Task<'w>, number: usize) {
        self.bytes += task.text.len();
        self.tasks.push(Waiting { task, number });
    }

    /// Works on the documents, and gives the bytes in the source and the new text of those that change, in
    /// their order. Nothing is left in the lot.
    pub(super) fn work(
        &mut self,
        bench: &mut Bench<'_>,
        log: &mut Log<'_>,
    ) -> impl Iterator<Item = (Span, NewText)> + use<'_, 'w> {
        let new = work(&self.tasks, bench, log);
        self.bytes = 0;
        let changed = self.tasks.drain(..).zip(new);
        changed.filter_map(|(own, new)| Some((own.task.span(), new?)))
    }
}

/// The new texts of documents.
fn work(tasks: &[Waiting<'_>], bench: &mut Bench<'_>, log: &mut Log<'_>) -> Vec<Option<NewText>> {
    let read: Vec<Result<Read<'_>>> = tasks
        .iter()
        .zip(&mut bench.spares)
        .map(|(own, spare)| own.task.read(std::mem::take(spare)))
        .collect();
    // Where in the log is what is said of each document.
    let mut said = Vec::with_capacity(tasks.len());
    let decided: Vec<Result<Decided<'_>>> = tasks
        .iter()
        .zip(read)
        .map(|(own, read)| {
            log.document = own.number;
            let begin = log.events.len();
            let decided = read.and_then(|read| own.task.decide(read, bench, log));
            said.push(begin..log.events.len());
            decided
        })
        .collect();
    // How many events have been put in front of the next one's since then.
    let mut later = 0;
    let edited = tasks.iter().zip(decided).zip(said).enumerate();
    edited
        .map(|(index, ((own, decided), said))| {
            let end = log.events.len();
            let spare = &mut bench.spares[index];
            let edited =
                decided.and_then(|decided| own.task.edit(decided, &mut bench.editor, spare, log));
            if index > 0 {
                spare.keep_up_to(USUAL);
            }
            let new = edited.unwrap_or_else(|error| {
                log.push(Event::Diagnostic(error));
                None
            });
            // They belong behind what was said of the same document.
            let more = log.events.len() - end;
            let (begin, behind) = (said.start + later, said.end + later);
            log.events[behind..].rotate_right(more);
            later += more;
            let events = &mut log.events[begin..behind + more];
            match new {
                Some(new) if own.task.must_settle(events) => {
                    Some(own.task.settled(new, bench, events))
                }
                new => new,
            }
        })
        .collect()
}
