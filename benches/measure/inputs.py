"""The program under measurement and its inputs, below Cargo's target folder."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
FOLDER = TARGET / "bench"
PROGRAM = TARGET / "release" / "datakit-inject"
# What an operator's own configuration looks like, for the streams.
CONFIG = ROOT / "benches" / "config.json"
# Injects into whatever carries a pod, for trees of any manifests.
EVERYWHERE = ROOT / "testdata" / "config" / "everywhere.json"

MB = 1_000_000


def build():
    """The release build."""
    subprocess.run(["cargo", "build", "--quiet", "--release", "--locked"], cwd=ROOT, check=True)


class Inputs:
    """Makes inputs once and keeps them as long as the generator stays the same."""

    def __init__(self):
        benches = ROOT / "benches"
        sources = [benches / "generate.rs", *sorted((benches / "manifests").glob("*.rs"))]
        digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
        self.folder = FOLDER / f"inputs-{digest[:12]}"
        for other in FOLDER.glob("inputs-*"):
            if other != self.folder:
                shutil.rmtree(other)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.generator = self.folder / "generate"
        if not self.generator.exists():
            command = ["rustc", "--edition", "2024", "-O", "-o", self.generator, sources[0]]
            subprocess.run(command, check=True)

    def _made(self, name, *arguments):
        path = self.folder / name
        if not path.exists():
            part = path.with_suffix(".part")
            with part.open("wb") as out:
                subprocess.run([self.generator, *map(str, arguments)], stdout=out, check=True)
            part.rename(path)
        return path

    def deployment(self, lines):
        """One Deployment of that many lines."""
        return self._made(f"deployment-{lines}.yaml", "deployment", lines)

    def stream(self, kind, size):
        """A stream of that kind (`injected`, `mixed`) and at least that many bytes."""
        return self._made(f"{kind}-{size}.yaml", kind, size)

    def hostile(self, shape):
        """One of the shapes that are made to take long."""
        return self._made(f"hostile-{shape}.yaml", "hostile", shape)

    def shapes(self):
        """The names of those shapes, each with what it is in words."""
        text = subprocess.run([self.generator, "shapes"], stdout=subprocess.PIPE, check=True, text=True)
        return [line.split("\t") for line in text.stdout.splitlines()]

    def tree(self, files, corpus):
        """A folder with that many files: a mix of those in `corpus`, or made up where that is None."""
        path = self.folder / f"tree-{files}{'-corpus' if corpus else ''}"
        if not path.exists():
            part = path.with_suffix(".part")
            shutil.rmtree(part, ignore_errors=True)
            command = [self.generator, "tree", part, str(files), *([corpus] if corpus else [])]
            subprocess.run(command, check=True)
            part.rename(path)
        return path

    def kustomized_tree(self, files):
        """The made up tree with a list of its files, as kustomize wants it."""
        path = self.folder / f"tree-{files}-kustomize"
        if not path.exists():
            part = path.with_suffix(".part")
            shutil.rmtree(part, ignore_errors=True)
            shutil.copytree(self.tree(files, None), part)
            names = sorted(str(file.relative_to(part)) for file in part.rglob("*") if file.is_file())
            (part / "kustomization.yaml").write_text("resources:\n" + "".join(f"- {name}\n" for name in names))
            part.rename(path)
        return path

    def kustomization(self, manifest):
        """A folder with nothing but that manifest, for programs that take folders."""
        path = self.folder / f"kustomization-{manifest.stem}"
        if not path.exists():
            path.mkdir()
            os.link(manifest, path / "manifest.yaml")
            (path / "kustomization.yaml").write_text("resources: [manifest.yaml]\n")
        return path
