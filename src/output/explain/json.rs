//! The explanation for programs: one JSON object in a versioned form (`docs/explain.md`).
//!
//! Structs and not maps: the order of their fields is the order in the text. Of variables there are
//! names alone.

use serde::Serialize;
use std::collections::BTreeMap;

use super::{Fate, Setting, explained, fate, rule_place};
use crate::config::rule::Unmet;
use crate::config::select::Verdict;
use crate::config::selector::{Answer, Asked};
use crate::diagnostic::Location;
use crate::explanation::{NamespaceFrom, TemplateExplanation};
use crate::inject::{Account, Act, Consulted, Deed, Evidence, Exhibit};
use crate::output::report_json::{Remark, reason, remark, text};
use crate::report::{ConfigurationInForce, Report};

/// Counts up where a reader of the form before would be misled.
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'r> {
    schema_version: u32,
    program: &'static str,
    version: &'static str,
    configuration: Option<Configuration<'r>>,
    workloads: Vec<Workload<'r>>,
    summary: Numbers,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Configuration<'r> {
    origin: &'r str,
    operator_version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Numbers {
    files: usize,
    documents: usize,
    workloads: usize,
    would_inject: usize,
    injected: usize,
    skipped: usize,
    warnings: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Workload<'r> {
    #[serde(flatten)]
    place: Place<'r>,
    document: usize,
    api_version: Option<&'r str>,
    kind: &'r str,
    namespace: Option<&'r str>,
    name: Option<&'r str>,
    templates: Vec<Template<'r>>,
    diagnostics: Vec<Remark<'r>>,
}

#[derive(Serialize)]
struct Place<'r> {
    path: &'r str,
    line: usize,
    column: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Template<'r> {
    #[serde(rename = "template")]
    way: &'r str,
    #[serde(flatten)]
    place: Place<'r>,
    namespace: &'r str,
    namespace_from: &'static str,
    labels: BTreeMap<&'r str, &'r str>,
    injections: Vec<Injection<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Injection<'r> {
    #[serde(rename = "injection")]
    name: &'static str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<Rule<'r>>,
    evidence: Vec<Shown<'r>>,
    asked: Vec<Heard<'r>>,
    not_asked: usize,
    actions: Vec<Action<'r>>,
}

#[derive(Serialize)]
struct Rule<'r> {
    ruleset: &'static str,
    index: Option<usize>,
    name: &'r str,
    #[serde(flatten)]
    place: Option<OwnPlace>,
}

#[derive(Serialize)]
struct OwnPlace {
    path: String,
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct Shown<'r> {
    kind: &'static str,
    name: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'r str>,
    #[serde(flatten)]
    place: Option<Place<'r>>,
}

#[derive(Serialize)]
struct Heard<'r> {
    rule: Rule<'r>,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotation: Option<&'r str>,
    namespaces: Entries<'r>,
    labels: Entries<'r>,
}

/// What the entries of one dimension say: those that were asked, and which of them matched.
#[derive(Serialize)]
struct Entries<'r> {
    asked: Vec<&'r str>,
    matched: Option<&'r str>,
}

#[derive(Serialize)]
struct Action<'r> {
    #[serde(rename = "action")]
    verb: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    container: Option<&'r str>,
    #[serde(flatten)]
    what: What<'r>,
    #[serde(flatten)]
    place: Option<Place<'r>>,
}

/// What is done something to; each action has some of these.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct What<'r> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    volume: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mount_path: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    added: Option<&'r [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dropped: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'r str>,
}

