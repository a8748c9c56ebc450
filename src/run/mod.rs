//! From arguments to an exit code: loads (`load.rs`), rewrites, writes (`write.rs`), reports.

mod config;
mod explain;
mod load;
mod preflight;
mod write;

use std::ffi::OsString;
use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;

use crate::cli::{self, Command, SHORT_HELP, SHORT_REMOVE_HELP};
use crate::command;
use crate::config::Configuration;
use crate::diagnostic::Diagnostic;
use crate::hosts::resource_list;
use crate::hosts::results::{self, Outcome};
use crate::hosts::{self, Call, Host, plugin};
use crate::inject::Injection;
use crate::input::{Input, Reader};
use crate::output::color::{ColorChoice, palettes};
use crate::output::{self, Written, report_text};
use crate::pages;
use crate::parallel;
use crate::publish::{Publisher, named};
use crate::report::{Ending, Event, ReadFile, Report, Summary};
use crate::rewrite::{Rewriter, Rewritten};
use crate::settings::{Destination, Job, Otherwise, Reporting, Settings};
use crate::source::Source;
use crate::work::Work;

use explain::Asked;
use load::Loaded;
use write::{NotWritten, end, stdout};

/// Fewer files than this for each thread are read one after the other, each on several threads where
/// it is large.
const FEW: usize = 4;

/// Runs the program with its arguments (the first is its own name) and environment.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    environment: &dyn Fn(&str) -> Option<String>,
) -> ExitCode {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    let plugin_config = plugin::take_config(&mut arguments, environment);
    let typed = match cli::parse(arguments.clone()) {
        Ok(typed) => typed,
        Err(message) => return misused(&message, &arguments, environment),
    };
    let job = match Job::new(typed) {
        Ok(job) => job,
        Err(Otherwise::Command(command)) => return carry_out(command, environment),
        Err(Otherwise::Config(own, given)) => {
            return config::run(&own, &given, &arguments, environment);
        }
    };
    let reporting = Reporting::new(&job.report, environment);
    let mut publisher = match Publisher::new(reporting, &named(&arguments, environment)) {
        Ok(publisher) => publisher,
        Err(code) => return code,
    };
    let mut usage: Vec<Diagnostic> = Vec::new();
    let Some(settings) = Settings::new(job, environment, &mut usage) else {
        return publisher.refuse(usage);
    };
    if settings.paths.is_empty() && std::io::stdin().is_terminal() {
        publisher.says_text = false;
        output::to_stderr(match settings.work {
            Work::Remove => SHORT_REMOVE_HELP,
            _ => SHORT_HELP,
        });
        let message = "nothing was named to read, and standard input is a terminal";
        return publisher.refuse([Diagnostic::error("usage", message)]);
    }
    let Call {
        host,
        standard_input,
    } = Call::new(
        plugin_config,
        &settings.paths,
        settings.jobs,
        &settings.limits,
    );
    let check = matches!(
        settings.destination,
        Destination::Nowhere { check: true, .. }
    );
    Run {
        report: Report {
            work: settings.work,
            dry_run: matches!(settings.destination, Destination::Nowhere { .. }),
            check,
            hands_back: matches!(host, Host::Function { .. }),
            ..Report::default()
        },
        settings,
        host,
        standard_input,
        publisher,
    }
    .execute(environment)
}

/// Does something else than rewriting manifests.
fn carry_out(command: Command, environment: &dyn Fn(&str) -> Option<String>) -> ExitCode {
    let done = command::execute(command, environment).map_err(NotWritten::from);
    match done.and_then(|text| stdout([text.as_str()])) {
        Ok(_) => ExitCode::SUCCESS,
        Err(NotWritten { diagnostic, .. }) => {
            let palette = palettes(ColorChoice::default(), environment).1;
            output::to_stderr(&report_text::render_diagnostic(&diagnostic, palette));
            ExitCode::from(Ending::Failed.code())
        }
    }
}

/// The arguments cannot be read: their parser says why, and so does the report file, where one is
/// named.
fn misused(
    message: &clap::Error,
    arguments: &[OsString],
    environment: &dyn Fn(&str) -> Option<String>,
) -> ExitCode {
    output::usage(message);
    if !message.use_stderr() {
        return ExitCode::SUCCESS;
    }
    let Some(reporting) = Reporting::of_misused(arguments, environment) else {
        return ExitCode::from(Ending::Refused.code());
    };
    let what = message.render().to_string();
    let mut lines = what.lines().filter(|line| !line.trim().is_empty());
    let first = lines.next().unwrap_or_default();
    let what = first.trim_start_matches("error: ").to_owned();
    match Publisher::new(reporting, &named(arguments, environment)) {
        Ok(mut publisher) => {
            publisher.says_text = false;
            publisher.refuse([Diagnostic::error("usage", what)])
        }
        Err(code) => code,
    }
}

