"""The results as Markdown, and where they stand in the documentation."""

import datetime
import platform
import re
import subprocess

from .inputs import MB, ROOT
from .rows import LIMIT, duration, in_digits, megabytes

DOCUMENT = ROOT / "docs" / "performance.md"
PLOT = ROOT / "docs" / "performance.svg"
BEGIN = "<!-- The rest down to the next such line is written by benches/run. -->"
END = "<!-- Here ends what benches/run writes. -->"


def _cell(text):
    return str(text).replace("|", "\\|")


def _table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines) + "\n"


def machine():
    """The machine in words."""
    words = []
    with open("/proc/cpuinfo") as info:
        text = info.read()
    model = re.search(r"model name\s*: (.*)", text)
    words.append(f"{text.count('processor	')} cores of {model.group(1) if model else platform.machine()}")
    with open("/proc/meminfo") as info:
        kilobytes = int(re.search(r"MemTotal:\s*(\d+)", info.read()).group(1))
    words.append(f"{kilobytes / 1024 / 1024:.0f} GiB of memory")
    words.append(f"{platform.system()} {platform.release()}")
    rustc = subprocess.run(["rustc", "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    words.append(" ".join(rustc.split()[:2]))
    return ", ".join(words)


def figures(rows):
    """The rows, each with its figure."""
    def verdict(row):
        return "yes" if all(row.holds) else "no" if not any(row.holds) else "in part"

    return _table(["work", "figure", "measured", "reached"],
                  [[row.work, row.figure, row.measured, verdict(row)] for row in rows])


def growth(entries):
    """Time against size."""
    rows = []
    for entry in entries:
        ratio = f"{entry['ratio']:.2f}" if "ratio" in entry else ""
        rate = entry["size"] / entry["injected"] / MB
        rows.append([megabytes(entry["size"]), duration(entry["injected"]), f"{rate:.0f}", ratio,
                     duration(entry["mixed"]), f"{entry['size'] / entry['mixed'] / MB:.0f}"])
    return _table(["size", "all injected", "MB/s", "times the one before", "1 in 20 injected", "MB/s"], rows)


def shapes(entries):
    """The inputs that are made to take long, the worst first."""
    rows = []
    for entry in sorted(entries, key=lambda entry: -entry["factor"]):
        more = entry["time"] is None
        taken = f"ended after {LIMIT} s" if more else duration(entry["time"])
        rows.append([entry["words"], megabytes(entry["size"]), megabytes(entry["output"]) if entry["output"] else "none",
                     taken, duration(entry["usual"]), f"{'more than ' if more else ''}{in_digits(entry['factor'])}"])
    return _table(["input", "size", "output", "time", "Deployments of that size", "times"], rows)


def beside(programs):
    """The programs' times on what all of them were measured on."""
    columns = list(next(iter(programs.values())))
    rows = [[name, *("" if times.get(column) is None else duration(times[column]) for column in columns)]
            for name, times in programs.items()]
    return _table(["program", *columns], rows)


def markdown(results, peers, load):
    """All tables; `load` is the load average when it began."""
    today = datetime.date.today().isoformat()
    busy = " (others used it at the same time: take no figure by itself)" if load > 0.5 else ""
    parts = [f"Measured on {today}: {machine()}, load average {load:.1f} before{busy}. All times are medians; "
             "MB is a million bytes.\n", figures(results.rows)]
    if results.growth:
        parts += ["### Growth\n", growth(results.growth)]
    if results.shapes:
        parts += ["### Input that is made to take long\n", shapes(results.shapes)]
    if results.beside:
        parts += ["### Beside other programs\n", beside(results.beside)]
        found = [f"`{peer.name}`: {peer.version}" for peer in peers if peer.path]
        notes = [f"- {line}" for line in [*found, *results.notes]]
        parts += ["\n".join(notes) + "\n"]
    return "\n".join(parts)


def write(text):
    """Puts the tables into the documentation, between the marks."""
    document = DOCUMENT.read_text()
    before, rest = document.split(BEGIN + "\n", 1)
    after = rest.split(END, 1)[1]
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}")
