//! kustomize and kubectl, as a function and as an exec plugin.

use crate::{ASKING, Place, carry_out};

#[test]
fn the_page_on_kustomize_is_true() {
    carry_out("kustomize.md");
}

/// The configuration object for a KRM function, `rest` behind it.
fn function(rest: &str) -> String {
    format!(
        "apiVersion: datakit.guance.com/v1alpha1\nkind: DatakitInject\nmetadata:\n  name: inject\n  \
         annotations:\n    config.kubernetes.io/function: |\n      exec:\n        path: datakit-inject\n{rest}"
    )
}

const BUILD: &str = "kustomize build --enable-alpha-plugins --enable-exec";

#[test]
fn kustomize_without_a_configuration_follows_annotations() {
    let Some(place) = Place::new() else { return };
    place.write("web.yaml", ASKING);
    place.write("inject.yaml", &function(""));
    place.write(
        "kustomization.yaml",
        "resources: [web.yaml]\ntransformers: [inject.yaml]\n",
    );
    let built = place.done(&format!("{BUILD} ."));
    assert!(built.contains("name: datakit-lib-init"), "{built}");
    assert_eq!(built.matches("name: datakit-auto-instrument").count(), 3);
    assert!(!built.contains("internal.config"), "{built}");
    // The result asks for nothing more.
    place.write("built.yaml", &built);
    place.done("datakit-inject --check built.yaml");
}

#[test]
fn kustomize_mends_references_behind_the_function() {
    let Some(place) = Place::new() else { return };
    place.write("base/web.yaml", ASKING);
    place.write("base/inject.yaml", &function("spec:\n  skip: [otel]\n"));
    place.write(
        "base/kustomization.yaml",
        "resources: [web.yaml]\ntransformers: [inject.yaml]\nnamePrefix: base-\n\
         configMapGenerator:\n- name: settings\n  literals: [A=b]\n",
    );
    place.write(
        "overlay/kustomization.yaml",
        "resources: [../base]\nnamePrefix: eu-\nnamespace: prod\n",
    );
    let built = place.done(&format!("{BUILD} overlay"));
    let name = "name: eu-base-settings-";
    assert_eq!(built.matches(name).count(), 2, "{built}");
    assert!(built.contains("name: datakit-lib-init"), "{built}");
}

#[test]
fn kustomize_shows_what_is_wrong() {
    let Some(place) = Place::new() else { return };
    place.write("web.yaml", ASKING);
    place.write(
        "kustomization.yaml",
        "resources: [web.yaml]\ntransformers: [inject.yaml]\n",
    );
    for (rest, expected) in [
        ("spec:\n  namespce: x\n", "did you mean `spec.namespace`?"),
        (
            "spec:\n  configFile: ../operator.json\n",
            "[option-config-file]",
        ),
        ("        args: [--frobnicate]\n", "--frobnicate"),
    ] {
        place.write("inject.yaml", &function(rest));
        let (printed, said) = place.failed(&format!("{BUILD} ."), "");
        assert_eq!(printed, "");
        assert!(said.contains(expected), "{said}");
    }
    // The same as a plugin of kubectl's.
    place.done("datakit-inject install-plugin kustomize --copy");
    let object =
        "apiVersion: datakit.guance.com/v1alpha1\nkind: DatakitInject\nmetadata:\n  name: x\n";
    place.write("inject.yaml", &format!("{object}spec:\n  skp: [otel]\n"));
    let (printed, said) = place.failed("kubectl kustomize --enable-alpha-plugins .", "");
    assert_eq!(printed, "");
    assert!(said.contains("did you mean `spec.skip`?"), "{said}");
    place.write("inject.yaml", object);
    let built = place.done("kubectl kustomize --enable-alpha-plugins .");
    assert!(built.contains("name: datakit-lib-init"), "{built}");
}

#[test]
fn kubectl_leaves_a_function_out_without_a_word_and_a_check_finds_it() {
    let Some(place) = Place::new() else { return };
    place.write("web.yaml", ASKING);
    place.write("inject.yaml", &function(""));
    place.write(
        "kustomization.yaml",
        "resources: [web.yaml]\ntransformers: [inject.yaml]\n",
    );
    let built = place.done("kubectl kustomize --enable-alpha-plugins .");
    assert!(!built.contains("datakit-lib-init"), "{built}");
    place.write("built.yaml", &built);
    let (_, said) = place.failed("datakit-inject --check < built.yaml", "");
    assert!(said.contains("would inject ddtrace (python)"), "{said}");
}
