"""The rows of the table: what is done, what it shall come to, what it came to."""

import os
import subprocess
from dataclasses import dataclass, field

from .inputs import CONFIG, EVERYWHERE, MB, PROGRAM
from .timing import once, peak, written

MIB = 1024 * 1024
# Beyond this many seconds a run is ended, and taken to have lasted that long.
LIMIT = 60
# How many files the tree has that the peers are measured on.
OTHER_TREE = 200
MIXED, TREE = "1 MB mixed", f"{OTHER_TREE} files"
# Our streams in the plot.
OURS = {"injected": "datakit-inject, all injected", "mixed": "datakit-inject, 1 in 20 injected"}


@dataclass
class Row:
    """One line of the table: what was measured, and whether each part of the figure is reached."""

    work: str
    figure: str
    measured: str
    holds: list


@dataclass
class Series:
    """Times against sizes, for a line of the plot."""

    name: str
    points: list = field(default_factory=list)


@dataclass
class Results:
    """All that was measured."""

    rows: list = field(default_factory=list)
    series: list = field(default_factory=list)
    growth: list = field(default_factory=list)
    shapes: list = field(default_factory=list)
    beside: dict = field(default_factory=dict)
    notes: list = field(default_factory=list)


def ours(*options, config=CONFIG):
    """Our command as a user types it; the report goes to standard error."""
    return [PROGRAM, "--config", config, *options]


def megabytes(size):
    """Bytes in words."""
    return f"{size / MB:.0f} MB" if size >= MB else f"{size / 1000:.3g} kB"


def duration(seconds):
    """A time in words, three digits."""
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms" if seconds < 0.1 else f"{seconds * 1000:.0f} ms"
    return f"{seconds:.3g} s" if seconds < 100 else f"{seconds:.0f} s"


def in_digits(factor):
    """How many times, in two digits or three."""
    return f"{factor:.0f}" if factor >= 10 else f"{factor:.2g}"


