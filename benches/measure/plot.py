"""The plot of time against size, as an SVG that reads well on a light and on a dark page."""

import math
from html import escape

WIDTH, HEIGHT = 880, 520
LEFT, RIGHT, TOP, BOTTOM = 74, 235, 48, 54
# Told apart by people who see few colours; each with its darker and its lighter form.
COLOURS = [("#0b6bcb", "#6cb6ff"), ("#0f8a5f", "#56d39b"), ("#6e7781", "#9aa4af"), ("#b35900", "#ffa657"),
           ("#b3261e", "#ff8b80"), ("#7a3fbf", "#c8a2ff"), ("#8a6d00", "#e3c341"), ("#a0307a", "#f58fd0")]
SIZES = [(1e3, "1 kB"), (1e4, "10 kB"), (1e5, "100 kB"), (1e6, "1 MB"), (1e7, "10 MB"), (1e8, "100 MB"), (1e9, "1 GB")]
TIMES = [(1e-3, "1 ms"), (1e-2, "10 ms"), (1e-1, "100 ms"), (1, "1 s"), (10, "10 s"), (100, "100 s")]


def _scale(ticks, values):
    """The first and the last tick that the values need."""
    low = max((tick for tick, _ in ticks if tick <= min(values)), default=min(values))
    high = min((tick for tick, _ in ticks if tick >= max(values)), default=max(values))
    return math.log10(low), math.log10(high)


def _apart(labels, distance):
    """Moves labels down until none covers another, and all up where the last ones leave the plot."""
    labels.sort(key=lambda label: label[0])
    for index in range(1, len(labels)):
        labels[index][0] = max(labels[index][0], labels[index - 1][0] + distance)
    limit = HEIGHT - BOTTOM
    for index in range(len(labels) - 1, -1, -1):
        labels[index][0] = min(labels[index][0], limit)
        limit = labels[index][0] - distance
    return labels


def svg(series, title):
    """The plot of these series, each a name and points of bytes and seconds."""
    series = [line for line in series if line.points]
    x_low, x_high = _scale(SIZES, [size for line in series for size, _ in line.points])
    y_low, y_high = _scale(TIMES, [time for line in series for _, time in line.points])

    def x(size):
        return LEFT + (math.log10(size) - x_low) / (x_high - x_low) * (WIDTH - LEFT - RIGHT)

    def y(time):
        return HEIGHT - BOTTOM - (math.log10(time) - y_low) / (y_high - y_low) * (HEIGHT - TOP - BOTTOM)

    light = "".join(f".s{i}{{stroke:{light};fill:{light}}}" for i, (light, _) in enumerate(COLOURS))
    dark = "".join(f".s{i}{{stroke:{dark};fill:{dark}}}" for i, (_, dark) in enumerate(COLOURS))
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">',
        "<style>text{font:13px system-ui,sans-serif;fill:#1f2328;stroke:none}.title{font-size:15px;font-weight:600}"
        f".page{{fill:#fff}}.grid{{stroke:#d0d7de;stroke-width:1}}.line{{fill:none;stroke-width:2}}{light}"
        ".line,.lead{fill:none}.lead{stroke-width:1;opacity:.5}"
        "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.page{fill:#0d1117}.grid{stroke:#30363d}"
        f"{dark}.line,.lead{{fill:none}}}}</style>",
        f'<rect class="page" width="{WIDTH}" height="{HEIGHT}"/>',
        f'<text class="title" x="{LEFT}" y="26">{escape(title)}</text>',
    ]
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    for size, label in SIZES:
        if x_low <= math.log10(size) <= x_high:
            out.append(f'<path class="grid" d="M{x(size):.1f} {TOP}V{bottom}"/>')
            out.append(f'<text x="{x(size):.1f}" y="{bottom + 20}" text-anchor="middle">{label}</text>')
    for time, label in TIMES:
        if y_low <= math.log10(time) <= y_high:
            out.append(f'<path class="grid" d="M{LEFT} {y(time):.1f}H{right}"/>')
            out.append(f'<text x="{LEFT - 8}" y="{y(time) + 4:.1f}" text-anchor="end">{label}</text>')
    out.append(f'<text x="{(LEFT + right) / 2}" y="{HEIGHT - 12}" text-anchor="middle">size of the input</text>')
    labels = []
    for index, line in enumerate(series):
        colour = f"s{index % len(COLOURS)}"
        points = sorted(line.points)
        path = "L".join(f"{x(size):.1f} {y(time):.1f}" for size, time in points)
        out.append(f'<path class="{colour} line" d="M{path}"/>')
        out += [f'<circle class="{colour}" cx="{x(size):.1f}" cy="{y(time):.1f}" r="3"/>' for size, time in points]
        end = (x(points[-1][0]), y(points[-1][1]))
        labels.append([end[1], end, line.name, colour])
    for place, end, name, colour in _apart(labels, 17):
        out.append(f'<path class="{colour} lead" d="M{end[0] + 4:.1f} {end[1]:.1f}L{right + 10} {place:.1f}"/>')
        out.append(f'<circle class="{colour}" cx="{right + 14}" cy="{place:.1f}" r="4"/>')
        out.append(f'<text x="{right + 23}" y="{place + 4:.1f}">{escape(name)}</text>')
    out.append("</svg>")
    return "\n".join(out) + "\n"
