//! A document with many workloads, such as the list of a whole cluster, in parts of its workloads: several
//! threads work on it, and what is planned for one part is gone before the next begins.
//!
//! The parts are edited as if the others stayed, which is possible since nothing that is injected into one
//! item of a list is seen from another. Whatever is out of the usual (aliases, something taken out, an
//! error) is left to the work on the document as a whole, which says what is wrong with it.

use std::sync::atomic::{AtomicBool, Ordering};

use memchr::memchr;

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
/// What stands between two objects most often, a dash or brackets, has no more bytes than this; nor has the
/// first line of one.
const USUAL: usize = 64;

/// How many bytes each part goes through that are not in its own objects: all that is in no object, and the
/// first lines of objects that a list begins with or goes on with behind another one, which show that what
/// is in front of them ends there (`yaml/graft.rs`). What is there in any case is not counted.
fn common(objects: &[Object<'_>], text: &str) -> usize {
    let (mut end, mut list) = (0, None);
    let mut bytes = 0;
    for object in objects {
        let (tree, span) = (object.node.tree(), object.node.span());
        bytes += span.start.saturating_sub(end + USUAL);
        end = span.end;
        let own_list = tree.parent(object.node.id());
        if own_list != list && !tree.is_json() {
            let whole = text.get(span.start..span.end).unwrap_or_default();
            let line = memchr(b'\n', whole.as_bytes()).unwrap_or(whole.len());
            bytes += line.saturating_sub(USUAL);
        }
        list = own_list;
    }
    bytes + text.len().saturating_sub(end + USUAL)
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
        // All together go through as much as the text twice at most, beside their own objects.
        let most = 2 * self.text.len() / (1 + common(objects, self.text));
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
