//! Rewrites Kubernetes manifests as the Datakit Operator would.

fn main() {}
