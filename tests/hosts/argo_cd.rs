//! Argo CD's plugin, run as the repo-server's sidecar runs it.

use crate::page;
use crate::{ASKING, Place, carry_out};

#[test]
fn the_page_on_argo_cd_is_true() {
    carry_out("argo-cd.md");
}

#[test]
fn argo_cd_gets_every_kind_of_application() {
    let Some(place) = Place::new() else { return };
    place.write("plain/web.yaml", ASKING);
    place.write(
        "plain/below/web.json",
        "{\"kind\": \"Secret\", \"apiVersion\": \"v1\"}\n",
    );
    place.write(
        "chart/Chart.yaml",
        "apiVersion: v2\nname: shop\nversion: 0.1.0\n",
    );
    let chart = "{{- if .Capabilities.APIVersions.Has \"example.com/v1/Widget\" }}\n# {{ .Capabilities.KubeVersion }}\n";
    let named = ASKING.replace(
        "name: web\nspec",
        "name: {{ .Release.Name }}\n  namespace: {{ .Release.Namespace }}\nspec",
    );
    place.write(
        "chart/templates/web.yaml",
        &format!("{chart}{named}{{{{- end }}}}\n"),
    );
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    for (folder, expected) in [
        ("plain", "\"kind\": \"Secret\""),
        (
            "chart",
            "# v1.33.0\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: shop\n  namespace: prod\n",
        ),
    ] {
        let output = place.generate(folder, &[]);
        let printed = text(&output.stdout);
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert!(printed.contains(expected), "{folder}: {printed}");
        assert!(
            printed.contains("name: datakit-lib-init"),
            "{folder}: {printed}"
        );
    }
    // A configuration of the application's own: its place is the application's folder.
    let own = "{\"admission_inject_v2\": {}}";
    place.write("plain/conf/operator.conf", own);
    let output = place.generate("plain", &[("PARAM_CONFIG", "conf/operator.conf")]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(!text(&output.stdout).contains("datakit-lib-init"));
    // Where something is wrong, Argo CD gets nothing and is told so.
    place.write("nothing/kustomization.yaml", "resources: []\n");
    place.write("broken/web.yaml", "kind: [\n");
    for (folder, config, expected) in [
        (
            "plain",
            "../plain/conf/operator.conf",
            "leads out of the application",
        ),
        ("plain", "/etc/passwd", "leads out of the application"),
        ("plain", "missing.json", "[config-not-found]"),
        ("nothing", "", ""),
        ("broken", "", "[not-yaml]"),
    ] {
        let output = place.generate(folder, &[("PARAM_CONFIG", config)]);
        let said = text(&output.stderr);
        assert!(!output.status.success(), "{folder} {config}");
        assert_eq!(text(&output.stdout), "", "{folder} {config}");
        assert!(said.contains(expected) && !said.is_empty(), "{said}");
    }
}

#[test]
fn argo_cds_sidecar_has_what_it_mounts() {
    let Some(place) = Place::new() else { return };
    page::carry_out("argo-cd.md", &place);
    let built = place.read("argo-cd.yaml");
    let objects: Vec<serde_yaml::Value> = serde_yaml::Deserializer::from_str(&built)
        .map(|document| serde::Deserialize::deserialize(document).unwrap())
        .collect();
    let of_kind = |kind: &str| {
        objects
            .iter()
            .find(|object| object["kind"] == kind)
            .unwrap()
    };
    let config_map = of_kind("ConfigMap");
    assert!(
        config_map["data"]["plugin.yaml"]
            .as_str()
            .unwrap()
            .contains("generate")
    );
    let pod = &of_kind("Deployment")["spec"]["template"]["spec"];
    let named = |list: &str, name: &str| {
        let mut items = pod[list].as_sequence().unwrap().iter();
        items.find(|item| item["name"] == name).cloned()
    };
    assert!(named("containers", "argocd-repo-server").is_some());
    let sidecar = named("containers", "datakit-inject").unwrap();
    assert_eq!(sidecar["command"][0], "/var/run/argocd/argocd-cmp-server");
    assert_eq!(sidecar["securityContext"]["runAsUser"], 999);
    let mut mounted = Vec::new();
    for mount in sidecar["volumeMounts"].as_sequence().unwrap() {
        let volume = named("volumes", mount["name"].as_str().unwrap()).unwrap();
        if let Some(name) = volume["configMap"]["name"].as_str() {
            assert_eq!(config_map["metadata"]["name"], name);
        }
        mounted.push(mount["mountPath"].as_str().unwrap().to_owned());
    }
    // What the documentation of Argo CD asks for.
    for path in [
        "/var/run/argocd",
        "/home/argocd/cmp-server/plugins",
        "/home/argocd/cmp-server/config/plugin.yaml",
        "/tmp",
    ] {
        assert!(
            mounted.iter().any(|mount| mount == path),
            "{path}: {mounted:?}"
        );
    }
    let config = sidecar["env"][0]["value"].as_str().unwrap();
    assert!(
        mounted
            .iter()
            .any(|mount| config.starts_with(mount.as_str()))
    );
}
