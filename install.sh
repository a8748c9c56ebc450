#!/bin/sh
# Installs datakit-inject: takes the release archive for this machine, compares its checksum, and
# puts the program where it belongs; or builds it from source. Either all of it is there afterwards,
# or nothing has changed.
#
#   curl -fsSL https://github.com/GuanceCloud/datakit-inject/releases/latest/download/install.sh | sh
#   sh install.sh --to ~/bin --with-completions
#
# Everything is in functions and the last line calls them, so that a script of which only a part
# arrived does nothing. POSIX sh; needs curl or wget, tar, and sha256sum, shasum or openssl.
set -eu

# The project's address, as in Cargo.toml.
repository=${DATAKIT_INJECT_REPOSITORY:-https://github.com/GuanceCloud/datakit-inject}
name=datakit-inject

usage() {
    cat <<EOF
Installs $name.

Usage: install.sh [OPTIONS]

  --to DIR            where the program goes [default: /usr/local/bin for root, else ~/.local/bin]
  --version VERSION   a release, for example 0.1.0 [default: the latest]
  --base-url URL      where the releases are, for a mirror; also DATAKIT_INJECT_BASE_URL
                      [default: $repository/releases]
  --from-source       build it with cargo: this checkout, or else a clone of
                      $repository
  --with-completions  also the completions for bash, zsh and fish, and the manual page
  --force             replace what is there
  --dry-run           say what would be done, and do nothing
  -h, --help          this text

Files are taken from URL/latest/download/ or URL/download/vVERSION/:
$name-TARGET.tar.gz and $name-TARGET.tar.gz.sha256.
EOF
}

say() {
    printf '%s\n' "$*" >&2
}

# A message, and what to do about it on lines of their own.
die() {
    printf 'error: %s\n' "$1" >&2
    shift
    for hint in "$@"; do
        printf 'help: %s\n' "$hint" >&2
    done
    exit 1
}

have() {
    command -v "$1" >/dev/null 2>&1
}

parse_arguments() {
    to=
    version=
    base_url=${DATAKIT_INJECT_BASE_URL:-$repository/releases}
    from_source=false
    with_completions=false
    force=false
    dry_run=false
    while [ $# -gt 0 ]; do
        option=$1
        shift
        case $option in
            --to=* | --version=* | --base-url=*)
                set -- "${option#*=}" "$@"
                option=${option%%=*}
                ;;
            --to | --version | --base-url)
                [ $# -gt 0 ] || die "$option needs a value" "install.sh --help"
                ;;
        esac
        case $option in
            --to | --version | --base-url)
                [ -n "$1" ] || die "$option needs a value" "install.sh --help"
                ;;
        esac
        case $option in
            --to) to=$1 && shift ;;
            --version) version=${1#v} && shift ;;
            --base-url) base_url=${1%/} && shift ;;
            --from-source) from_source=true ;;
            --with-completions) with_completions=true ;;
            --force) force=true ;;
            --dry-run) dry_run=true ;;
            -h | --help)
                usage
                exit 0
                ;;
            *) die "there is no option $option" "install.sh --help" ;;
        esac
    done
    case $version in
        *[!0-9A-Za-z.+-]*) die "$version is no version" "for example: --version 0.1.0" ;;
    esac
}

# Where each file goes, one per line: a name in the unpacked archive, a tab, a path.
plan() {
    if [ -z "$to" ]; then
        if [ "$(id -u)" = 0 ]; then
            to=/usr/local/bin
        else
            [ -n "${HOME:-}" ] || die "HOME is not set" "say where the program goes: --to DIR"
            to=$HOME/.local/bin
        fi
    fi
    to=${to%/}
    case $to in
        /*) ;;
        *) to=$(pwd)/$to ;;
    esac
    case $to in
        *"$tab"* | *"$newline"*) die "a folder whose name has a tab or a line end cannot be used: $to" ;;
    esac
    plan="$name$tab$to/$name"
    share=
    $with_completions || return 0
    # Beside a bin folder is the share folder in which shells and man look.
    case $to in
        "${HOME:-}/.local/bin") share=${XDG_DATA_HOME:-$HOME/.local/share} ;;
        */bin) share=${to%/bin}/share ;;
        *)
            [ -n "${XDG_DATA_HOME:-}${HOME:-}" ] || die "HOME is not set" \
                "a folder that ends in /bin tells where completions go: --to DIR"
            share=${XDG_DATA_HOME:-${HOME:-}/.local/share}
            ;;
    esac
    plan="completions/$name.bash$tab$share/bash-completion/completions/$name
completions/_$name$tab$share/zsh/site-functions/_$name
completions/$name.fish$tab$share/fish/vendor_completions.d/$name.fish
docs/$name.1$tab$share/man/man1/$name.1
$plan"
}

