//! Objects without pods, in the sizes that they have in clusters: a Service of 20 lines, `ConfigMap`s
//! of some lines up to whole files of settings, definitions of custom resources with their schemas.

use super::deployment::Names;
use super::random::Random;
use super::words::{NOUNS, ROLES, VARIABLES};
use super::writer::Writer;

fn head(w: &mut Writer, version: &str, kind: &str, names: &Names) {
    w.line(0, "---");
    w.raw(0, "apiVersion", version);
    w.raw(0, "kind", kind);
    w.line(0, "metadata:");
    w.raw(2, "name", &names.name);
    w.raw(2, "namespace", &names.namespace);
    w.line(2, "labels:");
    w.pair(4, "app.kubernetes.io/name", &names.name);
    w.pair(4, "app.kubernetes.io/part-of", names.team);
}

/// A Service: half a kilobyte.
pub(crate) fn service(random: &mut Random, number: usize) -> String {
    let names = Names::new(random, number);
    let mut w = Writer::new(random);
    head(&mut w, "v1", "Service", &names);
    w.line(0, "spec:");
    w.raw(
        2,
        "type",
        random.pick(&["ClusterIP", "ClusterIP", "LoadBalancer", "NodePort"]),
    );
    w.comment(2, random);
    w.line(2, "ports:");
    let list = w.list(2);
    for name in ["http", "metrics", "grpc"]
        .iter()
        .take(random.between(1, 3))
    {
        w.item(list);
        w.raw(list + 2, "name", name);
        w.raw(list + 2, "port", &random.between(80, 9999).to_string());
        w.raw(list + 2, "targetPort", name);
        w.line(list + 2, "protocol: TCP");
    }
    w.line(2, "selector:");
    w.pair(4, "app.kubernetes.io/name", &names.name);
    w.pair(4, "app.kubernetes.io/component", names.component);
    w.text
}

/// A `ConfigMap`: variables mostly; in one of six a file of 4 to 40 kilobytes as a literal text.
pub(crate) fn config_map(random: &mut Random, number: usize) -> String {
    let names = Names::new(random, number);
    let mut w = Writer::new(random);
    head(&mut w, "v1", "ConfigMap", &names);
    w.line(0, "data:");
    let start = random.between(0, VARIABLES.len() - 1);
    for step in 0..random.between(3, 25) {
        w.comment(2, random);
        let count = random.between(1, 5);
        let words = random.words(count);
        w.raw(
            2,
            VARIABLES[(start + step * 7) % VARIABLES.len()],
            &format!("\"{words}\""),
        );
    }
    let size = match random.between(0, 5) {
        0 => random.between(4, 40) * 1024,
        1 | 2 => random.between(200, 2000),
        _ => return w.text,
    };
    w.line(2, "application.yaml: |");
    let end = w.text.len() + size;
    while w.text.len() < end {
        settings(&mut w, random);
    }
    w.text
}

/// Some lines of a file of settings, in a literal text in column 4.
fn settings(w: &mut Writer, random: &mut Random) {
    let (noun, role) = (random.pick(&NOUNS), random.pick(&ROLES));
    match random.between(0, 9) {
        0 => {
            let words = random.words(10);
            w.line(4, &format!("# {words}"));
        }
        1 => {
            w.line(0, "");
            w.line(4, &format!("[{noun}.{role}]"));
        }
        2 => {
            w.line(4, "kind: Pod");
            w.line(
                4,
                &format!(
                    "{noun}: {{\"{role}\": [{}, {}]}}",
                    random.between(1, 99),
                    random.between(1, 99)
                ),
            );
        }
        _ => {
            let words = random.words(4);
            w.line(4, &format!("{noun}-{role}:"));
            w.line(
                6,
                &format!(
                    "{} = {}; {words}",
                    random.pick(&VARIABLES),
                    random.between(0, 99_999)
                ),
            );
        }
    }
}

