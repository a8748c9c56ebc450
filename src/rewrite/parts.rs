//! A document with many workloads, such as the list of a whole cluster, in parts of its workloads: several
//! threads work on it, and what is planned for one part is gone before the next begins.
//!
//! The parts are edited as if the others stayed, which is possible since nothing that is injected into one
//! item of a list is seen from another. Whatever is out of the usual (aliases, something taken out, an
//! error) is left to the work on the document as a whole, which says what is wrong with it.

use std::sync::atomic::{AtomicBool, Ordering};

use super::task::Task;
use super::{Bench, Log};
use crate::edit::{Edited, EditedPart, Ground};
use crate::parallel;
use crate::report::Event;
use crate::source::LineCounter;
use crate::work::Work;
use crate::workload::Object;
use crate::yaml::Tree;

/// So many objects are a part at least: what is made of them stays in the processor's cache until it is
/// checked.
const PART: usize = 128;
/// What stands between two objects, in bytes, most often: the dash, or the brackets.
const BETWEEN: usize = 64;

/// How many of a text's bytes are neither in objects nor what there is between them in any case. Each part
/// may go through these, and all together do no more than twice through as much as the text.
fn outside(objects: &[Object<'_>], bytes: usize) -> usize {
    let mut end = 0;
    let mut outside = 0;
    for object in objects {
        let span = object.node.span();
        outside += span.start.saturating_sub(end + BETWEEN);
        end = span.end;
    }
    outside + bytes.saturating_sub(end + BETWEEN)
}

impl Task<'_> {
    /// Works on the objects of a document in parts. Gives nothing where they are few, or it has to be done
    /// as a whole: then nothing has been said either.
    pub(super) fn in_parts(
        &self,
        tree: &Tree<'_>,
        objects: &[Object<'_>],
        bench: &Bench<'_>,
        log: &mut Log<'_>,
    ) -> Option<Edited> {
        if objects.len() < 2 * PART || self.rewriter.work != Work::Inject {
            return None;
        }
        let ground = Ground::new(tree).ok()?;
        if !ground.can_be_edited_in_parts() {
            return None;
        }
        let most = 2 * self.text.len() / (1 + outside(objects, self.text.len()));
        if most < 2 {
            return None;
        }
        let size = PART.max(objects.len().div_ceil(most));
        // Lines are counted once, and not by each part anew.
        let mut lines = log.lines.clone();
        let parts: Vec<(LineCounter<'_>, &[Object<'_>])> = objects
            .chunks(size)
            .map(|part| {
                lines.line_column(self.remarks.base + part[0].node.span().start);
                (lines.clone(), part)
            })
            .collect();
        let told = self.errors.load(Ordering::Relaxed);
        let is_lost = AtomicBool::new(false);
        let done = parallel::map(
            &parts,
            bench.jobs,
            || self.rewriter.bench(),
            |bench, (lines, part)| {
                if is_lost.load(Ordering::Relaxed) {
                    return None;
                }
                let mut own = Log {
                    source: log.source,
                    lines: lines.clone(),
                    document: log.document,
                    events: Vec::new(),
                };
                let edited = self.part(&ground, part, bench, &mut own);
                if edited.is_none() {
                    is_lost.store(true, Ordering::Relaxed);
                }
                edited.map(|edited| (edited, own.events))
            },
        );
        // Of many errors the first ones are shown in full, which parts cannot know.
        if self.errors.swap(told, Ordering::Relaxed) > told {
            return None;
        }
        let done: Vec<(EditedPart, Vec<Event>)> = done.into_iter().collect::<Option<_>>()?;
        let (edited, events): (Vec<_>, Vec<_>) = done.into_iter().unzip();
        let edited = ground.join(edited)?;
        log.events.extend(events.into_iter().flatten());
        Some(edited)
    }

    /// Works on a part.
    fn part(
        &self,
        ground: &Ground<'_>,
        objects: &[Object<'_>],
        bench: &mut Bench<'_>,
        log: &mut Log<'_>,
    ) -> Option<EditedPart> {
        let changes = self.plan(objects, None, bench, log);
        if changes.is_empty() {
            return Some(EditedPart::default());
        }
        bench.editor.edit_part(ground, &changes)
    }
}