/// The explanation as JSON, with a line break at its end.
pub(super) fn render(report: &Report, setting: &Setting<'_>) -> String {
    let configuration = report.configuration.as_ref();
    let workloads = explained(report).into_iter().map(|own| Workload {
        place: place(&own.workload.location),
        document: own.workload.document,
        api_version: own.workload.object.api_version(),
        kind: own.workload.object.kind(),
        namespace: own.workload.object.namespace(),
        name: own.workload.object.name(),
        templates: own
            .workload
            .explanation()
            .iter()
            .map(|own| template(own, setting, configuration))
            .collect(),
        diagnostics: own
            .remarks
            .into_iter()
            .map(|own| remark(own, configuration))
            .collect(),
    });
    text(&Document {
        schema_version: SCHEMA_VERSION,
        program: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        configuration: configuration.map(|own| Configuration {
            origin: &own.origin,
            operator_version: own.operator_version,
        }),
        workloads: workloads.collect(),
        summary: Numbers {
            files: report.summary.files,
            documents: report.summary.documents,
            workloads: report.summary.workloads,
            would_inject: report.summary.injected,
            injected: report.summary.there,
            skipped: report.summary.skipped - report.summary.there,
            warnings: report.summary.warnings,
        },
    })
}

fn place(location: &Location) -> Place<'_> {
    Place {
        path: &location.path,
        line: location.line,
        column: location.column,
    }
}

fn template<'r>(
    own: &'r TemplateExplanation,
    setting: &Setting<'_>,
    configuration: Option<&ConfigurationInForce>,
) -> Template<'r> {
    let asked_for = setting.injections;
    let accounts = own
        .accounts
        .iter()
        .filter(|account| asked_for.is_empty() || asked_for.contains(&account.injection));
    Template {
        way: &own.path,
        place: place(&own.location),
        namespace: &own.namespace,
        namespace_from: match own.namespace_from {
            NamespaceFrom::Template => "template",
            NamespaceFrom::Workload => "workload",
            NamespaceFrom::Default => "default",
        },
        labels: own
            .labels
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect(),
        injections: accounts
            .filter_map(|account| injection(own, account, configuration))
            .collect(),
    }
}

fn injection<'r>(
    template: &'r TemplateExplanation,
    account: &'r Account<Location>,
    configuration: Option<&ConfigurationInForce>,
) -> Option<Injection<'r>> {
    let fate = fate(template, account)?;
    let (status, detail, why) = match fate {
        Fate::WouldInject(detail) => ("would-inject", detail, None),
        Fate::Injected(reason) => ("injected", None, Some(reason)),
        Fate::Skipped(reason) => ("skipped", None, Some(reason)),
    };
    Some(Injection {
        name: account.injection.name(),
        status,
        detail,
        reason: why.map(reason),
        message: why.map(ToString::to_string),
        rule: account.chosen().map(|own| rule(own, configuration)),
        evidence: account.evidence.iter().map(shown).collect(),
        asked: account
            .asked
            .iter()
            .map(|own| heard(own, configuration))
            .collect(),
        not_asked: account.not_asked,
        actions: account.deeds.iter().map(action).collect(),
    })
}

fn rule<'r>(own: &'r Consulted, configuration: Option<&ConfigurationInForce>) -> Rule<'r> {
    let place = &own.rule.place;
    Rule {
        ruleset: place.ruleset,
        index: place.index,
        name: &place.name,
        place: rule_place(place, configuration).map(|own| OwnPlace {
            path: own.path.to_string(),
            line: own.line,
            column: own.column,
        }),
    }
}

fn shown(own: &Evidence<Location>) -> Shown<'_> {
    let (kind, name, value) = match &own.what {
        Exhibit::Annotation { key, value } => ("annotation", key, value.as_deref()),
        Exhibit::Container(name) => ("container", name, None),
        Exhibit::InitContainer(name) => ("init-container", name, None),
    };
    Shown {
        kind,
        name,
        value,
        place: own.place.as_ref().map(place),
    }
}

