//! Deployments as people write them: 40 to 150 lines, no two alike, each of which the rules of
//! `benches/config.json` inject with ddtrace, logfwd and logging.

use super::container::{self, Role};
use super::random::Random;
use super::words::{COMPONENTS, NOUNS, REGISTRIES, ROLES, STAGES, STARTUP, TEAMS};
use super::writer::Writer;

/// What the parts of one object have in common.
pub(crate) struct Names {
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) team: &'static str,
    pub(crate) component: &'static str,
}

impl Names {
    /// Names for the object with that number. No two numbers give the same name: tools that merge
    /// manifests refuse two objects of one name.
    pub(crate) fn new(random: &mut Random, number: usize) -> Self {
        let team = random.pick(&TEAMS);
        let noun = random.pick(&NOUNS);
        let role = random.pick(&ROLES);
        Self {
            name: format!("{noun}-{role}-{}", suffix(number)),
            namespace: format!("{team}{}", random.pick(&STAGES)),
            team,
            component: random.pick(&COMPONENTS),
        }
    }
}

/// Five letters and digits that look drawn and are different for each number below 36^5.
fn suffix(number: usize) -> String {
    const COUNT: usize = 36 * 36 * 36 * 36 * 36;
    // Neither 2 nor 3 divides the factor, so that it only changes the order.
    let mut rest = number.wrapping_mul(40_503_343) % COUNT;
    let mut text = String::new();
    for _ in 0..5 {
        text.push(char::from(
            b"0123456789abcdefghijklmnopqrstuvwxyz"[rest % 36],
        ));
        rest /= 36;
    }
    text
}

/// A Deployment of 40 to 150 lines.
pub(crate) fn deployment(random: &mut Random, number: usize) -> String {
    loop {
        let text = any_deployment(random, number);
        if (40..=150).contains(&text.lines().count()) {
            return text;
        }
    }
}

fn any_deployment(random: &mut Random, number: usize) -> String {
    let names = Names::new(random, number);
    let (language, _, _) = STARTUP[random.between(0, STARTUP.len() - 1)];
    let mut w = Writer::new(random);
    w.line(0, "---");
    if random.percent(15) {
        w.line(
            0,
            &format!("# Source: {}/templates/deployment.yaml", names.team),
        );
    }
    if random.percent(90) {
        w.line(0, "apiVersion: apps/v1");
        w.line(0, "kind: Deployment");
    } else {
        w.line(0, "kind: Deployment");
        w.line(0, "apiVersion: apps/v1");
    }
    w.line(0, "metadata:");
    w.raw(2, "name", &names.name);
    w.raw(2, "namespace", &names.namespace);
    labels(&mut w, 2, &names, random, true);
    if random.percent(40) {
        w.line(2, "annotations:");
        w.raw(
            4,
            "deployment.kubernetes.io/revision",
            &format!("\"{}\"", random.between(1, 99)),
        );
        if random.percent(50) {
            let count = random.between(4, 9);
            let words = random.words(count);
            w.raw(4, "kubernetes.io/description", &format!("\"{words}\""));
        }
    }
    w.line(0, "spec:");
    w.comment(2, random);
    let remark = w.remark(random);
    w.raw(2, "replicas", &format!("{}{remark}", random.between(1, 12)));
    if random.percent(30) {
        w.raw(
            2,
            "revisionHistoryLimit",
            &random.between(2, 10).to_string(),
        );
    }
    w.line(2, "selector:");
    w.line(4, "matchLabels:");
    w.pair(6, "app.kubernetes.io/name", &names.name);
    if random.percent(40) {
        w.line(2, "strategy:");
        w.line(4, "type: RollingUpdate");
        w.line(4, "rollingUpdate:");
        w.raw(6, "maxSurge", &format!("{}%", random.between(1, 4) * 25));
        w.line(6, "maxUnavailable: 0");
    }
    w.line(2, "template:");
    w.line(4, "metadata:");
    labels(&mut w, 6, &names, random, false);
    w.line(6, "annotations:");
    if random.percent(35) {
        w.line(8, "prometheus.io/scrape: \"true\"");
        w.raw(
            8,
            "prometheus.io/port",
            &format!("\"{}\"", random.between(8000, 9999)),
        );
    }
    let version = match random.between(0, 3) {
        0 => "\"\"".to_owned(),
        // A few releases of a library are in use at a time, not hundreds.
        _ => format!("v1.{}.{}", random.between(52, 55), random.between(0, 2)),
    };
    let remark = w.remark(random);
    w.raw(
        8,
        &format!("admission.datakit/{language}-lib.version"),
        &format!("{version}{remark}"),
    );
    if random.percent(30) {
        w.raw(8, "checksum/config", &random.hex(64));
    }
    pod(&mut w, &names, language, random);
    w.text
}

