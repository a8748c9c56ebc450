//! What a rule says of the container that it injects: image, pull policy, variables, resources.

use std::sync::Arc;

use super::env_value::EnvSetting;

/// The settings that all rulesets with a container have in common.
#[derive(Clone, Debug)]
pub struct ContainerSettings {
    /// The image.
    pub image: Image,
    /// When the kubelet pulls it.
    pub image_pull_policy: PullPolicy,
    /// The variables, in the order of the configuration; the rules of a section share them.
    pub envs: Arc<[EnvSetting]>,
    /// Requests and limits.
    pub resources: Resources,
}

/// A configured image, with the key that configures it for the message where it is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// As configured; empty where it is not.
    pub reference: String,
    /// Such as `admission_inject.ddtrace.images.java_agent_image`.
    pub key: String,
}

impl Image {
    /// The reference with its tag replaced by `version`, or as configured where that is empty. The
    /// tag is the part behind the last `:` of what follows the registry; a digest is nothing special
    /// (`spec/1-behaviour.md`, section 2, "Image versions").
    #[must_use]
    pub fn with_version(&self, version: &str) -> String {
        if version.is_empty() {
            return self.reference.clone();
        }
        let (registry, name) = self.reference.split_at(registry(&self.reference));
        let name = name.rsplit_once(':').map_or(name, |(name, _)| name);
        format!("{registry}{name}:{version}")
    }
}

/// What an image's reference says of the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag<'r> {
    /// Nothing: that is the tag `latest`.
    None,
    /// This tag.
    Name(&'r str),
    /// A digest: always the very same image.
    Digest,
}

impl<'r> Tag<'r> {
    /// That of a reference.
    #[must_use]
    pub fn of(reference: &'r str) -> Self {
        if reference.contains('@') {
            return Self::Digest;
        }
        let (_, name) = reference.split_at(registry(reference));
        name.rsplit_once(':')
            .map_or(Self::None, |(_, tag)| Self::Name(tag))
    }
}

/// Why a text is no reference of an image: `[registry/]path[:tag][@digest]`, as container runtimes read
/// it.
#[must_use]
pub fn why_no_reference(text: &str) -> Option<&'static str> {
    let (text, digest) = match text.split_once('@') {
        Some((text, digest)) => (text, Some(digest)),
        None => (text, None),
    };
    let is_digest = |digest: &str| {
        let parts = digest.split_once(':');
        parts.is_some_and(|(algorithm, sum)| {
            !algorithm.is_empty() && !sum.is_empty() && sum.bytes().all(|b| b.is_ascii_hexdigit())
        })
    };
    let (host, rest) = match text.split_once('/') {
        Some((host, rest)) if is_host(host) => (Some(host), rest),
        _ => (None, text),
    };
    let (path, tag) = match rest.rsplit_once(':') {
        Some((path, tag)) => (path, Some(tag)),
        None => (rest, None),
    };
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_tag = |tag: &str| {
        tag.len() <= 128
            && tag.bytes().next().is_some_and(is_word)
            && tag.bytes().all(|b| is_word(b) || b == b'.' || b == b'-')
    };
    let in_host = |byte: u8| byte.is_ascii_alphanumeric() || b".:-[]".contains(&byte);
    let is_low = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_part = |part: &str| {
        let bytes = part.as_bytes();
        bytes.first().copied().is_some_and(is_low)
            && bytes.last().copied().is_some_and(is_low)
            && bytes.iter().all(|b| is_low(*b) || b"._-".contains(b))
    };
    if text.bytes().any(|byte| byte.is_ascii_whitespace()) {
        Some("a blank stands in it")
    } else if digest.is_some_and(|digest| !is_digest(digest)) {
        Some("what stands behind the `@` is no digest")
    } else if tag == Some("") {
        Some("its tag is empty")
    } else if tag.is_some_and(|tag| !is_tag(tag)) {
        Some("what stands behind the last `:` is no tag")
    } else if host.is_some_and(|host| !host.bytes().all(in_host)) {
        Some("what stands in front of the first `/` is no registry")
    } else if !path.split('/').all(is_part) {
        Some("its name has other characters than lower-case letters, digits and `.`, `_`, `-`")
    } else {
        None
    }
}

