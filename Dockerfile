# syntax=docker/dockerfile:1
# The program and nothing else: a static binary, no shell, not root. For two kinds of machine:
#   docker buildx build --platform linux/amd64,linux/arm64 -t datakit-inject .
FROM --platform=$BUILDPLATFORM rust:1.95-slim-bookworm AS build
ARG TARGETARCH
WORKDIR /source
# The one crate that is C is compiled by zig, for both kinds of machine.
COPY tools/requirements.txt tools/
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3-pip \
    && rm -rf /var/lib/apt/lists/* \
    && pip install --no-cache-dir --break-system-packages --requirement tools/requirements.txt
COPY . .
# The linker that comes with Rust links for both, so that no cross compiler is needed.
RUN case "$TARGETARCH" in \
      amd64) target=x86_64-unknown-linux-musl ;; \
      arm64) target=aarch64-unknown-linux-musl ;; \
      *) echo "no static build for $TARGETARCH" >&2; exit 1 ;; \
    esac \
    && rustup target add "$target" \
    && export CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_LINKER=rust-lld CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER=rust-lld \
    && for machine in x86_64 aarch64; do \
         export "CC_${machine}_unknown_linux_musl=$PWD/tools/zig-cc" "AR_${machine}_unknown_linux_musl=$PWD/tools/zig-ar"; \
       done \
    && cargo build --release --locked --features mimalloc --target "$target" \
    && cp "target/$target/release/datakit-inject" /datakit-inject \
    && printf '%s\n' 'nonroot:x:65532:65532::/:/nologin' 'nobody:x:65534:65534::/:/nologin' > /passwd

FROM scratch
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="datakit-inject" \
      org.opencontainers.image.description="Rewrites Kubernetes manifests the way the Datakit Operator changes pods" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://github.com/GuanceCloud/datakit-inject" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
COPY --from=build /datakit-inject /datakit-inject
# kustomize and kpt run an image with --user nobody: the name must be known.
COPY --from=build /passwd /etc/passwd
COPY LICENSE /LICENSE
USER 65532:65532
# Manifests are mounted here: docker run --rm -v "$PWD:/work" datakit-inject --check k8s/
WORKDIR /work
ENTRYPOINT ["/datakit-inject"]
