//! The containers of the Deployments: image, command, ports, variables, probes, resources, mounts.

use super::random::Random;
use super::words::{NOUNS, REGISTRIES, STARTUP, VARIABLES};
use super::writer::Writer;

/// What a container is there for.
#[derive(Clone, Copy)]
pub(crate) enum Role<'n> {
    /// The application: the language that it is traced in, and whether it mounts its configuration.
    Main {
        language: &'n str,
        config: bool,
    },
    Sidecar,
    Init,
}

/// A container whose keys stand in that column; the dash in front is set by the caller.
pub(crate) fn write(
    w: &mut Writer,
    column: usize,
    name: &str,
    image: &str,
    role: Role<'_>,
    random: &mut Random,
) {
    w.raw(column, "name", name);
    w.pair(column, "image", image);
    w.raw(
        column,
        "imagePullPolicy",
        random.pick(&["IfNotPresent", "Always"]),
    );
    let port = random.between(3000, 9900);
    match role {
        Role::Init => {
            w.line(column, "command: [\"/bin/sh\", \"-c\"]");
            w.line(column, "args:");
            let list = w.list(column);
            w.item(list);
            w.line(list + 2, "|");
            w.line(list + 2, "set -eu");
            w.line(
                list + 2,
                &format!("./migrate --source {} --verbose", random.pick(&NOUNS)),
            );
        }
        Role::Sidecar | Role::Main { .. } => {
            if random.percent(30) {
                arguments(w, column, port, random);
            }
            ports(w, column, port, random);
        }
    }
    environment(w, column, role, port, random);
    if matches!(role, Role::Main { .. }) {
        probes(w, column, port, random);
    }
    resources(w, column, random);
    if let Role::Main { config: true, .. } = role {
        w.line(column, "volumeMounts:");
        let list = w.list(column);
        w.item(list);
        w.raw(list + 2, "name", "config");
        w.raw(list + 2, "mountPath", "/etc/app");
        w.raw(list + 2, "readOnly", "true");
    }
}

fn arguments(w: &mut Writer, column: usize, port: usize, random: &mut Random) {
    if random.percent(40) {
        w.raw(
            column,
            "args",
            &format!("[\"serve\", \"--port={port}\", \"--verbose\"]"),
        );
        return;
    }
    w.line(column, "args:");
    let list = w.list(column);
    for argument in [
        "serve".to_owned(),
        format!("--port={port}"),
        format!("--peer={}", random.pick(&NOUNS)),
    ] {
        w.item(list);
        let argument = w.quoted(&argument);
        w.line(list + 2, &argument);
    }
}

fn ports(w: &mut Writer, column: usize, port: usize, random: &mut Random) {
    w.line(column, "ports:");
    let list = w.list(column);
    w.item(list);
    w.raw(list + 2, "name", "http");
    let remark = w.remark(random);
    w.raw(list + 2, "containerPort", &format!("{port}{remark}"));
    if random.percent(25) {
        w.item(list);
        w.raw(list + 2, "name", "metrics");
        w.raw(list + 2, "containerPort", &(port + 1).to_string());
        w.raw(list + 2, "protocol", "TCP");
    }
}

fn environment(w: &mut Writer, column: usize, role: Role<'_>, port: usize, random: &mut Random) {
    let count = match role {
        Role::Main { .. } => random.between(2, 14),
        Role::Sidecar | Role::Init => random.between(0, 3),
    };
    if count == 0 {
        return;
    }
    w.line(column, "env:");
    let list = w.list(column);
    if let Role::Main { language, .. } = role
        && random.percent(30)
    {
        let own = STARTUP.iter().find(|(own, _, _)| *own == language);
        if let Some((_, name, value)) = own {
            w.item(list);
            w.raw(list + 2, "name", name);
            w.raw(list + 2, "value", &format!("\"{value}\""));
        }
    }
    // Each name once: from a place in the list on, with steps that its length has no part in.
    let start = random.between(0, VARIABLES.len() - 1);
    for step in 0..count {
        let name = VARIABLES[(start + step * 7) % VARIABLES.len()];
        w.comment(list, random);
        w.item(list);
        w.raw(list + 2, "name", name);
        variable(w, list + 2, name, port, random);
    }
}