/// Whether what stands in front of the first slash of a reference is a registry. Upper-case letters
/// are in no other part.
fn is_host(host: &str) -> bool {
    let has_upper = host.bytes().any(|byte| byte.is_ascii_uppercase());
    host.contains(['.', ':']) || host == "localhost" || has_upper
}

/// How many bytes of a reference are the registry and the slash behind it.
fn registry(reference: &str) -> usize {
    match reference.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host.len() + 1,
        _ => 0,
    }
}

/// When the kubelet pulls an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PullPolicy {
    /// Each time.
    #[default]
    Always,
    /// When the node does not have it.
    IfNotPresent,
    /// The node must have it.
    Never,
}

impl PullPolicy {
    /// The name in a manifest.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Always => "Always",
            Self::IfNotPresent => "IfNotPresent",
            Self::Never => "Never",
        }
    }

    /// The policy of that very name (`spec/1-behaviour-v2.md`, section 2.1).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Always, Self::IfNotPresent, Self::Never]
            .into_iter()
            .find(|policy| policy.name() == name)
    }
}

/// Requests and limits, as they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resources {
    /// What the scheduler reserves.
    pub requests: Amounts,
    /// What the kubelet enforces.
    pub limits: Amounts,
}

/// Kubernetes quantities, as they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// `cpu`.
    pub cpu: Option<String>,
    /// `memory`.
    pub memory: Option<String>,
}

impl Resources {
    /// Requests `100m`/`64Mi`, limits `500m`/`512Mi` (`spec/1-behaviour.md`, section 2, "Resources").
    #[must_use]
    pub fn default_amounts() -> Self {
        let amounts = |cpu: &str, memory: &str| Amounts {
            cpu: Some(cpu.to_owned()),
            memory: Some(memory.to_owned()),
        };
        Self {
            requests: amounts("100m", "64Mi"),
            limits: amounts("500m", "512Mi"),
        }
    }

    /// Every amount that is set, with its key.
    pub fn set(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("requests.cpu", &self.requests.cpu),
            ("requests.memory", &self.requests.memory),
            ("limits.cpu", &self.limits.cpu),
            ("limits.memory", &self.limits.memory),
        ]
        .into_iter()
        .filter_map(|(key, amount)| Some((key, amount.as_deref()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_has_a_tag_a_digest_or_neither() {
        for (reference, expected) in [
            ("hub:5000/a/b", Tag::None),
            ("b", Tag::None),
            ("hub:5000/a/b:v1", Tag::Name("v1")),
            ("a/b:latest", Tag::Name("latest")),
            ("a/b@sha256:0f", Tag::Digest),
            ("a/b:1@sha256:0f", Tag::Digest),
        ] {
            assert_eq!(Tag::of(reference), expected, "{reference}");
        }
    }

    #[test]
    fn what_no_runtime_can_pull_is_no_reference() {
        for text in [
            "b",
            "a/b:1",
            "hub:5000/a_b/c-d.e:v1.2_3-x",
            "Hub/a:1",
            "localhost/a",
            "[::1]:5000/a:1",
            "a__b:1",
            "a@sha256:0f",
            "a.b/c:1@sha256:0F",
        ] {
            assert_eq!(why_no_reference(text), None, "{text}");
        }
        for text in [
            "",
            "x:",
            "a/",
            "/a",
            "X:1",
            "X/y z:1",
            "a/B:1",
            "a b",
            "a:-1",
            "a@",
            "a@b",
            "a@sha256:x",
            "a//b",
            " a",
            "a\n",
            "${IMAGE}",
            "h$b.c/a:1",
        ] {
            assert!(why_no_reference(text).is_some(), "{text}");
        }
    }

    #[test]
    fn a_version_replaces_the_tag_and_never_the_registrys_port() {
        for (reference, version, expected) in [
            ("hub:5000/a/b:v1", "v2", "hub:5000/a/b:v2"),
            ("hub:5000/b", "v2", "hub:5000/b:v2"),
            ("localhost/b:1", "2", "localhost/b:2"),
            ("library/b", "2", "library/b:2"),
            ("b:1", "2", "b:2"),
            ("a.b/c:1", "", "a.b/c:1"),
            ("a/b@sha256:0f", "2", "a/b@sha256:2"),
        ] {
            let image = Image {
                reference: reference.to_owned(),
                key: String::new(),
            };
            assert_eq!(image.with_version(version), expected, "{reference}");
        }
    }
}
