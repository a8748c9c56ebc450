"""What measures, and what we are measured beside; each is installed where it is missing and can be."""

import os
import shutil
import subprocess

from .inputs import FOLDER

BIN = FOLDER / "tools" / "bin"

# The newest hyperfine that the project's oldest compiler builds; `--input` is not in older ones.
HYPERFINE = "1.20.0"
KUSTOMIZE = "sigs.k8s.io/kustomize/kustomize/v5@v5.8.1"
YQ = "github.com/mikefarah/yq/v4@v4.45.1"
KPT = "github.com/kptdev/kpt@v1.0.0-beta.59"
LINKERD = "github.com/linkerd/linkerd2/cli@main"
KUBECTL = "v0.34.2"

# The command that k8s.io/kubernetes/cmd/kubectl is, which cannot be installed by itself.
KUBECTL_MAIN = """package main

import (
	"os"

	"k8s.io/component-base/cli"
	"k8s.io/kubectl/pkg/cmd"
)

func main() { os.Exit(cli.Run(cmd.NewDefaultKubectlCommand())) }
"""


class Missing(Exception):
    """A program is not there and cannot be installed; says why."""


def _run(command, **more):
    """What a command prints; its last words as the reason where it fails."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)
    except FileNotFoundError:
        raise Missing(f"{command[0]} is not installed") from None
    if done.returncode:
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        raise Missing(f"`{' '.join(map(str, command))}`: {lines[-1] if lines else done.returncode}")
    return done.stdout


def _go_install(name, package):
    print(f"installing {package}", flush=True)
    BIN.mkdir(parents=True, exist_ok=True)
    _run(["go", "install", package], cwd=FOLDER, env={**os.environ, "GOBIN": str(BIN)})
    return str(BIN / name)


def _own(name):
    return str(BIN / name) if (BIN / name).exists() else None


def hyperfine():
    """The path of a hyperfine that can give its programs an input."""
    for path in (_own("hyperfine"), shutil.which("hyperfine")):
        if path and "--input" in _run([path, "--help"]):
            return path
    print(f"installing hyperfine {HYPERFINE}", flush=True)
    _run(["cargo", "install", "--quiet", "--locked", "--root", BIN.parent, "--version", HYPERFINE, "hyperfine"])
    return str(BIN / "hyperfine")


def debian(program, package):
    """The path of a program; its Debian package is installed where it is missing."""
    if not shutil.which(program):
        print(f"installing {package}", flush=True)
        sudo = [] if os.geteuid() == 0 else ["sudo"]
        _run([*sudo, "apt-get", "update"])
        _run([*sudo, "apt-get", "install", "--yes", "--no-install-recommends", package])
    return shutil.which(program)


def _kubectl():
    path = shutil.which("kubectl") or _own("kubectl")
    if path:
        return path
    print(f"building kubectl {KUBECTL}", flush=True)
    source = FOLDER / "tools" / "kubectl"
    source.mkdir(parents=True, exist_ok=True)
    (source / "main.go").write_text(KUBECTL_MAIN)
    (source / "go.mod").unlink(missing_ok=True)
    _run(["go", "mod", "init", "kubectl"], cwd=source)
    _run(["go", "get", f"k8s.io/kubectl@{KUBECTL}", f"k8s.io/component-base@{KUBECTL}"], cwd=source)
    _run(["go", "mod", "tidy"], cwd=source)
    BIN.mkdir(parents=True, exist_ok=True)
    version = f"-X k8s.io/component-base/version.gitVersion=v1{KUBECTL.removeprefix('v0')}"
    _run(["go", "build", "-ldflags", version, "-o", BIN / "kubectl", "."], cwd=source)
    return str(BIN / "kubectl")


def _yq():
    """Of the programs of that name the one in Go; another is in Debian."""
    for path in (_own("yq"), shutil.which("yq")):
        if path and "mikefarah" in _run([path, "--version"]):
            return path
    return _go_install("yq", YQ)


def _installed(name, package):
    return shutil.which(name) or _own(name) or _go_install(name, package)


def _first_line(command):
    lines = _run(command).split("\n")
    return next((line for line in lines if line.strip()), "")


class Peer:
    """Another program that reads manifests and writes them."""

    def __init__(self, name, find, version, command, tree):
        self.name = name
        self._find = find
        self._version = version
        self._command = command
        self._tree = tree
        self.path = None
        self.why = None
        self.version = None

    def find(self):
        """Looks for the program; `why` says afterwards why it is not there."""
        try:
            self.path = self._find()
            self.version = _first_line([self.path, *self._version])
        except Missing as reason:
            self.path, self.why = None, str(reason)
        return self

    def command(self, folder):
        """Its command; it has the manifest as its input and in a folder."""
        return self._command(self.path, folder)

    def tree(self, folder):
        """Its command for all manifests below a folder."""
        return self._tree(self.path, folder)


def peers():
    """All peers, those that are not there too."""
    def kustomize(*arguments):
        return lambda path, folder: [path, *arguments, folder]

    return [
        Peer("kubectl kustomize", _kubectl, ["version", "--client"], kustomize("kustomize"), kustomize("kustomize")),
        Peer("kustomize build", lambda: _installed("kustomize", KUSTOMIZE), ["version"],
             kustomize("build"), kustomize("build")),
        Peer("yq .", _yq, ["--version"], lambda path, _: [path, "."],
             lambda path, folder: ["find", folder, "-name", "manifest*", "-exec", path, ".", "{}", "+"]),
        Peer("kpt fn eval", lambda: _installed("kpt", KPT), ["version"],
             lambda path, _: [path, "fn", "eval", "-", "--exec", "/bin/cat"],
             lambda path, folder: [path, "fn", "eval", folder, "--output", "stdout", "--exec", "/bin/cat"]),
        Peer("linkerd inject", lambda: _installed("linkerd", LINKERD), ["version", "--client", "--short"],
             lambda path, _: [path, "inject", "-"], lambda path, folder: [path, "inject", folder]),
    ]