/// Most files have no more events than this.
const EVENTS_PER_FILE: usize = 2;

struct Run {
    settings: Settings,
    report: Report,
    host: Host,
    /// Where it had to be read to know the host.
    standard_input: Option<hosts::Reading>,
    publisher: Publisher,
}

/// A file and what became of it.
struct Item<'i> {
    input: &'i Input,
    result: Rewritten,
}

impl Run {
    fn execute(mut self, environment: &dyn Fn(&str) -> Option<String>) -> ExitCode {
        // Nobody knows yet how many files there are, but to find thousands takes memory as well.
        if !self.keeps_texts() {
            pages::avoid_huge();
        }
        let Some(Loaded {
            config,
            previous,
            inputs,
        }) = self.load(environment)
        else {
            return self.finish(Ending::Failed);
        };
        if self.are_few(&inputs) {
            pages::allow_huge();
        }
        if self.settings.work == Work::Preflight {
            return self.preflight(&config, &inputs);
        }
        let rewriter = Rewriter {
            work: self.settings.work,
            rules: &config.rules,
            previous: previous.as_ref().map(|own| &own.rules),
            switches: &self.settings.switches,
            any_logs: self.settings.names(Injection::Logging),
            lookup: &self.settings.lookup,
            format: self.settings.format,
            tells_untouched: self.settings.tells_untouched,
            tells_missing: self.settings.require_injected,
            tells_stale: self.report.check && self.settings.work == Work::Inject,
            limits: &self.settings.limits,
        };
        let keeps_texts = self.keeps_texts();
        let lists_files = self.publisher.form.lists_files();
        let before = self.report.clone();
        let mut report = std::mem::take(&mut self.report);
        let mut asked = Asked::new(&self.settings);
        let mut items = Vec::new();
        // Room that is not used takes no memory on most systems, and a list that grows is there twice.
        report.events.reserve(EVENTS_PER_FILE * inputs.len());
        let read = self.rewrite(&rewriter, &inputs, |input, result| match result {
            Ok(mut result) => {
                report.summary.files += 1;
                report.summary.documents += result.documents;
                report.summary.changed += usize::from(result.changed);
                if lists_files {
                    report.files.push(ReadFile {
                        path: input.name(),
                        documents: result.documents,
                        changed: result.changed,
                    });
                }
                let events = asked.about(std::mem::take(&mut result.events));
                report.events.reserve(events.len());
                for event in events {
                    report.add(event);
                }
                if keeps_texts {
                    items.push(Item { input, result });
                }
            }
            Err(diagnostic) => report.add(Event::Diagnostic(diagnostic)),
        });
        self.report = report;
        if let Err(error) = read {
            self.report = before;
            self.report.add(Event::Diagnostic(error));
        }
        self.tell_default(&config);
        if self.report.summary.errors == 0 {
            self.add_all(asked.not_met());
        }
        if self.report.summary.errors > 0 {
            return self.finish(Ending::Failed);
        }
        self.tell_hard_links(&items);
        if self.settings.strict && self.report.summary.warnings > 0 {
            return self.finish(Ending::Warned);
        }
        self.sweep(&items);
        let written = self.write(&items);
        // The program ends soon: a million small pieces need not be taken apart one by one for that.
        std::mem::forget(items);
        let ending = self.ending();
        self.close(written, ending)
    }

    /// Warns where something is taken out by the default, which nobody chose: what another configuration
    /// set stays, and what tells it from the user's own is gone afterwards.
    fn tell_default(&mut self, config: &Configuration) {
        let needs_rules = |injection: &Injection| match injection {
            Injection::Ddtrace | Injection::Otel | Injection::Flameshot => true,
            // Somebody who names it has its annotation taken out whatever it says.
            Injection::Logging => !self.settings.names(Injection::Logging),
            Injection::Logfwd | Injection::Profiler => false,
        };
        let is_taken_out = |event: &Event| matches!(event, Event::Workload(own) if own.removed().iter().any(needs_rules));
        if self.settings.work != Work::Remove
            || !config.origin.is_built_in()
            || !self.report.events.iter().any(is_taken_out)
        {
            return;
        }
        let message = "no configuration is given, and the built-in default counts: what another one set stays, \
                       and cannot be taken out by a later run";
        let warning = Diagnostic::warning("removed-by-default", message).hint(
            "give the one that the manifests were injected with, in the same run: --config FILE",
        );
        self.report.add(Event::Diagnostic(Box::new(warning)));
    }

    /// Whether the inputs are read one after the other.
    fn are_few(&self, inputs: &[Input]) -> bool {
        inputs.len() < FEW * self.settings.jobs
    }

