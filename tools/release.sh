#!/usr/bin/env bash
# Builds the release: an archive for each target with its checksum and its bill of materials, and
# install.sh. Always from what is committed, with the commit's time, and without any path of this
# machine, so that the same commit and the same toolchain give the same bytes everywhere.
#
#   tools/release.sh [--out DIR] [--verify] [TARGET]...
#
# --verify builds everything a second time in another folder and compares. Without a TARGET: those
# of the machine's kind of system. Needs GNU tar, cargo-cyclonedx 0.5.9, and for Linux zig (see
# tools/requirements.txt).
set -euo pipefail
export LC_ALL=C TZ=UTC
umask 022

root=$(cd "$(dirname "$0")/.." && pwd)
name=datakit-inject

die() {
  printf 'error: %s\n' "$1" >&2
  shift
  [ $# -eq 0 ] || printf 'help: %s\n' "$@" >&2
  exit 1
}

out=$root/target/dist
verify=false
targets=()
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=${2:?--out needs a folder} && shift 2 ;;
    --verify) verify=true && shift ;;
    -*) die "there is no option $1" ;;
    *) targets+=("$1") && shift ;;
  esac
done
if [ ${#targets[@]} -eq 0 ]; then
  case $(uname -s) in
    Linux) targets=(x86_64-unknown-linux-musl aarch64-unknown-linux-musl) ;;
    Darwin) targets=(x86_64-apple-darwin aarch64-apple-darwin) ;;
    *) die "no targets are known for $(uname -s)" "name them: tools/release.sh TARGET" ;;
  esac
fi

tar=tar
! command -v gtar > /dev/null || tar=gtar
"$tar" --version | grep -q 'GNU tar' || die "this is not GNU tar" "on a Mac: brew install gnu-tar"
cargo cyclonedx --version > /dev/null 2>&1 || die "cargo-cyclonedx is not there" "cargo install --locked cargo-cyclonedx@0.5.9"
for target in "${targets[@]}"; do
  case $target in
    x86_64-unknown-linux-musl | aarch64-unknown-linux-musl)
      # Another one would give other bytes.
      wanted=$(sed -n 's/^ziglang==//p' "$root/tools/requirements.txt")
      found=$(python3 -m ziglang version 2> /dev/null || zig version 2> /dev/null) || found="not there"
      [ "$found" = "$wanted" ] || die "zig $wanted is needed, and it is $found" "pip install -r tools/requirements.txt"
      ;;
  esac
  rustc --print target-list | grep -qx "$target" || die "rustc knows no target $target"
  [ -d "$(rustc --print sysroot)/lib/rustlib/$target" ] || rustup target add "$target" \
    || die "the standard library for $target is not there" "rustup target add $target"
done

SOURCE_DATE_EPOCH=$(git -C "$root" log -1 --format=%ct)
export SOURCE_DATE_EPOCH
commit=$(git -C "$root" rev-parse HEAD)
[ -z "$(git -C "$root" status --porcelain)" ] || printf 'note: what is not committed is left out\n' >&2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The file's bytes depend on no clock, no user, no order of a folder.
pack() { # FOLDER NAME
  "$tar" --sort=name --format=ustar --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
    --mode=u=rwX,go=rX -C "$1" -cf - "$2" | gzip -n -9 > "$1/$2.tar.gz"
}

sha256() { # FILES in this folder
  if command -v sha256sum > /dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi
}