# Everything that would stop us later, before anything is fetched.
check_places() {
    while IFS=$tab read -r _ path; do
        if [ -d "$path" ]; then
            die "$path is a folder" "choose another place: --to DIR"
        fi
        if ! $force && { [ -e "$path" ] || [ -h "$path" ]; }; then
            die "$path is there already" "to replace it: --force"
        fi
        folder=$(dirname "$path")
        while [ ! -d "$folder" ]; do
            [ ! -e "$folder" ] || die "$folder is no folder" "choose another place: --to DIR"
            folder=$(dirname "$folder")
        done
        [ -w "$folder" ] || die "you may not write to $folder" "choose another place: --to DIR"
    done <<EOF
$plan
EOF
}

find_target() {
    system=$(uname -s)
    machine=$(uname -m)
    case $machine in
        x86_64 | amd64) machine=x86_64 ;;
        aarch64 | arm64) machine=aarch64 ;;
    esac
    # A kernel of 64 bits may run a system of 32, and Apple's new machines say x86_64 to old programs.
    if [ "$system" = Linux ] && [ "$(getconf LONG_BIT 2>/dev/null || echo 64)" = 32 ]; then
        machine="$machine with 32 bits"
    elif [ "$system" = Darwin ] && [ "$(sysctl -n sysctl.proc_translated 2>/dev/null || echo 0)" = 1 ]; then
        machine=aarch64
    fi
    case $system-$machine in
        Linux-x86_64 | Linux-aarch64) target=$machine-unknown-linux-musl ;;
        Darwin-x86_64 | Darwin-aarch64) target=$machine-apple-darwin ;;
        *)
            die "there is no archive for $system on $machine" \
                "build it here (needs a Rust toolchain): install.sh --from-source"
            ;;
    esac
}

# Runs a command so that a signal ends it and us at once, instead of when it is done.
run() {
    "$@" &
    child=$!
    status=0
    wait "$child" || status=$?
    child=
    return "$status"
}

# download URL FILE
download() {
    if have curl; then
        case $1 in
            https://*) run curl -fsSL --retry 2 --connect-timeout 20 --proto '=https' --tlsv1.2 -o "$2" "$1" ;;
            *) run curl -fsSL --retry 2 --connect-timeout 20 -o "$2" "$1" ;;
        esac
    elif have wget; then
        if wget --version 2>/dev/null | grep -q 'GNU Wget'; then
            run wget -nv --tries=3 --timeout=20 -O "$2" "$1"
        else
            run wget -q -O "$2" "$1"
        fi
    else
        die "neither curl nor wget is there" "install one of them"
    fi
}

# The SHA-256 of a file, as 64 hexadecimal digits.
sha256() {
    if have sha256sum; then
        sha256sum <"$1"
    elif have shasum; then
        shasum -a 256 <"$1"
    else
        openssl dgst -sha256 -r <"$1"
    fi | cut -d ' ' -f 1
}

# Downloads, checks and unpacks; leaves the folder with the files in $unpacked.
fetch() {
    have sha256sum || have shasum || have openssl ||
        die "none of sha256sum, shasum and openssl is there, and so the archive cannot be checked" "install one of them"
    say "downloading $url"
    download "$url" "$work/$archive" || die "could not download $url" \
        "is there a release ${version:-at all}, with an archive for $target?" \
        "another place: --base-url URL; without an archive: --from-source"
    download "$url.sha256" "$work/$archive.sha256" || die "could not download $url.sha256" \
        "without its checksum an archive is not installed"
    read -r wanted _ <"$work/$archive.sha256" || [ -n "${wanted:-}" ] || die "$url.sha256 is empty"
    case $wanted in
        *[!0-9a-f]*) die "$url.sha256 holds no checksum" ;;
    esac
    [ ${#wanted} -eq 64 ] || die "$url.sha256 holds no checksum"
    got=$(sha256 "$work/$archive")
    [ "$got" = "$wanted" ] || die "the archive is not what its checksum says; nothing was installed" \
        "expected $wanted" "got      $got" "try again; if it stays so, tell the project"
    tar -xzf "$work/$archive" -C "$work" || die "could not unpack $url"
    unpacked=$work/$name-$target
}

# Builds, from the checkout that this script stands in or else from a clone.
build() {
    have cargo || die "cargo is not there" "install a Rust toolchain: https://rustup.rs"
    if [ -n "$checkout" ]; then
        source=$checkout
    else
        have git || die "git is not there" "install it, or run install.sh in a checkout"
        source=$work/source
        say "cloning $repository"
        run git clone --quiet --depth 1 ${version:+--branch "v$version"} "$repository" "$source" ||
            die "could not clone $repository"
    fi
    say "building $source"
    output=${CARGO_TARGET_DIR:-$work/target}
    run cargo build --release --locked --manifest-path "$source/Cargo.toml" --target-dir "$output" ||
        die "the build failed" "Rust 1.88 or newer is needed; rustc --version says what is there"
    unpacked=$work/unpacked
    mkdir "$unpacked"
    cp -R "$output/release/$name" "$source/completions" "$source/docs" "$unpacked/"
}

# Makes a folder and those above it, and remembers each.
make_folder() {
    [ ! -d "$1" ] || return 0
    make_folder "$(dirname "$1")"
    mkdir "$1" || die "could not make the folder $1"
    made="$1$newline$made"
}

staged() {
    printf '%s/.%s.%s' "$(dirname "$1")" "$(basename "$1")" "$$"
}

# Copies every file beside its place; then renames all of them. What takes long or can fail is over
# before the first file is replaced.
place() {
    placing=true
    while IFS=$tab read -r from path; do
        [ -f "$unpacked/$from" ] || die "there is no $from in what was downloaded or built"
        make_folder "$(dirname "$path")"
        new=$(staged "$path")
        cp "$unpacked/$from" "$new" || die "could not write to $(dirname "$path")"
        case $from in
            "$name") chmod 755 "$new" ;;
            *) chmod 644 "$new" ;;
        esac
    done <<EOF
