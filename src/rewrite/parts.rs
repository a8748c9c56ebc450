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

/// So many objects are worth a part of their own.
const LEAST: usize = 256;
/// There are as many parts as this, or four for each thread: each goes through the whole list once.
const PARTS: usize = 16;

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
        if objects.len() < 2 * LEAST || self.rewriter.work != Work::Inject {
            return None;
        }
        let ground = Ground::new(tree).ok()?;
        if !ground.can_be_edited_in_parts() {
            return None;
        }
        let size = objects.len().div_ceil(PARTS.max(4 * bench.jobs));
        // Lines are counted once, and not by each part anew.
        let mut lines = log.lines.clone();
        let parts: Vec<(LineCounter<'_>, &[Object<'_>])> = objects
            .chunks(size.max(LEAST))
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