# build FOLDER TARGET: the archive, its checksum and its bill of materials, in FOLDER/dist.
build() {
  local folder=$1 target=$2 sysroot home name_in_variables linker release
  local features=()
  sysroot=$(rustc --print sysroot)
  home=${CARGO_HOME:-$HOME/.cargo}
  mkdir -p "$folder/dist"
  if [ ! -d "$folder/source" ]; then
    mkdir "$folder/source"
    git -C "$root" archive "$commit" | tar -x -C "$folder/source"
  fi
  # The linker that comes with Rust, so that no cross compiler is needed and none makes a difference.
  linker=CARGO_TARGET_$(printf %s "$target" | tr 'a-z-' 'A-Z_')_LINKER
  case $target in
    *-linux-musl) [ -n "${!linker:-}" ] || export "$linker=rust-lld" ;;
  esac
  case $target in
    x86_64-unknown-linux-musl | aarch64-unknown-linux-musl)
      features=(--features mimalloc)
      name_in_variables=$(printf %s "$target" | tr - _)
      export "CC_$name_in_variables=$folder/source/tools/zig-cc" "AR_$name_in_variables=$folder/source/tools/zig-ar"
      ;;
  esac
  (
    cd "$folder/source"
    separator=$(printf '\037')
    CARGO_ENCODED_RUSTFLAGS="--remap-path-prefix=$folder=/build${separator}--remap-path-prefix=$home=/cargo${separator}--remap-path-prefix=$sysroot=/rust" \
      CARGO_INCREMENTAL=0 cargo build --quiet --release --locked ${features[@]+"${features[@]}"} --target "$target" --target-dir "$folder/target"
    cargo cyclonedx -qq --format json --spec-version 1.5 ${features[@]+"${features[@]}"} --target "$target" --override-filename "$name-$target.cdx"
    # The path stands in it as in an address, a blank as %20.
    sed "s|path+file://${folder// /%20}/source|path+file:///build/source|g" "$name-$target.cdx.json" > "$folder/dist/$name-$target.cdx.json"
  )
  release=$folder/dist/$name-$target
  mkdir "$release"
  cp "$folder/target/$target/release/$name" "$folder/source"/{LICENSE,README.md,README.zh-CN.md,CHANGELOG.md} "$release/"
  cp -R "$folder/source/completions" "$release/"
  mkdir "$release/docs"
  cp "$folder/source"/docs/*.1 "$release/docs/"
  cp "$folder/dist/$name-$target.cdx.json" "$release/$name.cdx.json"
  pack "$folder/dist" "$name-$target"
  rm -r "$release"
  (cd "$folder/dist" && sha256 "$name-$target.tar.gz" > "$name-$target.tar.gz.sha256")
}

# What an archive promises: it unpacks to a program that needs no library of the system and, where
# it can run here, says its version.
check() { # FOLDER TARGET
  local folder=$1 target=$2 binary version
  mkdir "$folder/unpacked"
  "$tar" -xzf "$folder/dist/$name-$target.tar.gz" -C "$folder/unpacked"
  binary=$folder/unpacked/$name-$target/$name
  ! grep -qF "$work" "$folder/dist/$name-$target.cdx.json" || die "$target: the bill of materials holds the path of its build"
  ! grep -qaF "$work" "$binary" || die "$target: the program holds the path of its build"
  ! grep -qaF "$HOME/" "$binary" || die "$target: the program holds the path of the home folder"
  case $target in
    *-linux-musl)
      if command -v readelf > /dev/null; then
        ! readelf -lW "$binary" | grep -q INTERP || die "$target: the program is not static"
      fi
      ;;
  esac
  version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$folder/source/Cargo.toml" | head -1)
  case $target in
    "$(uname -m)-unknown-linux-musl" | "$(rustc -vV | sed -n 's/^host: //p')")
      [ "$("$binary" --version)" = "$name $version" ] || die "$target: the program does not say version $version"
      ;;
  esac
  rm -r "$folder/unpacked"
}

for target in "${targets[@]}"; do
  printf 'building %s\n' "$target" >&2
  build "$work" "$target"
  check "$work" "$target"
  if $verify; then
    printf 'building %s again\n' "$target" >&2
    mkdir -p "$work/a folder elsewhere"
    build "$work/a folder elsewhere" "$target"
    for file in "$name-$target.cdx.json" "$name-$target.tar.gz"; do
      cmp "$work/dist/$file" "$work/a folder elsewhere/dist/$file" \
        || die "$file: not the same bytes when it is built again"
    done
    printf '%s: the same bytes, twice\n' "$target" >&2
  fi
done
git -C "$root" show "$commit:install.sh" > "$work/dist/install.sh"

mkdir -p "$out"
cp -R "$work/dist/." "$out/"
(cd "$out" && sha256 -- *.tar.gz install.sh *.cdx.json > SHA256SUMS && cat SHA256SUMS)
