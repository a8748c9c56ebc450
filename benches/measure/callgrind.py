"""Counts the instructions that the program takes, with callgrind."""

import re
import subprocess
import tempfile
from collections import Counter

from . import tools


def version():
    """The version of valgrind, which is installed where it is missing."""
    path = tools.debian("valgrind", "valgrind")
    return subprocess.run([path, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def count(command, cwd, stdin=None):
    """The instructions of a run by the file that they stand in: `program`, `libc`, `other`."""
    with tempfile.NamedTemporaryFile("r") as profile, open(stdin or "/dev/null", "rb") as source:
        # Nothing of this machine: callgrind's processor has no AVX-512, so that all that have AVX2
        # run the same code; the environment is a part of the process that Rust and the loader read.
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", "--quiet", f"--callgrind-out-file={profile.name}", *map(str, command)],
            cwd=cwd, stdin=source, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin"}, text=True)
        if done.returncode not in (0, 1):
            raise SystemExit(f"{command[0]} ends with {done.returncode}: {done.stderr}")
        counts, lines = Counter(), profile.read().splitlines()
    for name, own in _costs(lines):
        part = "program" if "datakit-inject" in name else "libc" if "/libc" in name else "other"
        counts[part] += own
    # The profile ends with the sum: nothing was read wrongly.
    total = next(int(line.split()[1]) for line in reversed(lines) if line.startswith("totals:"))
    if total != sum(counts.values()):
        raise SystemExit(f"callgrind counted {total} instructions, its lines add up to {sum(counts.values())}")
    return counts


def _costs(lines):
    """The costs of each line, without those of the functions that it calls, with the file's name."""
    names, current, called = {}, "", False
    for line in lines:
        if found := re.match(r"ob=\((\d+)\)(?: (.*))?", line):
            if found.group(2):
                names[found.group(1)] = found.group(2)
            current = names.get(found.group(1), "")
        elif found := re.match(r"cob=\((\d+)\) (.*)", line):
            names[found.group(1)] = found.group(2)
        elif line.startswith("calls="):
            called = True
        elif line and line[0] in "0123456789+-*":
            if not called:
                yield current, int(line.split()[1])
            called = False