fn variable(w: &mut Writer, column: usize, name: &str, port: usize, random: &mut Random) {
    match random.between(0, 9) {
        0 => {
            w.line(column, "valueFrom:");
            w.line(column + 2, "secretKeyRef:");
            w.raw(
                column + 4,
                "name",
                &format!("{}-credentials", random.pick(&NOUNS)),
            );
            w.raw(column + 4, "key", &name.to_lowercase());
        }
        1 => {
            w.line(column, "valueFrom:");
            w.line(column + 2, "fieldRef:");
            w.raw(
                column + 4,
                "fieldPath",
                random.pick(&["metadata.name", "status.podIP", "spec.nodeName"]),
            );
        }
        2 => w.raw(column, "value", &format!("\"{port}\"")),
        3 => w.raw(
            column,
            "value",
            random.pick(&["\"true\"", "\"false\"", "'0'", "\"\"", "\"1\""]),
        ),
        4 => {
            let (host, topic) = (random.pick(&NOUNS), random.pick(&NOUNS));
            w.pair(
                column,
                "value",
                &format!("http://{host}-{topic}.svc.cluster.local:{port}"),
            );
        }
        5 => w.pair(column, "value", random.pick(&REGISTRIES)),
        6 => {
            let count = random.between(2, 6);
            let words = random.words(count);
            w.raw(column, "value", &format!("\"{words}\""));
        }
        _ => {
            let (one, other) = (random.pick(&NOUNS), random.pick(&NOUNS));
            let remark = w.remark(random);
            let value = w.quoted(&format!("{one}-{other}"));
            w.raw(column, "value", &format!("{value}{remark}"));
        }
    }
}

fn probes(w: &mut Writer, column: usize, port: usize, random: &mut Random) {
    for (name, path, chance) in [
        ("livenessProbe", "/healthz", 60),
        ("readinessProbe", "/ready", 60),
        ("startupProbe", "/startup", 10),
    ] {
        if !random.percent(chance) {
            continue;
        }
        w.line(column, &format!("{name}:"));
        if random.percent(80) {
            w.line(column + 2, "httpGet:");
            w.pair(column + 4, "path", path);
            w.raw(column + 4, "port", "http");
        } else {
            w.line(column + 2, "tcpSocket:");
            w.raw(column + 4, "port", &port.to_string());
        }
        w.raw(
            column + 2,
            "initialDelaySeconds",
            &random.between(1, 60).to_string(),
        );
        if random.percent(60) {
            w.raw(
                column + 2,
                "periodSeconds",
                &random.between(5, 30).to_string(),
            );
        }
        if random.percent(30) {
            w.raw(
                column + 2,
                "failureThreshold",
                &random.between(2, 9).to_string(),
            );
        }
    }
}

fn resources(w: &mut Writer, column: usize, random: &mut Random) {
    if random.percent(20) {
        return;
    }
    let (cpu, memory) = (random.between(1, 20) * 50, random.between(1, 32) * 64);
    if random.percent(10) {
        w.raw(
            column,
            "resources",
            &format!("{{requests: {{cpu: {cpu}m, memory: {memory}Mi}}}}"),
        );
        return;
    }
    w.line(column, "resources:");
    w.line(column + 2, "requests:");
    w.raw(column + 4, "cpu", &format!("{cpu}m"));
    w.raw(column + 4, "memory", &format!("{memory}Mi"));
    if random.percent(70) {
        w.line(column + 2, "limits:");
        w.raw(column + 4, "cpu", &format!("\"{}\"", random.between(1, 8)));
        w.raw(column + 4, "memory", &format!("{}Mi", memory * 2));
    }
}
