"""Times by hyperfine, peak memory by GNU time."""

import json
import shlex
import statistics
import subprocess
import tempfile
import time

from . import tools

MILLISECOND = 0.001


class Timer:
    """hyperfine, with as many runs as a time is worth."""

    def __init__(self, quick):
        self.quick = quick
        self.path = None

    def _runs(self, expected):
        """How often to warm up and how often to measure: often what takes little."""
        if expected > 10:
            return 0, 2
        budget = 1.0 if self.quick else 5.0
        return 2, max(3, min(200, int(budget / max(expected, MILLISECOND))))

    def medians(self, commands, stdin=None, output="null"):
        """The medians of the commands' times in seconds, measured one after the other in one run."""
        self.path = self.path or tools.hyperfine()
        first = max(once(command, stdin, 600)[0] or 600 for command in commands)
        warmup, runs = self._runs(first)
        with tempfile.NamedTemporaryFile(suffix=".json") as result:
            subprocess.run(
                [self.path, "--shell=none", "--style=none", "--ignore-failure", f"--warmup={warmup}", f"--runs={runs}",
                 f"--input={stdin or 'null'}", f"--output={output}", "--export-json", result.name,
                 *(shlex.join(map(str, command)) for command in commands)],
                check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            results = json.load(result)["results"]
        return [statistics.median(result["times"]) for result in results]

    def median(self, command, stdin=None, output="null"):
        """The median of one command's times in seconds."""
        return self.medians([command], stdin, output)[0]


def once(command, stdin, limit):
    """One run: its time in seconds, None where it took more than the limit, and its exit code."""
    with open(stdin or "/dev/null", "rb") as source:
        start = time.perf_counter()
        process = subprocess.Popen(list(map(str, command)), stdin=source, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        try:
            code = process.wait(limit)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return None, None
        return time.perf_counter() - start, code


def written(command, stdin):
    """How many bytes a command writes to standard output."""
    with open(stdin, "rb") as source:
        process = subprocess.Popen(list(map(str, command)), stdin=source, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL)
        size = sum(map(len, iter(lambda: process.stdout.read(1 << 20), b"")))
        process.wait()
        return size


def peak(command, stdin=None):
    """The peak of a command's resident memory in bytes. Not by `getrusage` in here: a child begins
    with the peak of the process that it was forked from."""
    gnu_time = tools.debian("time", "time")
    with open(stdin or "/dev/null", "rb") as source, tempfile.NamedTemporaryFile("r") as result:
        subprocess.run([gnu_time, "--quiet", "-f", "%M", "-o", result.name, *map(str, command)], stdin=source,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return int(result.read().split()[-1]) * 1024
