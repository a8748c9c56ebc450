"""A machine to install on, made for one case: a home, a folder for temporary files, the commands on PATH."""

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

from releases import ROOT, program

COMMANDS = """
basename cat chmod cp curl cut dirname grep gzip head ln mkdir mktemp mv rm rmdir sha256sum sh sleep tar
""".split()


class Run:
    """A place to install to, and what happened to it."""

    def __init__(self, shell, server):
        self.shell, self.server = shlex.split(shell), server
        self.folder = Path(tempfile.mkdtemp())
        self.folder.chmod(0o755)
        self.home, self.tmp, self.bin = (self.folder / name for name in ["home", "tmp", "bin"])
        for path in [self.home, self.tmp, self.bin]:
            path.mkdir()
        self.to = self.home / ".local/bin"
        for name in COMMANDS:
            self.link(name)
        # Nobody in particular, so that no case writes outside of its own home.
        self.command("id", "echo 1000")
        self.command("uname", 'case $1 in -s) echo Linux ;; -m) echo x86_64 ;; esac')
        shutil.copy(ROOT / "install.sh", self.folder / "install.sh")
        self.script, self.user, self.environment = self.folder / "install.sh", None, {}

    def link(self, name, command=None):
        found = shutil.which(command or name)
        if not found:
            raise SystemExit(f"{command or name} is not here; it is needed to try install.sh")
        (self.bin / name).unlink(missing_ok=True)
        (self.bin / name).symlink_to(found)

    def command(self, name, text):
        (self.bin / name).unlink(missing_ok=True)
        (self.bin / name).write_text(f"#!/bin/sh\n{text}\n")
        (self.bin / name).chmod(0o755)

    def without(self, *names):
        for name in names:
            (self.bin / name).unlink()

    def tree(self):
        """Every path below the home and the folder for temporary files, with what it holds."""
        found = {}
        for top in [self.home, self.tmp]:
            for path in sorted(top.rglob("*")):
                if path.is_symlink():
                    found[str(path)] = os.readlink(path)
                else:
                    found[str(path)] = path.read_bytes() if path.is_file() else "folder"
        return found

    def start(self, *arguments, piped=False):
        environment = {
            "HOME": str(self.home),
            "TMPDIR": str(self.tmp),
            "PATH": str(self.bin),
            "DATAKIT_INJECT_BASE_URL": f"{self.server}/releases",
            **self.environment,
        }
        script = ["-s", "--"] if piped else [str(self.script)]
        return subprocess.Popen(
            [shutil.which(self.shell[0]), *self.shell[1:], *script, *arguments],
            stdin=self.script.open() if piped else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.home,
            env=environment,
            user=self.user,
        )

    def __call__(self, *arguments, piped=False):
        """The exit code and everything that was said."""
        process = self.start(*arguments, piped=piped)
        said, _ = process.communicate(timeout=60)
        return process.returncode, said

    def installs(self, *arguments, piped=False, to=None, version="9.9.9"):
        code, said = self(*arguments, piped=piped)
        assert code == 0, said
        path = (to or self.to) / "datakit-inject"
        assert path.read_bytes() == program(version), said
        assert path.stat().st_mode & 0o777 == 0o755
        assert str(path) in said, said
        assert [entry.name for entry in path.parent.iterdir()] == ["datakit-inject"], "left beside the program"
        assert not list(self.tmp.iterdir()), "left in the folder for temporary files"
        return said

    def refuses(self, *arguments, says, piped=False):
        before = self.tree()
        code, said = self(*arguments, piped=piped)
        assert code == 1, f"{code}: {said}"
        errors = [line for line in said.splitlines() if line.startswith("error: ")]
        assert len(errors) == 1 and says in said, said
        assert self.tree() == before, f"changed: {set(self.tree()) ^ set(before)}"
        return said