/// A definition of a custom resource, 4 to 60 kilobytes, nearly all of it the schema.
pub(crate) fn definition(random: &mut Random, number: usize) -> String {
    let names = Names::new(random, number);
    let mut w = Writer::new(random);
    w.line(0, "---");
    w.line(0, "apiVersion: apiextensions.k8s.io/v1");
    w.line(0, "kind: CustomResourceDefinition");
    w.line(0, "metadata:");
    let plural = names.name.replace('-', "");
    let group = format!("{}.example.com", names.team);
    w.raw(2, "name", &format!("{plural}.{group}"));
    w.line(0, "spec:");
    w.raw(2, "group", &group);
    w.line(2, "names:");
    w.raw(4, "kind", &plural);
    w.raw(4, "listKind", &format!("{plural}List"));
    w.raw(4, "plural", &plural);
    w.raw(4, "singular", &plural);
    w.line(2, "scope: Namespaced");
    w.line(2, "versions:");
    w.line(2, "- name: v1");
    w.line(4, "served: true");
    w.line(4, "storage: true");
    w.line(4, "schema:");
    w.line(6, "openAPIV3Schema:");
    w.line(8, "type: object");
    w.line(8, "properties:");
    let end = w.text.len() + random.between(4, 60) * 1024;
    let mut field = 0;
    while w.text.len() < end {
        property(&mut w, 10, 0, field, random);
        field += 1;
    }
    w.text
}

/// A property of a schema with its description, and those below it.
fn property(w: &mut Writer, column: usize, depth: usize, number: usize, random: &mut Random) {
    let (noun, role) = (random.pick(&NOUNS), random.pick(&ROLES));
    w.line(column, &format!("{noun}{role}{number}:"));
    w.line(column + 2, "description: >-");
    for _ in 0..random.between(1, 4) {
        let count = random.between(6, 12);
        let words = random.words(count);
        w.line(column + 4, &words);
    }
    if depth < 5 && random.percent(40) {
        w.line(column + 2, "type: object");
        w.line(column + 2, "properties:");
        for number in 0..random.between(1, 4) {
            property(w, column + 4, depth + 1, number, random);
        }
        return;
    }
    match random.between(0, 3) {
        0 => {
            w.line(column + 2, "type: integer");
            w.line(column + 2, "format: int32");
            w.line(column + 2, "minimum: 0");
        }
        1 => {
            w.line(column + 2, "type: array");
            w.line(column + 2, "items:");
            w.line(column + 4, "type: string");
        }
        2 => {
            w.line(column + 2, "type: string");
            w.line(column + 2, "enum:");
            for _ in 0..random.between(2, 5) {
                w.item(column + 2);
                w.line(column + 4, random.pick(&ROLES));
            }
        }
        _ => w.line(column + 2, "type: boolean"),
    }
}

/// What stands beside workloads in repositories: accounts, roles, ingresses, autoscalers.
pub(crate) fn companion(random: &mut Random, number: usize) -> String {
    let names = Names::new(random, number);
    let mut w = Writer::new(random);
    match random.between(0, 3) {
        0 => head(&mut w, "v1", "ServiceAccount", &names),
        1 => {
            head(&mut w, "rbac.authorization.k8s.io/v1", "Role", &names);
            w.line(0, "rules:");
            for _ in 0..random.between(1, 6) {
                w.item(0);
                w.line(2, "apiGroups: [\"\"]");
                w.line(2, "resources:");
                w.item(2);
                w.line(
                    4,
                    random.pick(&["pods", "services", "configmaps", "secrets"]),
                );
                w.line(2, "verbs: [get, list, watch]");
            }
        }
        2 => {
            head(&mut w, "autoscaling/v2", "HorizontalPodAutoscaler", &names);
            w.line(0, "spec:");
            w.line(
                2,
                "scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: app}",
            );
            w.raw(2, "minReplicas", &random.between(1, 4).to_string());
            w.raw(2, "maxReplicas", &random.between(5, 40).to_string());
        }
        _ => {
            head(&mut w, "networking.k8s.io/v1", "Ingress", &names);
            w.line(0, "spec:");
            w.line(2, "rules:");
            w.item(2);
            w.raw(4, "host", &format!("{}.example.com", names.name));
            w.line(4, "http: {paths: []}");
        }
    }
    w.text
}