    /// Whether more than what happened to the inputs is of interest.
    fn keeps_texts(&self) -> bool {
        let is_nowhere = matches!(
            self.settings.destination,
            Destination::Nowhere { diff: false, .. }
        );
        self.host.takes_output_for_all() || !is_nowhere
    }

    /// How a run without errors ends.
    fn ending(&self) -> Ending {
        let Summary {
            changed,
            missing,
            stale,
            ..
        } = self.report.summary;
        if self.report.check && changed + missing + stale > 0 {
            Ending::Found
        } else {
            Ending::Done
        }
    }

    /// Reads and rewrites the inputs; `take` is given what became of each, in their order.
    ///
    /// # Errors
    /// Where they are together larger than the limits allow: then nothing counts that was taken.
    fn rewrite<'i>(
        &self,
        rewriter: &Rewriter<'_>,
        inputs: &'i [Input],
        take: impl FnMut(&'i Input, Result<Rewritten, Box<Diagnostic>>) + Send,
    ) -> Result<(), Box<Diagnostic>> {
        self.on_each(
            inputs,
            || {
                let bench = rewriter.bench();
                if self.keeps_texts() {
                    bench
                } else {
                    bench.keeping_little()
                }
            },
            |source, jobs| rewriter.rewrite(source, jobs),
            |bench, source| {
                let rewritten = rewriter.rewrite_with(bench, source);
                if self.needs_texts(&rewritten) {
                    rewritten
                } else {
                    rewritten.without_texts()
                }
            },
            take,
        )
    }

    /// Reads the inputs, and does the same work on each: on several of them at a time (`one`, with what
    /// each thread `begin`s with), or on one after the other with several threads (`alone`). `take` is
    /// given the results, in the order of the inputs.
    ///
    /// # Errors
    /// Where the inputs are together larger than the limits allow: then nothing counts that was taken.
    fn on_each<'i, S, R: Send>(
        &self,
        inputs: &'i [Input],
        begin: impl Fn() -> S + Sync,
        alone: impl Fn(&Arc<Source>, usize) -> R,
        one: impl Fn(&mut S, &Arc<Source>) -> R + Sync,
        mut take: impl FnMut(&'i Input, Result<R, Box<Diagnostic>>) + Send,
    ) -> Result<(), Box<Diagnostic>> {
        let jobs = self.settings.jobs;
        let reader = Reader::new(&self.settings.limits);
        if self.are_few(inputs) {
            for input in inputs {
                let source = self.read(&reader, input, jobs);
                take(input, source.map(|source| alone(&source, jobs)));
            }
        } else {
            let work = |own: &mut S, input: &Input| {
                let source = self.read(&reader, input, 1)?;
                Ok(one(own, &source))
            };
            parallel::each(inputs, jobs, begin, work, take);
        }
        reader.exhausted(inputs).map_or(Ok(()), Err)
    }

    /// Reads an input, unless that had to be done to know who calls us.
    fn read(&self, reader: &Reader<'_>, input: &Input, jobs: usize) -> hosts::Reading {
        match (input, &self.standard_input) {
            (Input::Standard, Some(read)) => read.clone(),
            _ => reader.read(input, jobs),
        }
    }

    /// Whether the texts of a file are written or shown.
    fn needs_texts(&self, rewritten: &Rewritten) -> bool {
        match self.settings.destination {
            Destination::Stdout | Destination::Folder(_) => true,
            Destination::InPlace | Destination::Nowhere { diff: true, .. } => rewritten.changed,
            Destination::Nowhere { diff: false, .. } => false,
        }
    }

    /// Ends the run after the result was written, or was not.
    fn close(mut self, written: Result<Written, NotWritten>, ending: Ending) -> ExitCode {
        let ending = end(written, ending, &mut self.report, &mut self.publisher);
        self.finish(ending)
    }

    fn finish(mut self, ending: Ending) -> ExitCode {
        if ending.is_failure() {
            self.fail_function();
        }
        self.report.ending = ending;
        self.publisher.publish(self.report)
    }

    /// A function that fails still gives the list, its items as they were, with what went wrong.
    fn fail_function(&self) {
        if self.settings.work.gives_manifests()
            && let Host::Function { list } = &self.host
            && let Ok(text) = self.with_results(list, list.text(), Outcome::Failed)
        {
            // Where not even that can be written, the exit code tells.
            let _ = output::to_stdout([text.as_str()]);
        }
    }

    fn with_results(
        &self,
        list: &Source,
        text: &str,
        outcome: Outcome,
    ) -> Result<String, Box<Diagnostic>> {
        let (lookup, verbosity) = (&self.settings.lookup, self.publisher.setting.verbosity);
        let told = results::results(list, lookup, &self.report, verbosity, outcome);
        resource_list::with_results(text, list.text(), told)
    }
}
