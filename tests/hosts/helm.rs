//! Helm 3 and 4, as a post-renderer.

use crate::{ASKING, Place, carry_out};

#[test]
fn the_page_on_helm_is_true() {
    carry_out("helm.md");
}

#[test]
fn helm_installs_nothing_where_we_fail() {
    let Some(place) = Place::new() else { return };
    place.write(
        "shop/Chart.yaml",
        "apiVersion: v2\nname: shop\nversion: 0.1.0\n",
    );
    place.write(
        "shop/templates/web.yaml",
        &ASKING.replace("image:", "env: 5\n        image:"),
    );
    for heading in ["Helm 3", "Helm 4"] {
        if heading == "Helm 4" {
            place.shell("helm plugin install hosts/helm4/datakit-inject", heading);
        }
        let (printed, said) =
            place.failed("helm template shop --post-renderer datakit-inject", heading);
        assert_eq!(printed, "");
        let expected = if heading == "Helm 3" {
            "[malformed-pod-template]"
        } else {
            "plugin \"datakit-inject\" exited with error"
        };
        assert!(said.contains(expected), "{said}");
    }
}
