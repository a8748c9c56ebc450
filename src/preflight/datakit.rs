//! DataKit as a pod template in the input runs it: which collectors it has, and where it listens.
//!
//! In a container DataKit takes its settings from variables (`ENV_…`), and those of its collectors
//! from files below `conf.d`, which come from `ConfigMap`s. The names and defaults are those of its
//! documentation (`datakit-daemonset-deploy`, "Environment variables") and of the samples that it
//! writes for a collector that is enabled by name alone.

use super::address::{Host, POD, host, is_loopback, split_port};
use super::conf::{Collector, collectors};
use super::conf_mount::{ConfMount, Mounts};
use super::environment::{Environment, Value};
use crate::diagnostic::Location;
use crate::yaml::{Node, json};

/// The port of DataKit's HTTP API, where nothing says otherwise.
const HTTP_PORT: u16 = 9529;

/// Which collectors are enabled by name; the second one is older, and counts where the first is not
/// there.
const ENABLED: [&str; 2] = ["ENV_DEFAULT_ENABLED_INPUTS", "ENV_ENABLE_INPUTS"];
/// The variable that says where its HTTP API listens.
pub(super) const HTTP_LISTEN: &str = "ENV_HTTP_LISTEN";
const OTEL_GRPC: &str = "ENV_INPUT_OTEL_GRPC";
const OWN_CONF: &str = "ENV_DATAKIT_INPUTS";
/// With one of these, collectors' files come from outside of the cluster.
const OUTSIDE: [&str; 2] = ["ENV_GIT_URL", "ENV_CONFD_BACKEND"];

/// A DataKit.
#[derive(Clone, Debug)]
pub(super) struct DataKit {
    enabled: Enabled,
    /// Where its HTTP API listens; nothing where the input does not tell.
    http: Option<Listen>,
    otel_grpc: Option<Listen>,
    /// Collectors that a variable configures.
    own: Vec<Collector>,
    /// The volumes that have to do with files of collectors.
    pub(super) mounts: Mounts,
    /// Why there may be more collectors than the input shows.
    elsewhere: Option<&'static str>,
}

/// The list of collectors that are enabled by name.
#[derive(Clone, Debug)]
struct Enabled {
    /// The variable that has it.
    variable: &'static str,
    names: EnabledNames,
    location: Option<Location>,
}

#[derive(Clone, Debug)]
enum EnabledNames {
    /// These, as they are written between the commas.
    List(Vec<String>),
    /// The input does not tell.
    Untold,
}

/// Where something listens.
#[derive(Clone, Debug)]
pub(super) struct Listen {
    /// Whether only the pod itself reaches it (with the host's network: the node).
    pub(super) is_loopback: bool,
    /// The port.
    pub(super) port: u16,
    /// Where that is written; nothing for a default.
    pub(super) location: Option<Location>,
}

/// Whether a collector is enabled.
#[derive(Clone, Debug)]
pub(super) enum Enablement {
    /// By name, or by files: the settings of each file that there is.
    Yes(Vec<Collector>),
    /// It is not: why, what to do, and where.
    No {
        /// Why.
        why: String,
        /// Where the list is.
        location: Option<Location>,
        /// The variable with the list.
        variable: &'static str,
    },
    /// The input does not tell: why.
    Unknown(String),
}

/// What the name of an image says a container is: without registry, tag and digest.
pub(super) fn program(image: &str) -> &str {
    let name = image.split('@').next().unwrap_or_default();
    let name = name.rsplit('/').next().unwrap_or_default();
    name.split(':').next().unwrap_or_default()
}

/// Where something listens, as it is written; nothing where that is no address.
fn listen(text: &str, location: Option<Location>) -> Option<Listen> {
    let (name, port) = split_port(text.trim());
    let port = port?.parse().ok()?;
    let is_told = !name.contains('\0') || host(name, "") == Host::Pod;
    is_told.then(|| Listen {
        is_loopback: name != POD && is_loopback(name),
        port,
        location,
    })
}