$plan
EOF
    new=$(staged "$to/$name")
    says=$("$new" --version) || die "the program does not run on this machine" \
        "build it here (needs a Rust toolchain): install.sh --from-source"
    if [ -n "$version" ] && [ "$says" != "$name $version" ]; then
        die "this is not version $version but says: $says"
    fi

    trap '' HUP INT TERM
    staging_done=true
    while IFS=$tab read -r _ path; do
        new=$(staged "$path")
        if [ -e "$path" ] || [ -h "$path" ]; then
            mv -f "$path" "$new.old" || die "could not replace $path"
        fi
        mv -f "$new" "$path" || die "could not write $path"
    done <<EOF
$plan
EOF
    placing=false
    while IFS=$tab read -r _ path; do
        rm -f "$(staged "$path").old"
    done <<EOF
$plan
EOF
}

# Takes everything back that is not a whole installation. Runs on every way out.
clean_up() {
    status=$?
    trap '' HUP INT TERM
    trap - EXIT
    if [ -n "$child" ]; then
        kill "$child" 2>/dev/null || :
        wait "$child" 2>/dev/null || :
    fi
    if $placing; then
        while IFS=$tab read -r _ path; do
            new=$(staged "$path")
            # In its place already: its staged copy is gone, and it was new or the old one is kept.
            if [ -e "$new.old" ] || [ -h "$new.old" ]; then
                mv -f "$new.old" "$path"
            elif [ ! -e "$new" ] && $staging_done; then
                rm -f "$path"
            fi
            rm -f "$new"
        done <<EOF
$plan
EOF
        while read -r folder; do
            [ -z "$folder" ] || rmdir "$folder" 2>/dev/null || :
        done <<EOF
$made
EOF
    fi
    [ -z "$work" ] || rm -rf "$work"
    exit "$status"
}

main() {
    tab=$(printf '\t')
    newline='
'
    parse_arguments "$@"
    plan

    checkout=
    if $from_source; then
        case $0 in
            */install.sh | install.sh) checkout=$(cd "$(dirname "$0")" && pwd) ;;
        esac
        grep -q "^name = \"$name\"" "$checkout/Cargo.toml" 2>/dev/null || checkout=
        if [ -n "$checkout" ] && [ -n "$version" ] && ! grep -q "^version = \"$version\"" "$checkout/Cargo.toml"; then
            die "$checkout is not version $version" "check that version out, or leave --version away"
        fi
    else
        find_target
        archive=$name-$target.tar.gz
        if [ -n "$version" ]; then
            url=$base_url/download/v$version/$archive
        else
            url=$base_url/latest/download/$archive
        fi
    fi
    check_places

    if $dry_run; then
        if ! $from_source; then
            say "would download $url"
            say "would compare it with $url.sha256"
        elif [ -n "$checkout" ]; then
            say "would build $checkout"
        else
            say "would clone and build $repository"
        fi
        while IFS=$tab read -r _ path; do
            say "would write $path"
        done <<EOF
$plan
EOF
        exit 0
    fi

    child=
    made=
    placing=false
    staging_done=false
    work=
    trap clean_up EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
    work=$(mktemp -d "${TMPDIR:-/tmp}/$name.XXXXXX")
    if $from_source; then build; else fetch; fi
    place

    say "installed $says:"
    while IFS=$tab read -r _ path; do
        say "  $path"
    done <<EOF
$plan
EOF
    case :${PATH:-}: in
        *":$to:"*) ;;
        *) say "$to is not on your PATH; add it: export PATH=\"$to:\$PATH\"" ;;
    esac
    if $with_completions; then
        say "zsh looks in $share/zsh/site-functions if it is in fpath:"
        say "  fpath=(\"$share/zsh/site-functions\" \$fpath)    # in .zshrc, in front of compinit"
    fi
}

main "$@"