/// `labels:` of the Deployment or of its pods, which have the component that the rules ask for.
fn labels(w: &mut Writer, column: usize, names: &Names, random: &mut Random, outer: bool) {
    w.line(column, "labels:");
    let column = column + 2;
    w.pair(column, "app.kubernetes.io/name", &names.name);
    w.pair(column, "app.kubernetes.io/component", names.component);
    if random.percent(60) {
        w.pair(column, "app.kubernetes.io/part-of", names.team);
    }
    if outer && random.percent(40) {
        w.pair(column, "app.kubernetes.io/managed-by", "Helm");
        w.raw(
            column,
            "helm.sh/chart",
            &format!(
                "{}-{}.{}.0",
                names.team,
                random.between(0, 9),
                random.between(0, 40)
            ),
        );
    }
    if random.percent(30) {
        w.raw(
            column,
            "cost-center",
            &format!("\"{}\"", random.between(1000, 9999)),
        );
    }
}

/// The `spec` of the template.
fn pod(w: &mut Writer, names: &Names, language: &str, random: &mut Random) {
    w.line(4, "spec:");
    if random.percent(50) {
        w.raw(6, "serviceAccountName", &names.name);
    }
    if random.percent(25) {
        w.line(6, "securityContext:");
        w.line(8, "runAsNonRoot: true");
        w.raw(8, "runAsUser", &random.between(1000, 65000).to_string());
    }
    let image = |random: &mut Random, name: &str| {
        let registry = random.pick(&REGISTRIES);
        let tag = match random.between(0, 3) {
            0 => random.hex(12),
            1 => format!("v{}.{}", random.between(1, 9), random.between(0, 99)),
            _ => format!(
                "{}.{}.{}",
                random.between(0, 9),
                random.between(0, 40),
                random.between(0, 20)
            ),
        };
        format!("{registry}/{}/{name}:{tag}", names.team)
    };
    let list = w.list(6);
    let config = random.percent(50);
    if random.percent(15) {
        let migrate = image(random, "migrate");
        w.line(6, "initContainers:");
        w.item(list);
        container::write(w, list + 2, "migrate", &migrate, Role::Init, random);
    }
    w.comment(6, random);
    w.line(6, "containers:");
    w.item(list);
    let main = image(
        random,
        names.name.rsplit_once('-').map_or("app", |(name, _)| name),
    );
    container::write(
        w,
        list + 2,
        names.component,
        &main,
        Role::Main { language, config },
        random,
    );
    if random.percent(20) {
        let proxy = image(random, "auth-proxy");
        w.item(list);
        container::write(w, list + 2, "auth-proxy", &proxy, Role::Sidecar, random);
    }
    if random.percent(15) {
        w.line(6, "imagePullSecrets:");
        w.item(list);
        w.raw(list + 2, "name", "registry-credentials");
    }
    if random.percent(20) {
        w.line(6, "nodeSelector:");
        w.raw(8, "kubernetes.io/arch", random.pick(&["amd64", "arm64"]));
    }
    if random.percent(20) {
        w.raw(
            6,
            "terminationGracePeriodSeconds",
            &random.between(10, 120).to_string(),
        );
    }
    if random.percent(15) {
        w.line(6, "tolerations:");
        w.item(list);
        w.raw(list + 2, "key", "dedicated");
        w.raw(list + 2, "operator", "Equal");
        w.pair(list + 2, "value", names.team);
        w.raw(list + 2, "effect", "NoSchedule");
    }
    if config {
        w.line(6, "volumes:");
        w.item(list);
        w.raw(list + 2, "name", "config");
        w.line(list + 2, "configMap:");
        w.raw(list + 4, "name", &names.name);
        if random.percent(60) {
            w.item(list);
            w.raw(list + 2, "name", "tmp");
            w.raw(list + 2, "emptyDir", "{}");
        }
    }
}
