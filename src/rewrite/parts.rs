//! A document with many workloads, such as the list of a whole cluster, in parts of its workloads: several
//! threads work on it, and what is planned for one part is gone before the next begins.
//!
//! The parts are edited as if the others stayed, which is possible since nothing that is injected into one
//! item of a list is seen from another. Whatever is out of the usual (aliases, something taken out, an
//! error) is left to the work on the document as a whole, which says what is wrong with it.

use std::sync::atomic::Ordering;

use super::task::Task;
use super::{Bench, Log};
use crate::edit::{Edited, EditedPart, Ground};
use crate::parallel;
use crate::report::Event;
use crate::work::Work;
use crate::workload::Object;
use crate::yaml::Tree;

/// So many objects are worth a part of their own.
const LEAST: usize = 256;
/// A part has no more than these.
const MOST: usize = 2048;

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
        let size = objects.len().div_ceil(4 * bench.jobs);
        let parts: Vec<&[Object<'_>]> = objects.chunks(size.clamp(LEAST, MOST)).collect();
        let told = self.errors.load(Ordering::Relaxed);
        let done = parallel::map(
            &parts,
            bench.jobs,
            || self.rewriter.bench(),
            |bench, part| {
                let mut own = log.with_events(Vec::new());
                self.part(&ground, part, bench, &mut own)
                    .map(|edited| (edited, own.events))
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
