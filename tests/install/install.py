#!/usr/bin/env python3
"""Runs install.sh against a server on 127.0.0.1 that serves good archives, bad ones and half ones.

    install.py SHELL...      SHELL is a command that runs a script: dash, bash, "busybox sh"

After every failure nothing may be there that was not there before, and nothing may be left in the
folder for temporary files. The program in the archives is a script that prints a version. Each run
has a PATH of its own with links to the commands that the case needs and no others.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
import traceback

from place import Run
from releases import ARCHIVE, ROOT, SHARE, Releases, archive, program, publish, serve

# Each case is a function of a Run.


def good_archive(run):
    publish()
    said = run.installs()
    assert "is not on your PATH" in said
    assert Releases.asked == [f"/releases/latest/download/{ARCHIVE}", f"/releases/latest/download/{ARCHIVE}.sha256"]


def through_a_pipe(run):
    publish()
    run.installs(piped=True)


def a_version(run):
    publish(version="9.9.9")
    run.installs("--version", "9.9.9")
    run.installs("--version=v9.9.9", "--force")


def another_place(run):
    publish()
    run.environment["DATAKIT_INJECT_BASE_URL"] = "http://127.0.0.1:1"
    place = run.home / "a place/with blanks"
    run.installs("--to", str(place), "--base-url", f"{run.server}/releases/", to=place)


def a_relative_place(run):
    publish()
    run.installs("--to=tools", to=run.home / "tools")


def gnu_wget(run):
    publish()
    run.without("curl")
    run.link("wget")
    run.installs()


def busybox_wget(run):
    publish()
    run.without("curl")
    run.link("wget", "busybox")
    run.installs()


def shasum(run):
    publish()
    run.without("sha256sum")
    run.link("shasum")
    run.link("perl")
    run.installs()


def openssl(run):
    publish()
    run.without("sha256sum")
    run.link("openssl")
    run.installs()


def nothing_to_check_with(run):
    publish()
    run.without("sha256sum")
    run.refuses(says="none of sha256sum, shasum and openssl is there")


def nothing_to_download_with(run):
    publish()
    run.without("curl")
    run.refuses(says="neither curl nor wget is there")


def bad_checksum(run):
    publish(checksum=("0" * 64 + f"  {ARCHIVE}\n").encode())
    run.refuses(says="not what its checksum says")


def another_archive_than_the_checksums(run):
    path = publish()
    Releases.files[path] = archive(program("6.6.6"))
    run.refuses(says="not what its checksum says")


def no_checksum(run):
    path = publish()
    del Releases.files[path + ".sha256"]
    run.refuses(says=".sha256")
    assert Releases.asked[-1] == path + ".sha256"


def an_empty_checksum(run):
    publish(checksum=b"")
    run.refuses(says="is empty")


def a_page_for_a_checksum(run):
    publish(checksum=b"<html>sign in</html>\n")
    run.refuses(says="holds no checksum")


def a_short_checksum(run):
    publish(checksum=b"abc123\n")
    run.refuses(says="holds no checksum")


def no_archive_for_this_platform(run):
    publish()
    run.command("uname", 'case $1 in -s) echo Darwin ;; -m) echo arm64 ;; esac')
    said = run.refuses(says="could not download")
    assert "aarch64-apple-darwin" in said and "--from-source" in said, said


def no_archive_for_this_platform_and_wget(run):
    publish()
    run.without("curl")
    run.link("wget")
    run.command("uname", 'case $1 in -s) echo Linux ;; -m) echo aarch64 ;; esac')
    said = run.refuses(says="could not download")
    assert "aarch64-unknown-linux-musl" in said, said


def an_unknown_platform(run):
    publish()
    run.command("uname", 'case $1 in -s) echo SunOS ;; -m) echo sun4v ;; esac')
    said = run.refuses(says="there is no archive for SunOS on sun4v")
    assert "--from-source" in said
    assert not Releases.asked


def a_system_of_32_bits(run):
    publish()
    run.command("getconf", "echo 32")
    run.refuses(says="there is no archive for Linux on x86_64 with 32 bits")


def an_apple_that_says_it_is_old(run):
    publish()
    run.command("uname", 'case $1 in -s) echo Darwin ;; -m) echo x86_64 ;; esac')
    run.command("sysctl", "echo 1")
    code, said = run("--dry-run")
    assert code == 0 and "aarch64-apple-darwin" in said, said


def a_cut_connection(run):
    path = publish()
    Releases.cut = {path: "with length"}
    run.refuses(says="could not download")


def a_cut_connection_that_looks_like_the_end(run):
    path = publish()
    Releases.cut = {path: "without length"}
    run.refuses(says="not what its checksum says")


def a_cut_connection_and_wget(run):
    path = publish()
    run.without("curl")
    run.link("wget", "busybox")
    Releases.cut = {path: "with length"}
    run.refuses(says="error: ")


def nobody_listens(run):
    run.refuses("--base-url", "http://127.0.0.1:1", says="could not download")


def no_archive_but_a_page(run):
    publish(b"<html>sign in</html>")
    run.refuses(says="could not unpack")


def an_archive_without_the_program(run):
    publish(archive(program(), leave_out="datakit-inject"))
    run.refuses(says="there is no datakit-inject in what was downloaded")


def a_program_that_does_not_run(run):
    publish(archive(b"#!/bin/sh\nexit 1\n"))
    run.refuses(says="does not run on this machine")


def a_program_of_another_version(run):
    publish(version="1.0.0")
    run.refuses("--version", "1.0.0", says="this is not version 1.0.0 but says: datakit-inject 9.9.9")


def no_right_to_write(run):
    publish()
    run.to.mkdir(parents=True)
    if os.getuid() == 0:
        # Root may write everywhere: be somebody else.
        run.user = 65534
    else:
        run.to.chmod(0o555)
    run.refuses("--to", str(run.to), says=f"you may not write to {run.to}")
    assert not Releases.asked


def a_file_where_the_folder_should_be(run):
    publish()
    (run.home / ".local").write_text("")
    run.refuses(says="is no folder")


def a_folder_where_the_program_should_be(run):
    publish()
    (run.to / "datakit-inject").mkdir(parents=True)
    run.refuses("--force", says="is a folder")


def there_already(run):
    publish()
    run.to.mkdir(parents=True)
    (run.to / "datakit-inject").write_text("old")
    run.refuses(says="to replace it: --force")
    assert not Releases.asked
    run.installs("--force")


def a_dangling_link_is_there_already(run):
    publish()
    run.to.mkdir(parents=True)
    (run.to / "datakit-inject").symlink_to("/nowhere")
    run.refuses(says="to replace it: --force")
    run.installs("--force")
    assert not (run.to / "datakit-inject").is_symlink()


def what_is_there_stays_when_the_new_one_is_bad(run):
    publish(checksum=("0" * 64).encode())
    run.to.mkdir(parents=True)
    (run.to / "datakit-inject").write_text("old")
    run.refuses("--force", says="not what its checksum says")


def dry_run(run):
    publish()
    before = run.tree()
    for arguments in [["--with-completions"], ["--from-source"], ["--version", "9.9.9"]]:
        code, said = run("--dry-run", *arguments)
        assert code == 0 and f"would write {run.to}/datakit-inject" in said, said
    assert run.tree() == before and not Releases.asked


def root_installs_for_everybody(run):
    run.command("id", "echo 0")
    code, said = run("--dry-run", "--force", "--with-completions")
    if os.getuid() == 0:
        assert code == 0 and "would write /usr/local/bin/datakit-inject" in said, said
        assert "would write /usr/local/share/man/man1/datakit-inject.1" in said, said
    else:
        assert code == 1 and "you may not write to /usr/local" in said, said


def a_dry_run_says_what_would_fail(run):
    run.to.mkdir(parents=True)
    (run.to / "datakit-inject").write_text("old")
    run.refuses("--dry-run", says="to replace it: --force")


def with_completions(run):
    publish()
    said = run.installs("--with-completions")
    for path, source in SHARE.items():
        installed = run.home / ".local/share" / path
        assert installed.read_bytes() == (ROOT / source).read_bytes(), path
        assert installed.stat().st_mode & 0o777 == 0o644, path
        assert str(installed) in said
    run.refuses("--with-completions", says="is there already")
    run.installs("--with-completions", "--force")


def the_shells_find_the_completions(run):
    publish()
    run.installs("--with-completions")
    share = run.home / ".local/share"
    system = {"HOME": str(run.home), "PATH": f"{run.to}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}

    def says(*command):
        return subprocess.run(command, env=system, capture_output=True, text=True, timeout=60).stdout

    loader = "/usr/share/bash-completion/bash_completion"
    bash = f". {loader}; _completion_loader datakit-inject; complete -p datakit-inject"
    assert "-F _datakit__inject" in says("bash", "--norc", "-c", bash)
    zsh = f"fpath=({share}/zsh/site-functions $fpath); autoload -Uz compinit; compinit -u -D; print $_comps[datakit-inject]"
    assert says("zsh", "-f", "-c", zsh) == "_datakit-inject\n"
    assert "--only" in says("fish", "-c", "complete -C 'datakit-inject --onl'")
    if shutil.which("man"):
        assert says("man", "-w", "datakit-inject") == f"{share}/man/man1/datakit-inject.1\n"


def a_rename_that_fails(run):
    """Everything that was put in place before is taken back."""
    publish()
    real = shutil.which("mv")
    for failing in range(1, 7):
        count = run.folder / "count"
        count.write_text("")
        run.command("mv", f'echo >> {count}\n[ "$(grep -c "" {count})" != {failing} ] || exit 1\nexec {real} "$@"')
        run.environment["PATH"] = f"{run.bin}"
        share = run.home / ".local/share/man/man1"
        share.mkdir(parents=True, exist_ok=True)
        (share / "datakit-inject.1").write_text("old page")
        run.refuses("--with-completions", "--force", says="could not ")
    assert (run.home / ".local/share/man/man1/datakit-inject.1").read_text() == "old page"


def a_signal_in_the_middle(run):
    for number, code in [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)]:
        path = publish()
        Releases.hang = {path}
        before = run.tree()
        process = run.start("--with-completions")
        end = time.monotonic() + 20
        while not Releases.asked:
            assert time.monotonic() < end, "nothing was asked for"
            time.sleep(0.02)
        time.sleep(0.2)
        assert run.tree() != before, "nothing was under way"
        process.send_signal(number)
        said, _ = process.communicate(timeout=20)
        assert process.returncode == code, f"{process.returncode}: {said}"
        assert Releases.gone.wait(20), "the download goes on"
        assert run.tree() == before, f"left: {set(run.tree()) - set(before)}"


def half_a_script(run):
    """A script of which only a part arrived does nothing."""
    publish()
    whole = (ROOT / "install.sh").read_text()
    before = run.tree()
    for part in range(1, 40):
        run.script.write_text(whole[: len(whole) * part // 40])
        run(piped=True)
        assert run.tree() == before and not Releases.asked, f"{part}/40 of the script did something"
    run.script.write_text(whole)


def wrong_usage(run):
    publish()
    for arguments, says in [
        (["--too", "x"], "there is no option --too"),
        (["here"], "there is no option here"),
        (["--to"], "--to needs a value"),
        (["--to="], "--to needs a value"),
        (["--version", "../x"], "../x is no version"),
    ]:
        run.refuses(*arguments, says=says)
    code, said = run("--help")
    assert code == 0 and "--from-source" in said


def checkout(run, version="9.9.9"):
    """A project that stands for ours, and a cargo that stands for cargo: it knows where to build."""
    folder = run.folder / "checkout"
    for path in SHARE.values():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, folder / path)
    (folder / "Cargo.toml").write_text(f'[package]\nname = "datakit-inject"\nversion = "{version}"\n')
    (folder / "program").write_bytes(program(version))
    shutil.copy(ROOT / "install.sh", folder)
    run.command(
        "cargo",
        '[ "$1 $2 $3 $4" = "build --release --locked --manifest-path" ] && [ "$6" = --target-dir ] || exit 1\n'
        'mkdir -p "$7/release" && cp "$(dirname "$5")/program" "$7/release/datakit-inject"',
    )
    return folder


def from_source_in_a_checkout(run):
    publish()
    run.script = checkout(run) / "install.sh"
    run.installs("--from-source", "--with-completions")
    assert (run.home / ".local/share/man/man1/datakit-inject.1").is_file()
    assert not Releases.asked
    run.refuses("--from-source", "--force", "--version", "1.2.3", says="is not version 1.2.3")


def from_source_of_a_clone(run):
    folder = checkout(run)
    run.link("git")
    git = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@example.com"]
    for command in [["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"], ["tag", "v9.9.9"]]:
        subprocess.run([*git, *command], check=True)
    run.environment["DATAKIT_INJECT_REPOSITORY"] = f"file://{folder}"
    run.installs("--from-source", "--version", "9.9.9")
    run.refuses("--from-source", "--force", "--version", "1.2.3", says="could not clone")


def from_source_without_cargo(run):
    run.refuses("--from-source", says="cargo is not there")


def from_source_that_does_not_build(run):
    run.script = checkout(run) / "install.sh"
    run.command("cargo", "exit 101")
    run.refuses("--from-source", says="the build failed")


def cases():
    first = list(globals().values()).index(good_archive)
    last = list(globals().values()).index(cases)
    made = [value for value in list(globals().values())[first:last] if callable(value)]
    return [case for case in made if case is not checkout]


def main():
    # Whoever runs us in the background (`&`, nohup) may have these ignored, and a shell that inherits that
    # cannot trap them. With handlers of our own here, what we start has the system's.
    for number in [signal.SIGINT, signal.SIGHUP]:
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    address = serve()
    passed = failed = 0
    for shell in sys.argv[1:]:
        for case in cases():
            run = Run(shell, address)
            try:
                case(run)
                passed += 1
            except (AssertionError, subprocess.SubprocessError, OSError):
                failed += 1
                print(f"{shell}: {case.__name__}")
                traceback.print_exc()
            finally:
                shutil.rmtree(run.folder)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


main()