fn heard<'r>(own: &'r Consulted, configuration: Option<&ConfigurationInForce>) -> Heard<'r> {
    let (verdict, answer) = match own.verdict {
        Verdict::PassedOver => ("passed-over", None),
        Verdict::NotSelected(answer) => ("not-selected", Some(answer)),
        Verdict::AnnotationMissing(answer, Unmet::NextRule) => ("annotation-missing", Some(answer)),
        Verdict::AnnotationMissing(answer, Unmet::Stop) => {
            ("annotation-missing-ends-search", Some(answer))
        }
        Verdict::SendsOn(answer) => ("sends-on", Some(answer)),
        Verdict::Chosen(answer) => ("chosen", Some(answer)),
    };
    let said = |of: fn(Answer) -> Asked| answer.map_or(Asked::Not, of);
    let namespaces = own.rule.namespaces.iter().map(String::as_str);
    let labels = own.rule.labels.iter().map(|own| own.text.as_str());
    Heard {
        rule: rule(own, configuration),
        verdict,
        annotation: own.rule.annotation.as_deref(),
        namespaces: entries(said(|own| own.namespaces), namespaces),
        labels: entries(said(|own| own.labels), labels),
    }
}

/// Entries are asked in their order, up to the first that matches.
fn entries<'r>(said: Asked, entries: impl Iterator<Item = &'r str>) -> Entries<'r> {
    let asked: Vec<&str> = match said {
        Asked::Not => Vec::new(),
        Asked::NoneMatches => entries.collect(),
        Asked::Matches(index) => entries.take(index + 1).collect(),
    };
    let is_met = matches!(said, Asked::Matches(_));
    Entries {
        matched: asked.last().copied().filter(|_| is_met),
        asked,
    }
}

fn action(deed: &Deed<Location>) -> Action<'_> {
    let named = |name| What {
        name: Some(name),
        ..What::default()
    };
    let (verb, what) = match &deed.act {
        Act::AddContainer { name, image } => ("add-container", with_image(name, image)),
        Act::AddInitContainer { name, image } => ("add-init-container", with_image(name, image)),
        Act::KeepInitContainer { name } => ("keep-init-container", named(name)),
        Act::AddVolume { name, kind } => (
            "add-volume",
            What {
                kind: Some(kind),
                ..named(name)
            },
        ),
        Act::KeepVolume { name } => ("keep-volume", named(name)),
        Act::AddAnnotation { key } => ("add-annotation", named(key)),
        Act::TakeAnnotation { key } => ("take-annotation", named(key)),
        Act::KeepAnnotations { prefix } => ("keep-annotations", named(prefix)),
        Act::ShareProcesses => ("share-processes", What::default()),
        Act::RestartAlways => ("restart-always", What::default()),
        Act::KeepRestartPolicy => ("keep-restart-policy", What::default()),
        Act::ReuseVolume { path, volume } => ("reuse-volume", mounted(volume, path)),
        Act::LeavePathOut { path, volume } => ("leave-path-out", mounted(volume, path)),
        Act::LeaveVariableOut { name, why } => (
            "leave-variable-out",
            What {
                why: Some(why),
                ..named(name)
            },
        ),
        Act::AddVariable { name } => ("add-variable", named(name)),
        Act::ExtendVariable {
            name,
            ours,
            dropped,
        } => (
            "extend-variable",
            What {
                added: Some(ours),
                dropped: Some(*dropped),
                ..named(name)
            },
        ),
        Act::MoveVariable { name } => ("move-variable-last", named(name)),
        Act::KeepVariable { name } => ("keep-variable", named(name)),
        Act::CompleteVariable { name } => ("complete-variable", named(name)),
        Act::AddMount { volume, path } => ("add-mount", mounted(volume, path)),
        Act::KeepMount { volume } => (
            "keep-mount",
            What {
                volume: Some(volume),
                ..What::default()
            },
        ),
    };
    Action {
        verb,
        container: deed.container.as_deref(),
        what,
        place: deed.place.as_ref().map(place),
    }
}

fn with_image<'r>(name: &'r str, image: &'r str) -> What<'r> {
    What {
        name: Some(name),
        image: Some(image),
        ..What::default()
    }
}

fn mounted<'r>(volume: &'r str, path: &'r str) -> What<'r> {
    What {
        volume: Some(volume),
        mount_path: Some(path),
        ..What::default()
    }
}
