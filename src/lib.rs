//! Rewrites Kubernetes manifests the way the Datakit Operator changes pods as they are created, and
//! changes nothing else.
//!
//! One direction: input → parse → find workloads → decide → plan changes → edit bytes → output and
//! report. The modules below stand in that order, and each uses only those above it.

pub mod source;

pub mod secret;

pub mod diagnostic;

pub mod limits;

pub mod parallel;

pub mod pages;

pub mod input;

pub mod yaml;

pub mod change;

pub mod document;

pub mod config;

pub mod workload;

pub mod inject;

pub mod remove;

pub mod refresh;

pub mod edit;

pub mod convert;

pub mod diff;

pub mod work;

pub mod explanation;

pub mod preflight;

pub mod report;

pub mod output;

pub mod hosts;

mod remark;

pub mod rewrite;

pub mod cli;

pub mod settings;

pub mod command;

mod publish;

pub mod run;