impl DataKit {
    /// The DataKit in a pod template, if a container of it is one: by its image, or by a variable that
    /// nobody else has. `place` gives the place of a node.
    pub(super) fn read(
        template: Node<'_>,
        place: &dyn Fn(Node<'_>) -> Location,
    ) -> Option<Box<Self>> {
        let spec = template.get("spec")?;
        let container = spec.get("containers")?.each_item().find(|container| {
            let image = container.get("image").and_then(Node::as_str);
            image.is_some_and(|image| program(image) == "datakit") || {
                let env = container.get("env");
                env.into_iter().flat_map(Node::each_item).any(|variable| {
                    variable.get("name").and_then(Node::as_str) == Some("ENV_DATAWAY")
                })
            }
        })?;
        let env = Environment::of(container);
        let mut elsewhere = None;
        if OUTSIDE.iter().any(|name| env.is_set(name)) {
            elsewhere = Some("its collectors' files come from outside of the cluster");
        }
        let location = |name: &str| env.get(name).map(|variable| place(variable.node));
        let own = match env.value(OWN_CONF) {
            Value::Text(text) => collectors(text),
            Value::Untold => {
                elsewhere.get_or_insert("variables of its come from elsewhere");
                Vec::new()
            }
            Value::Missing => Vec::new(),
        };
        let mut own = Self {
            enabled: Enabled::read(&env, place),
            http: Some(Listen {
                is_loopback: true,
                port: HTTP_PORT,
                location: None,
            }),
            otel_grpc: None,
            own,
            mounts: Mounts::of(spec, container),
            elsewhere,
        };
        match env.value(HTTP_LISTEN) {
            Value::Missing | Value::Text("") => {}
            Value::Text(text) => own.http = listen(text, location(HTTP_LISTEN)),
            Value::Untold => own.http = None,
        }
        if let Value::Text(text) = env.value(OTEL_GRPC) {
            own.otel_grpc = json::parse(text).ok().and_then(|tree| {
                let address = tree.root_node()?.get("addr")?.as_str()?;
                listen(address, location(OTEL_GRPC))
            });
        }
        Some(Box::new(own))
    }

    /// Whether a collector is enabled. `files` gives the collectors of a mounted file or folder;
    /// nothing where its `ConfigMap` is not in the input.
    pub(super) fn enables(
        &self,
        name: &str,
        files: &dyn Fn(&ConfMount) -> Option<Vec<Collector>>,
    ) -> Enablement {
        let (variable, location) = (self.enabled.variable, &self.enabled.location);
        let no = |why: String| Enablement::No {
            why,
            location: location.clone(),
            variable,
        };
        let mut by_name = false;
        let elsewhere = self.elsewhere.or(self.mounts.elsewhere);
        let mut doubt = elsewhere.map(str::to_owned);
        match &self.enabled.names {
            EnabledNames::List(names) => {
                if names.iter().any(|own| own.strip_prefix('-') == Some(name)) {
                    return no(format!("{variable} has -{name}, which disables it"));
                }
                by_name = names.iter().any(|own| own == name);
                if !by_name && names.iter().any(|own| own.trim() == name) {
                    doubt.get_or_insert_with(|| {
                        format!("{variable} has {name} with blanks around it")
                    });
                }
            }
            EnabledNames::Untold => {
                doubt.get_or_insert_with(|| format!("{variable} comes from elsewhere"));
            }
        }
        let mut found: Vec<Collector> = Vec::new();
        found.extend(self.own.iter().filter(|own| own.name == name).cloned());
        for mount in &self.mounts.confs {
            match files(mount) {
                Some(all) => found.extend(all.into_iter().filter(|own| own.name == name)),
                None => {
                    doubt.get_or_insert_with(|| {
                        let map = &mount.config_map;
                        format!(
                            "the ConfigMap {map} with its collectors' files is not in the input"
                        )
                    });
                }
            }
        }
        let broken = found.iter().find_map(|own| own.broken);
        found.retain(|own| own.broken.is_none());
        if let Some(line) = broken.filter(|_| found.is_empty()) {
            return Enablement::Unknown(format!(
                "the conf file that enables it is no TOML, by its line {line}"
            ));
        }
        if by_name || !found.is_empty() {
            return Enablement::Yes(found);
        }
        match doubt {
            Some(why) => Enablement::Unknown(why),
            None => no(match location {
                Some(_) => {
                    format!("{variable} has no {name}, and no conf file enables it")
                }
                None => format!("it has no {variable}, and no conf file enables {name}"),
            }),
        }
    }

    /// Where its HTTP API listens; nothing where the input does not tell.
    pub(super) fn http(&self) -> Option<&Listen> {
        self.http.as_ref()
    }

    /// Where a collector with a port of its own listens, by its files, or else by `default`, which is
    /// what DataKit writes for it, or takes where nothing is set; nothing where that is not told.
    pub(super) fn listens(
        found: &[Collector],
        default: Option<(bool, u16)>,
        address: fn(&Collector) -> Option<&String>,
    ) -> Vec<Option<Listen>> {
        let default = default.map(|(is_loopback, port)| Listen {
            is_loopback,
            port,
            location: None,
        });
        if found.is_empty() {
            return vec![default];
        }
        let one = |own: &Collector| match address(own) {
            Some(text) if text.contains('$') => None,
            Some(text) => listen(text, None),
            None => default.clone().filter(|_| own.misspelt.is_none()),
        };
        found.iter().map(one).collect()
    }

    /// Where the gRPC of its opentelemetry listens, by a variable.
    pub(super) fn otel_grpc(&self) -> Option<&Listen> {
        self.otel_grpc.as_ref()
    }
}

impl Enabled {
    fn read(env: &Environment<'_>, place: &dyn Fn(Node<'_>) -> Location) -> Self {
        for variable in ENABLED {
            let names = match env.value(variable) {
                Value::Missing | Value::Text("") => continue,
                // A dash alone is the word for none.
                Value::Text("-") => EnabledNames::List(Vec::new()),
                Value::Text(text) if text.contains('\0') => EnabledNames::Untold,
                Value::Text(text) => {
                    EnabledNames::List(text.split(',').map(str::to_owned).collect())
                }
                Value::Untold => EnabledNames::Untold,
            };
            return Self {
                variable,
                names,
                location: env.get(variable).map(|own| place(own.node)),
            };
        }
        Self {
            variable: ENABLED[0],
            names: EnabledNames::List(Vec::new()),
            location: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Location;
    use crate::source::Source;
    use crate::yaml::parse;

    /// The `DataKit` of a pod template whose only container has this `env` and more, in flow style.
    fn datakit(env: &str, container: &str, spec: &str) -> Box<DataKit> {
        let text = format!(
            "spec: {{containers: [{{image: 'a/datakit:1@sha256:0f', env: [{env}]{container}}}]{spec}}}"
        );
        let source = Source::new("t", text.clone());
        let place = |node: Node<'_>| Location::bare(&source, source.line_column(node.span().start));
        let parsed = parse(&text).unwrap();
        DataKit::read(parsed.tree.root_node().unwrap(), &place).unwrap()
    }

    fn variable(name: &str, value: &str) -> String {
        format!("{{name: {name}, value: '{value}'}},")
    }

    #[allow(clippy::unnecessary_wraps, reason = "the form that is asked for")]
    fn nothing(_: &ConfMount) -> Option<Vec<Collector>> {
        Some(Vec::new())
    }

    #[test]
    fn collectors_are_enabled_by_name_or_by_files() {
        let yes = |env: &str, name: &str| {
            let own = datakit(env, "", "");
            matches!(own.enables(name, &nothing), Enablement::Yes(_))
        };
        let no = |env: &str, name: &str| {
            let own = datakit(env, "", "");
            matches!(own.enables(name, &nothing), Enablement::No { .. })
        };
        let list = variable("ENV_DEFAULT_ENABLED_INPUTS", "cpu,ddtrace");
        assert!(yes(&list, "ddtrace") && no(&list, "profile"));
        // The older variable counts where the newer one is not there.
        let older = variable("ENV_ENABLE_INPUTS", "profile");
        assert!(yes(&older, "profile"));
        assert!(no(&format!("{list}{older}"), "profile"));
        let off = variable("ENV_DEFAULT_ENABLED_INPUTS", "ddtrace,-ddtrace");
        assert!(no(&off, "ddtrace"));
        assert!(no(&variable("ENV_DEFAULT_ENABLED_INPUTS", "-"), "ddtrace"));
        assert!(no("", "ddtrace"));
        let own = variable("ENV_DATAKIT_INPUTS", "[[inputs.ddtrace]]");
        assert!(yes(&own, "ddtrace"));
        // Blanks around a name: who knows.
        let blank = variable("ENV_DEFAULT_ENABLED_INPUTS", "cpu, ddtrace");
        assert!(!yes(&blank, "ddtrace") && !no(&blank, "ddtrace"));
        let git = variable("ENV_GIT_URL", "https://git.example.com/a");
        assert!(!yes(&git, "ddtrace") && !no(&git, "ddtrace"));
    }

    #[test]
    fn conf_files_come_by_mounts_below_conf_d() {
        let mount = |mount: &str, volume: &str| {
            let container = format!(", volumeMounts: [{{name: v, {mount}}}]");
            let spec = format!(", volumes: [{{name: v, {volume}}}]");
            datakit("", &container, &spec)
        };
        let map = "configMap: {name: m}";
        let file = mount(
            "mountPath: /usr/local/datakit/conf.d/a/x.conf, subPath: k",
            map,
        );
        assert_eq!(
            file.mounts.confs[0].keys.as_deref(),
            Some(&["k".to_owned()][..])
        );
        assert_eq!(file.mounts.needed, ["m"]);
        let folder = mount("mountPath: /usr/local/datakit/conf.d/", map);
        assert!(folder.mounts.confs[0].is_folder && folder.mounts.confs[0].keys.is_none());
        let items = "configMap: {name: m, items: [{key: a, path: x.conf}, {key: b, path: y}]}";
        let item = mount(
            "mountPath: /usr/local/datakit/conf.d/x.conf, subPath: x.conf",
            items,
        );
        assert_eq!(
            item.mounts.confs[0].keys.as_deref(),
            Some(&["a".to_owned()][..])
        );
        for path in [
            "/usr/local/datakit/conf.database",
            "/usr/local/datakit/cache",
            "/rootfs",
        ] {
            let other = mount(&format!("mountPath: {path}"), map);
            assert!(
                other.mounts.confs.is_empty() && other.mounts.elsewhere.is_none(),
                "{path}"
            );
        }
        for path in ["/usr/local/datakit/conf.d", "/usr/local/datakit"] {
            let other = mount(&format!("mountPath: {path}"), "hostPath: {path: /x}");
            assert!(other.mounts.elsewhere.is_some(), "{path}");
        }
        let unknown = folder.enables("ddtrace", &|_| None);
        assert!(matches!(unknown, Enablement::Unknown(_)));
    }

    #[test]
    fn addresses_say_who_can_reach_them() {
        let http = |address: &str| {
            let own = datakit(&variable("ENV_HTTP_LISTEN", address), "", "");
            own.http().map(|listen| (listen.is_loopback, listen.port))
        };
        assert_eq!(http("0.0.0.0:9529"), Some((false, 9529)));
        assert_eq!(http(":9530"), Some((false, 9530)));
        assert_eq!(http("[::]:9529"), Some((false, 9529)));
        assert_eq!(http("localhost:9529"), Some((true, 9529)));
        assert_eq!(http("127.0.0.1:9529"), Some((true, 9529)));
        assert_eq!(http("nonsense"), None);
        assert_eq!(http(""), Some((true, 9529)));
    }

    #[test]
    fn images_name_programs() {
        for image in [
            "datakit",
            "datakit:1.2",
            "hub:5000/a/datakit:1@sha256:0f",
            "hub/datakit@sha256:0f",
        ] {
            assert_eq!(program(image), "datakit", "{image}");
        }
        assert_eq!(program("a/datakit-operator:1"), "datakit-operator");
    }
}
