//! The keys of the operator's configuration, as each dialect reads it: what they are called, what
//! they hold, and in which order the operator's documentation writes them.
//!
//! How a value is read is the dialects' business (`v1.rs`, `v2.rs`). This is for those who look at a
//! configuration as a whole: to find keys that nobody reads, and to write one.

use super::Dialect;

/// The keys of an object.
pub(super) type Keys = &'static [Key];

/// A key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    /// Its name.
    pub(super) name: &'static str,
    /// What stands behind it.
    pub(super) holds: Holds,
    /// Whether the dialect looks at it. One that it does not look at has a meaning in the other.
    pub(super) is_read: bool,
}

/// What stands behind a key.
#[derive(Clone, Copy, Debug)]
pub(super) enum Holds {
    /// A string or a boolean.
    Scalar,
    /// A list of strings.
    Strings,
    /// An object.
    Object(Keys),
    /// A list of objects.
    Objects(Keys),
    /// An object whose keys are data: names of variables.
    Variables,
    /// An object whose keys are data, of which the known ones have a meaning: names of images.
    Images(Keys),
}

const fn key(name: &'static str, holds: Holds) -> Key {
    Key {
        name,
        holds,
        is_read: true,
    }
}

const fn scalar(name: &'static str) -> Key {
    key(name, Holds::Scalar)
}

const fn unread(key: Key) -> Key {
    Key {
        is_read: false,
        ..key
    }
}

const AMOUNTS: Keys = &[scalar("cpu"), scalar("memory")];
const RESOURCES: Key = key(
    "resources",
    Holds::Object(&[
        key("requests", Holds::Object(AMOUNTS)),
        key("limits", Holds::Object(AMOUNTS)),
    ]),
);
const ENVS: Key = key("envs", Holds::Variables);
const NAME: Key = scalar("name");
const LANGUAGE: Key = scalar("language");
const NAMESPACES: Key = key("namespace_selectors", Holds::Strings);
const LABELS: Key = key("label_selectors", Holds::Strings);
const CHECK: Key = scalar("check_annotation");
const IMAGE: Key = scalar("image");
const PULL_POLICY: Key = scalar("image_pull_policy");

/// `spec/1-behaviour-v2.md`, section 2.
const V2: Keys = &[
    key(
        "ddtraces",
        Holds::Objects(&[
            NAME,
            LANGUAGE,
            scalar("php_loader_flavor"),
            NAMESPACES,
            LABELS,
            CHECK,
            IMAGE,
            PULL_POLICY,
            ENVS,
            RESOURCES,
        ]),
    ),
    key(
        "otels",
        Holds::Objects(&[
            NAME,
            LANGUAGE,
            NAMESPACES,
            LABELS,
            CHECK,
            IMAGE,
            PULL_POLICY,
            ENVS,
            RESOURCES,
        ]),
    ),
    key(
        "logfwds",
        Holds::Objects(&[
            NAME,
            NAMESPACES,
            LABELS,
            CHECK,
            IMAGE,
            PULL_POLICY,
            ENVS,
            RESOURCES,
            scalar("log_configs"),
            key("log_volume_paths", Holds::Strings),
        ]),
    ),
    key(
        "flameshots",
        Holds::Objects(&[
            NAME,
            NAMESPACES,
            LABELS,
            IMAGE,
            PULL_POLICY,
            ENVS,
            RESOURCES,
            scalar("processes"),
            scalar("enable_prometheus_annotations"),
        ]),
    ),
    key(
        "profilers",
        Holds::Objects(&[
            NAME,
            LANGUAGE,
            NAMESPACES,
            LABELS,
            CHECK,
            IMAGE,
            PULL_POLICY,
            ENVS,
            RESOURCES,
        ]),
    ),
];

const MUTATE: Key = key(
    "admission_mutate",
    Holds::Object(&[key(
        "loggings",
        Holds::Objects(&[NAME, NAMESPACES, LABELS, scalar("config")]),
    )]),
);

