//! What must hold of any input, said once: `cargo test` asks it of what a seed makes and of real
//! files, the fuzz targets (`fuzz/`) of whatever their input becomes.
//!
//! - `choices`: bytes as a row of choices, for all that is generated;
//! - `second_reader`, `scalars`: what a text means to readers that are not ours;
//! - `configurations`, `workloads`, `writer`: what is generated, and how it looks;
//! - `lines`, `surroundings`: which lines must still be there, and what the new ones look like;
//! - `rewriting`: a text through the pipeline;
//! - `forms`: its diff, its reports, its other format;
//! - `configuration`: any configuration, any annotations;
//! - `promises`: what a configuration does to a stream;
//! - `removal`: what was injected, taken out again;
//! - `edits`: any changes on any document;
//! - `pipeline`: any bytes in every way that they can go;
//! - `parsers`: two readers of one text.

// The causes for which what was injected does not come out to the same bytes.
#[path = "../causes/mod.rs"]
mod causes;
#[allow(dead_code, reason = "nothing here reads the operator's answers")]
#[path = "../equivalence/mod.rs"]
mod equivalence;

pub mod choices;
pub mod configuration;
pub mod configurations;
pub mod edits;
pub mod forms;
pub mod lines;
pub mod parsers;
pub mod pipeline;
pub mod promises;
pub mod removal;
pub mod rewriting;
pub mod scalars;
pub mod second_reader;
pub mod surroundings;
pub mod workloads;
pub mod writer;
