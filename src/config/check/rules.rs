//! What an entry or a section says that cannot work: which values of it are looked at, in which
//! dialect.

use super::logs::Logs;
use super::values::names;
use super::{Check, and};
use crate::config::Dialect;
use crate::config::language::{DDTRACE_V1, DDTRACE_V2, Language, OTEL, PROFILER};
use crate::config::object::Field;
use crate::config::rule::Flameshot;
use crate::config::v1::{ddtrace_image, profiler_image};
use crate::diagnostic::Diagnostic;
use crate::yaml::Node;

/// The rulesets of `admission_inject_v2`, and the section of `admission_inject` that takes the place
/// of each.
const RULESETS: [(&str, Option<&str>); 5] = [
    ("ddtraces", Some("ddtrace")),
    ("otels", None),
    ("logfwds", Some("logfwd")),
    ("flameshots", None),
    ("profilers", Some("profiler")),
];

impl Check<'_> {
    pub(super) fn rules(&mut self, root: &Field<'_>) {
        let legacy = root.get("admission_inject");
        match (self.dialect, &legacy) {
            (Dialect::V1, Some(inject)) => self.sections(inject),
            (Dialect::V1, None) => {}
            (Dialect::V2, _) => self.rulesets(root, legacy.as_ref()),
        }
        let mutate = root.get("admission_mutate");
        for entry in mutate.iter().flat_map(|mutate| mutate.objects("loggings")) {
            let (namespaces, labels) = (
                entry.strings("namespace_selectors"),
                entry.strings("label_selectors"),
            );
            self.selectors(&entry.path, &namespaces, &labels);
            self.log_config(&entry);
        }
    }

    /// `config` of a logging rule.
    fn log_config(&mut self, entry: &Field<'_>) {
        let config = entry.get("config");
        let text = config.as_ref().map(|config| config.node.as_string());
        if !matches!(text, None | Some(Some(""))) {
            return config.iter().for_each(|own| self.logs(own, Logs::Logging));
        }
        let message = format!(
            "{} has no `config`: pods that it selects get nothing, and no later rule is asked",
            entry.path
        );
        let node = config.map_or(entry.node, |config| config.node);
        let hint = "`config` is a string with JSON, such as \"[{\\\"source\\\": \\\"web\\\"}]\"";
        self.warn("log-config-missing", node, message, Some(hint.to_owned()));
    }

    /// `admission_inject` in dialect v1.
    fn sections(&mut self, inject: &Field<'_>) {
        let ddtrace: Vec<&str> = names(DDTRACE_V1).into_iter().chain(["js"]).collect();
        let languages = [
            ("ddtrace", ddtrace),
            ("logfwd", Vec::new()),
            ("profiler", names(PROFILER)),
        ];
        for (name, known) in languages {
            let Some(section) = inject.get(name) else {
                continue;
            };
            self.resources(&section);
            self.variables(&section);
            self.images(&section);
            for (list, selector) in [
                ("enabled_labelselectors", "labelselector"),
                ("enabled_namespaces", "namespace"),
            ] {
                for entry in section.objects(list) {
                    self.enabled(&section, &entry, selector, &known);
                }
            }
        }
    }

    /// An entry of the lists of dialect v1. One without a language leaves pods out, and is meant so.
    fn enabled(&mut self, section: &Field<'_>, entry: &Field<'_>, selector: &str, known: &[&str]) {
        let text = entry.string(selector);
        if let Some(value) = entry.get(selector) {
            let written = [(value.node, text)];
            let (namespaces, labels) = match selector {
                "namespace" => (&written[..], &[][..]),
                _ => (&[][..], &written[..]),
            };
            self.selectors(&entry.path, namespaces, labels);
        }
        let name = entry.string("language");
        let nothing = "pods that it selects get nothing";
        if name.is_empty() || !self.language(entry, known, nothing) {
            return;
        }
        let language = if name == "js" { "nodejs" } else { name };
        let Some(language) = Language::among(&Language::ALL, language) else {
            return;
        };
        let image = match section.path.rsplit('.').next() {
            Some("profiler") => profiler_image(language),
            _ => ddtrace_image(language).to_owned(),
        };
        if lacks_image(section, &image) {
            let node = entry.get("language").map_or(entry.node, |field| field.node);
            let key = format!("{}.images.{image}", section.path);
            self.image_missing(node, &entry.path, &key);
        }
    }

    /// The images of a section, which are always pulled.
    fn images(&mut self, section: &Field<'_>) {
        let Some(images) = section.get("images") else {
            return;
        };
        for (name, node) in images.node.entries() {
            let path = format!("{}.{name}", images.path);
            self.image(&Field { node, path }, "Always");
        }
    }

    /// `admission_inject_v2`, and what dialect v2 makes of `admission_inject`.
    fn rulesets(&mut self, root: &Field<'_>, legacy: Option<&Field<'_>>) {
        let inject = root.get("admission_inject_v2");
        for (list, section) in RULESETS {
            let section = section.and_then(|name| legacy?.get(name));
            let rules = inject.as_ref().and_then(|inject| inject.get(list));
            if let Some(section) = &section {
                self.section(section, rules.as_ref());
            }
            for entry in inject.iter().flat_map(|inject| inject.objects(list)) {
                self.entry(&entry, list);
            }
        }
    }

    /// A section of `admission_inject` in dialect v2, and the list that it takes the place of.
    fn section(&mut self, section: &Field<'_>, rules: Option<&Field<'_>>) {
        let has = |name: &str| {
            let map = section.get(name);
            map.is_some_and(|map| map.node.is_mapping() && !map.node.entries().is_empty())
        };
        let in_question = self.has_fault(section, "images") || self.has_fault(section, "envs");
        if !has("images") && !has("envs") && !in_question {
            let message = format!(
                "operator 1.9 does not look at `{}`, which has neither images nor envs",
                section.path
            );
            self.warn("config-not-read", section.node, message, None);
            return;
        }
        self.resources(section);
        self.variables(section);
        self.images(section);
        let written = |list: &str, name: &'static str| {
            let entries = section.objects(list).into_iter();
            let values =
                entries.filter_map(|entry| Some((entry.get(name)?.node, entry.string(name))));
            values.collect::<Vec<_>>()
        };
        self.selectors(
            &section.path,
            &written("enabled_namespaces", "namespace"),
            &written("enabled_labelselectors", "labelselector"),
        );
        if let Some(rules) = rules.filter(|rules| !rules.node.items().is_empty()) {
            let message = format!(
                "`{}` is not in force: `{}` takes its place",
                rules.path, section.path
            );
            let hint = "take one of the two out; `config migrate --as-1.9` keeps what is in force";
            self.warn("rules-replaced", rules.node, message, Some(hint.to_owned()));
        }
    }

    /// A rule of `admission_inject_v2`.
    fn entry(&mut self, entry: &Field<'_>, list: &str) {
        self.resources(entry);
        self.variables(entry);
        self.selectors(
            &entry.path,
            &entry.strings("namespace_selectors"),
            &entry.strings("label_selectors"),
        );
        let known = match list {
            "ddtraces" => Some(names(DDTRACE_V2)),
            "otels" => Some(names(OTEL)),
            // The annotations decide where they are looked at.
            "profilers" if !entry.is_set("check_annotation") => Some(names(PROFILER)),
            _ => None,
        };
        if let Some(known) = known {
            let in_question = self.has_fault(entry, "language");
            if entry.string("language").is_empty() && !in_question {
                return self.leaves_out(entry);
            }
            if !in_question {
                self.language(
                    entry,
                    &known,
                    "pods that it selects get nothing, and no later rule is asked",
                );
            }
        }
        match entry.get("image") {
            Some(image) if !entry.string("image").is_empty() => {
                self.image(&image, entry.string("image_pull_policy"));
            }
            Some(image) if self.faults.are_within(image.node) => {}
            _ => {
                let key = format!("{}.image", entry.path);
                self.image_missing(entry.node, &entry.path, &key);
            }
        }
        if let Some(configs) = entry.get("log_configs").filter(|_| list == "logfwds") {
            self.logs(&configs, Logs::Logfwd);
        }
        if list == "logfwds" {
            self.log_volume_paths(entry);
        }
        if list == "flameshots" {
            self.flameshot(entry);
        }
    }

    /// The paths that a logfwd rule mounts volumes at.
    fn log_volume_paths(&mut self, entry: &Field<'_>) {
        let Some(paths) = entry.get("log_volume_paths") else {
            return;
        };
        for (index, value) in paths.node.items().into_iter().enumerate() {
            let what = format!("`{}[{index}]`", paths.path);
            if value.as_string() == Some("") {
                let message = format!("{what} is empty: a volume is mounted at `.` for it");
                self.warn("log-path-missing", value, message, None);
            }
            self.log_path(self.text, value, &what);
        }
    }

    /// A rule without a language: the only way to leave pods out in this dialect. One that selects none
    /// is off, which was said before.
    fn leaves_out(&mut self, entry: &Field<'_>) {
        let has_any = ["namespace_selectors", "label_selectors"]
            .iter()
            .any(|list| !entry.strings(list).is_empty());
        if !has_any {
            return;
        }
        let message = format!(
            "{} names no language: pods that it selects get nothing, and no later rule is asked",
            entry.path
        );
        let note = Diagnostic::note("rule-leaves-out", message);
        self.tell(self.text.locate(note, entry.node.span()));
    }

    /// What a flameshot rule cannot do without (`spec/1-behaviour-v2.md`, section 9).
    fn flameshot(&mut self, entry: &Field<'_>) {
        let mut missing: Vec<String> = Vec::new();
        if entry.string("processes").is_empty() && !self.has_fault(entry, "processes") {
            missing.push("`processes`".to_owned());
        }
        let variable = |name: &str| -> Option<Node<'_>> {
            let envs = entry.get("envs")?;
            let (_, value) = envs
                .node
                .entries()
                .into_iter()
                .find(|(key, _)| *key == name)?;
            Some(value)
        };
        let in_question = self.has_fault(entry, "envs");
        if variable(Flameshot::PATH_VARIABLE).is_none() && !in_question {
            missing.push(format!("the variable {}", Flameshot::PATH_VARIABLE));
        }
        let port = variable(Flameshot::PORT_VARIABLE);
        if port.is_none() && !in_question {
            missing.push(format!("the variable {}", Flameshot::PORT_VARIABLE));
        }
        if !missing.is_empty() {
            let message = format!("{} injects nothing without {}", entry.path, and(&missing));
            self.warn("flameshot-skipped", entry.node, message, None);
        }
        let Some(port) = port else { return };
        let number = port.as_string().and_then(|text| text.parse::<u16>().ok());
        if number.is_none_or(|number| number == 0) {
            let message = format!(
                "{}: the variable {} is no port from 1 to 65535",
                entry.path,
                Flameshot::PORT_VARIABLE
            );
            self.warn("flameshot-invalid-port", port, message, None);
        }
    }
}

/// Whether a section has no image under a key, which is data: it matches exactly. One that cannot be
/// read is there.
fn lacks_image(section: &Field<'_>, key: &str) -> bool {
    let Some(images) = section.get("images") else {
        return true;
    };
    let entries = images.node.entries();
    match entries.into_iter().find(|(name, _)| *name == key) {
        Some((_, image)) => image.is_null() || image.as_string() == Some(""),
        None => images.node.is_mapping(),
    }
}