class Measurement:
    """Measures the rows one by one into `results`."""

    def __init__(self, inputs, timer, peers, quick, largest):
        self.inputs, self.timer, self.quick = inputs, timer, quick
        self.largest = largest
        self.peers = peers
        self.results = Results()
        self.large = (10 if quick else 100) * MB
        self.tree_files = 2_000 if quick else 20_000

    def peer(self, name):
        """The peer of that name, where it is there."""
        return next((peer for peer in self.peers if peer.name == name and peer.path), None)

    def _row(self, work, figure, measured, *holds):
        self.results.rows.append(Row(work, figure, measured, [bool(one) for one in holds]))

    def start(self):
        """One small manifest: the whole process."""
        manifest = self.inputs.deployment(40)
        kubectl = self.peer("kubectl kustomize")
        commands = [ours()]
        if kubectl:
            commands.append(kubectl.command(self.inputs.kustomization(manifest)))
        times = self.timer.medians(commands, manifest)
        measured, holds = duration(times[0]), [times[0] <= 0.003]
        if kubectl:
            factor = times[1] / times[0]
            measured += f"; {factor:.0f} times faster than `kubectl kustomize` ({duration(times[1])})"
            holds.append(factor >= 15)
        else:
            measured += "; `kubectl` was not there"
        self._row("one 40-line Deployment, standard input to output, whole process",
                  "at most 3 ms; at least 15 times faster than `kubectl kustomize`", measured, *holds)

    def mixed(self):
        """Most documents pass through."""
        stream = self.inputs.stream("mixed", self.large)
        size = stream.stat().st_size
        own, cat = self.timer.medians([ours(), ["cat"]], stream)
        piped, cat_piped = self.timer.medians([ours(), ["cat"]], stream, "pipe")
        speed, factor = size / own / 1e9, own / cat
        self._row(f"a {megabytes(self.large)} stream, one workload in 20 documents, the rest ConfigMaps, CRDs, "
                  "Services",
                  "at least 1 GB/s; at most 3 times `cat`",
                  f"{speed:.2f} GB/s; {factor:.1f} times `cat` ({duration(own)}, `cat` {duration(cat)}). "
                  f"Into a pipe: {size / piped / 1e9:.2f} GB/s, {piped / cat_piped:.1f} times `cat`",
                  speed >= 1, factor <= 3)

    def injected(self):
        """Every document is parsed, injected, edited, verified."""
        stream = self.inputs.stream("injected", self.large)
        size = stream.stat().st_size
        share = self._all_injected(stream)
        one, two, cat = self.timer.medians([ours("--jobs", "1"), ours("--jobs", "2"), ["cat"]], stream)
        speeds = [size / time / 1e6 for time in (one, two)]
        self._row(f"a {megabytes(self.large)} stream of Deployments, every one injected (ddtrace, logfwd, logging) "
                  "and verified",
                  "at least 150 MB/s on one thread, at least 280 MB/s on two",
                  f"{speeds[0]:.0f} MB/s on one thread, {speeds[1]:.0f} MB/s on two; `cat` {duration(cat)}. "
                  f"The output is {share:.2f} times the input",
                  speeds[0] >= 150, speeds[1] >= 280)

    def _all_injected(self, stream):
        """Stops where not every document is injected with all three; how much larger the output is."""
        with stream.open("rb") as source:
            done = subprocess.run(ours(), stdin=source, capture_output=True)
        report = done.stderr.decode().splitlines()
        documents = [line for line in report
                     if ": injected ddtrace (" in line and line.endswith("), logfwd, logging")]
        with stream.open("rb") as source:
            count = sum(line == b"---\n" for line in source)
        if done.returncode or len(documents) != count or len(report) != count + 1:
            raise SystemExit(f"{len(documents)} of {count} documents are injected with all three: {report[-1]}")
        return len(done.stdout) / stream.stat().st_size

    def _tree(self):
        corpus = os.environ.get("DATAKIT_INJECT_CORPUS")
        tree = self.inputs.tree(self.tree_files, corpus)
        return tree, ours("--check", tree, config=EVERYWHERE)

    def tree(self):
        """Many small files."""
        tree, check = self._tree()
        own, cat = self.timer.medians([check, ["find", tree, "-type", "f", "-exec", "cat", "{}", "+"]])
        size = sum(path.stat().st_size for path in tree.rglob("*") if path.is_file())
        made = "a mix of real ones" if os.environ.get("DATAKIT_INJECT_CORPUS") else "made up"
        self._row(f"a tree of {self.tree_files:,} files ({made}), `--check`", "at most 2.5 times `cat` of the same tree",
                  f"{own / cat:.1f} times `cat` ({duration(own)}, `cat` {duration(cat)}; {megabytes(size)})",
                  own / cat <= 2.5)

    def growth(self):
        """Twice the documents; both streams, for the plot too."""
        lines = {kind: Series(name) for kind, name in OURS.items()}
        cat, small = Series("cat"), self.inputs.deployment(40)
        start, nothing = self.timer.medians([ours(), ["cat"]], small)
        for line, time in ((lines["injected"], start), (lines["mixed"], start), (cat, nothing)):
            line.points.append((small.stat().st_size, time))
        for size in (10_000, 100_000):
            self._point(lines, cat, size)
        sizes = [1 << power for power in range(self.largest.bit_length())]
        ratios = []
        for size in sizes:
            entry = {"size": size * MB, **self._point(lines, cat, size * MB)}
            if self.results.growth:
                before = self.results.growth[-1]
                entry["ratio"] = (entry["injected"] - start) / (before["injected"] - start)
                ratios.append(entry["ratio"])
            self.results.growth.append(entry)
        self.results.series += [*lines.values(), cat]
        self._row(f"twice the documents, from 1 MB to {megabytes(sizes[-1] * MB)}", "twice the time, within 10 %",
                  f"{min(ratios, default=0):.2f} to {max(ratios, default=0):.2f} times at every doubling; less where "
                  "threads begin to help", max(ratios, default=0) <= 2.2)

    def _point(self, lines, cat, size):
        """Both streams of that size, and `cat` of one of them."""
        times = {}
        for kind, line in lines.items():
            stream = self.inputs.stream(kind, size)
            times[kind] = self.timer.median(ours(), stream)
            line.points.append((stream.stat().st_size, times[kind]))
        stream = self.inputs.stream("mixed", size)
        cat.points.append((stream.stat().st_size, self.timer.median(["cat"], stream)))
        return times

    def shapes(self):
        """Input that is made to take long beside as many bytes of Deployments."""
        worst = (0, "", False)
        for name, words in self.inputs.shapes():
            shape = self.inputs.hostile(name)
            size = shape.stat().st_size
            usual = self.timer.median(ours(), self.inputs.stream("injected", size))
            taken, code = once(ours(), shape, LIMIT)
            if taken is not None and taken < 5:
                taken = self.timer.median(ours(), shape)
            ended = taken is None
            output = 0 if ended else written(ours(), shape)
            factor = (LIMIT if ended else taken) / usual
            self.results.shapes.append(
                {"words": words, "size": size, "output": output, "time": taken, "usual": usual, "factor": factor,
                 "exit": code})
            worst = max(worst, (factor, words, ended))
        self._row("any input beside as many bytes of Deployments", "at most 5 times as long",
                  f"{'more than' if worst[2] else 'at most'} {in_digits(worst[0])} times as long ({worst[1]})", worst[0] <= 5)

    def memory(self):
        """The peak of resident memory."""
        measured, holds = [], []
        sizes = sorted({self.large, self.largest * MB})
        for kind in ("mixed", "injected"):
            for size in sizes:
                stream = self.inputs.stream(kind, size)
                factor = peak(ours(), stream) / stream.stat().st_size
                measured.append(f"{factor:.2f} times the input ({kind}, {megabytes(size)})")
                holds.append(factor <= 2.5)
        tree, check = self._tree()
        used = peak(check)
        largest = max(path.stat().st_size for path in tree.rglob("*") if path.is_file())
        measured.append(f"{used / MIB:.0f} MiB for the tree, whose largest file has {megabytes(largest)}")
        holds.append(used <= 2.5 * largest + 20 * MB)
        self._row("peak memory",
                  "at most 2.5 times the input for a stream; for a tree 2.5 times its largest file plus 20 MB",
                  "; ".join(measured), *holds)

    def size(self):
        """The binary; `strip` is part of the release profile."""
        size = PROGRAM.stat().st_size
        self._row("the stripped binary", "at most 4 MB", f"{size / MB:.2f} MB", size <= 4 * MB)

    def beside(self):
        """All programs on the same inputs, each of the peers until it takes too long."""
        limit = 5 if self.quick else 30
        streams = [("one Deployment", self.inputs.deployment(40))]
        sizes = (10_000, 100_000, MB, 10 * MB, 100 * MB)
        streams += [(f"{megabytes(size)} of them", self.inputs.stream("injected", size)) for size in sizes]
        mixed, tree = self.inputs.stream("mixed", MB), self.inputs.kustomized_tree(OTHER_TREE)
        cat = ["find", tree, "-name", "manifest*", "-exec", "cat", "{}", "+"]
        check = ours("--check", tree, config=EVERYWHERE)
        for name, command, on_tree in (("datakit-inject", ours(), check), ("cat", ["cat"], cat)):
            times = {what: self.timer.median(command, stream) for what, stream in [*streams, (MIXED, mixed)]}
            self.results.beside[name] = {**times, TREE: self.timer.median(on_tree)}
        for peer in self.peers:
            if not peer.path:
                self.results.notes.append(f"`{peer.name}` was not there: {peer.why}")
                continue
            line, times = Series(peer.name), {}
            for what, stream in streams:
                times[what] = self._within(peer, peer.command(self.inputs.kustomization(stream)), stream, what, limit)
                # What is ten times as large takes ten times as long, nearly, or longer.
                if times[what] is None or times[what] > limit / 5:
                    break
            line.points = [(stream.stat().st_size, times[what]) for what, stream in streams if times.get(what)]
            self.results.series.append(line)
            times[MIXED] = self._within(peer, peer.command(self.inputs.kustomization(mixed)), mixed, MIXED, limit)
            times[TREE] = self._within(peer, peer.tree(tree), None, TREE, limit)
            self.results.beside[peer.name] = times

    def _within(self, peer, command, stdin, what, limit):
        """The time of a peer's run; None, and a note, where it fails or takes too long."""
        taken, code = once(command, stdin, limit)
        if code:
            with open(stdin or "/dev/null", "rb") as source:
                output = subprocess.run(list(map(str, command)), stdin=source, capture_output=True, text=True)
            words = (output.stderr.strip() or "no words").splitlines()[-1]
            self.results.notes.append(f"`{peer.name}` ends with {code} on {what}: {words[:200]}")
            return None
        if taken is None:
            self.results.notes.append(f"`{peer.name}` takes more than {limit} s for {what}")
            return None
        return self.timer.median(command, stdin) if taken < limit / 4 else taken


ROWS = ["start", "mixed", "injected", "tree", "growth", "shapes", "memory", "size", "beside"]