/// `admission_inject` as dialect v1 reads it (`spec/1-behaviour.md`, section 5).
const V1: Keys = &[
    key(
        "ddtrace",
        Holds::Object(&[
            namespaces(LANGUAGE_OF_NAMESPACE),
            labels(LANGUAGE_OF_LABEL),
            key(
                "images",
                Holds::Images(&[
                    scalar("java_agent_image"),
                    scalar("python_agent_image"),
                    scalar("js_agent_image"),
                ]),
            ),
            ENVS,
            RESOURCES,
        ]),
    ),
    key("logfwd", Holds::Object(&[LOGFWD_IMAGES, ENVS, RESOURCES])),
    key(
        "profiler",
        Holds::Object(&[
            namespaces(LANGUAGE_OF_NAMESPACE),
            labels(LANGUAGE_OF_LABEL),
            PROFILER_IMAGES,
            ENVS,
            RESOURCES,
        ]),
    ),
];

/// `admission_inject` as dialect v2 reads it (`spec/1-behaviour-v2.md`, section 1).
const LEGACY: Keys = &[
    key(
        "ddtrace",
        Holds::Object(&[
            namespaces(UNREAD_LANGUAGE_OF_NAMESPACE),
            labels(UNREAD_LANGUAGE_OF_LABEL),
            key(
                "images",
                Holds::Images(&[
                    scalar("java_agent_image"),
                    unread(scalar("python_agent_image")),
                    unread(scalar("js_agent_image")),
                ]),
            ),
            ENVS,
            RESOURCES,
        ]),
    ),
    key(
        "logfwd",
        Holds::Object(&[
            namespaces(UNREAD_LANGUAGE_OF_NAMESPACE),
            labels(UNREAD_LANGUAGE_OF_LABEL),
            LOGFWD_IMAGES,
            ENVS,
            RESOURCES,
        ]),
    ),
    key(
        "profiler",
        Holds::Object(&[
            namespaces(UNREAD_LANGUAGE_OF_NAMESPACE),
            labels(UNREAD_LANGUAGE_OF_LABEL),
            PROFILER_IMAGES,
            ENVS,
            RESOURCES,
        ]),
    ),
];

const LOGFWD_IMAGES: Key = key("images", Holds::Images(&[scalar("logfwd_image")]));
const PROFILER_IMAGES: Key = key(
    "images",
    Holds::Images(&[
        scalar("java_profiler_image"),
        scalar("python_profiler_image"),
        scalar("golang_profiler_image"),
    ]),
);
const LANGUAGE_OF_NAMESPACE: Keys = &[scalar("namespace"), LANGUAGE];
const LANGUAGE_OF_LABEL: Keys = &[scalar("labelselector"), LANGUAGE];
const UNREAD_LANGUAGE_OF_NAMESPACE: Keys = &[scalar("namespace"), unread(LANGUAGE)];
const UNREAD_LANGUAGE_OF_LABEL: Keys = &[scalar("labelselector"), unread(LANGUAGE)];

const fn namespaces(entry: Keys) -> Key {
    key("enabled_namespaces", Holds::Objects(entry))
}

const fn labels(entry: Keys) -> Key {
    key("enabled_labelselectors", Holds::Objects(entry))
}

const ROOT_V1: Keys = &[
    scalar("server_listen"),
    scalar("log_level"),
    key("admission_inject", Holds::Object(V1)),
    unread(key("admission_inject_v2", Holds::Object(V2))),
    MUTATE,
];

const ROOT_V2: Keys = &[
    scalar("server_listen"),
    scalar("log_level"),
    key("admission_inject", Holds::Object(LEGACY)),
    key("admission_inject_v2", Holds::Object(V2)),
    MUTATE,
];

/// The keys of the outermost object.
pub(super) const fn root(dialect: Dialect) -> Keys {
    match dialect {
        Dialect::V1 => ROOT_V1,
        Dialect::V2 => ROOT_V2,
    }
}
