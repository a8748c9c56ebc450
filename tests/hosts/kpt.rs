//! kpt: what becomes of a package.

use crate::{ASKING, Place, carry_out};

#[test]
fn the_page_on_kpt_is_true() {
    carry_out("kpt.md");
}

#[test]
fn kpt_keeps_comments_with_their_items() {
    let Some(place) = Place::new() else { return };
    let env = |lines: &str| {
        let web = ASKING.replace(
            "        envFrom:\n        - configMapRef:\n            name: settings\n",
            "",
        );
        format!("{web}        env:\n{lines}")
    };
    let before = env(
        "        - name: DD_TAGS # tags\n          value: team:a\n        # another\n        - name: A\n          \
         value: \"1\"\n        - name: B # b\n          value: \"2\"\n",
    );
    place.write("web/web.yaml", &before);
    place.done("kpt fn eval web --exec datakit-inject -- only=ddtrace strict=true");
    let after = place.read("web/web.yaml");
    let expected = "        env:\n        # another\n        - name: A #\n          value: \"1\"\n        \
                    #\n        - name: B # b\n          value: \"2\"\n        - name: PYTHONPATH #\n";
    assert!(after.contains(expected), "{after}");
    assert_eq!(after.matches("# tags").count(), 1, "{after}");
    assert!(after.contains("- name: DD_TAGS # tags\n"), "{after}");
    // Once more changes nothing.
    place.done("kpt fn eval web --exec datakit-inject -- only=ddtrace strict=true");
    assert_eq!(place.read("web/web.yaml"), after);
}

#[test]
fn kpt_loses_nothing_whatever_we_are_asked_for() {
    let Some(place) = Place::new() else { return };
    place.write("web/web.yaml", ASKING);
    place.write(
        "web/settings.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n",
    );
    let unchanged = |place: &Place| {
        assert_eq!(place.read("web/web.yaml"), ASKING);
        assert!(place.read("web/settings.yaml").contains("name: settings"));
    };
    place.done("kpt fn eval web --exec 'datakit-inject --diff'");
    unchanged(&place);
    place.done("kpt fn eval web --exec 'datakit-inject --check --skip ddtrace'");
    unchanged(&place);
    for (command, expected) in [
        ("'datakit-inject --check'", "would inject ddtrace (python)"),
        (
            "datakit-inject -- namespce=x",
            "did you mean `data.namespace`?",
        ),
        (
            "datakit-inject -- configFile=/etc/passwd",
            "[option-config-file]",
        ),
        ("datakit-inject -- config=[]", "[config-wrong-type]"),
    ] {
        let (_, said) = place.failed(&format!("kpt fn eval web --exec {command}"), "");
        let result = said.lines().find(|line| line.starts_with("    [error] "));
        assert!(result.is_some_and(|line| line.contains(expected)), "{said}");
        unchanged(&place);
    }
}
