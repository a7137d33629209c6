"""The plots, as one SVG: a panel for each measure, time along the bottom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, TOP, GAP = 860, 120, 70, 24, 44
COLOURS = ("#1f6feb", "#d1242f", "#2da44e", "#8250df", "#bf8700", "#57606a")


@dataclass(frozen=True, slots=True)
class Panel:
    """One plot: a title and its lines, each with a name."""

    title: str
    lines: dict[str, Sequence[float]]


def svg(minutes: Sequence[float], panels: Sequence[Panel]) -> str:
    """Return the picture."""
    height = len(panels) * (HEIGHT + GAP) + TOP
    body = "".join(
        _panel(minutes, panel, TOP + number * (HEIGHT + GAP)) for number, panel in enumerate(panels)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH + LEFT + 20} {height}"'
        f' font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>{body}</svg>\n'
    )


def _panel(minutes: Sequence[float], panel: Panel, top: float) -> str:
    highest = max((value for values in panel.lines.values() for value in values), default=0.0) or 1.0
    latest = max(minutes, default=1.0) or 1.0
    parts = [
        f'<text x="{LEFT}" y="{top - 6}" font-weight="bold">{escape(panel.title)}</text>',
        f'<rect x="{LEFT}" y="{top}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#d0d7de"/>',
        f'<text x="{LEFT - 6}" y="{top + 10}" text-anchor="end">{highest:,.4g}</text>',
        f'<text x="{LEFT - 6}" y="{top + HEIGHT}" text-anchor="end">0</text>',
        f'<text x="{LEFT + WIDTH}" y="{top + HEIGHT + 14}" text-anchor="end">{latest:.0f} min</text>',
    ]
    for number, (name, values) in enumerate(panel.lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = " ".join(
            f"{LEFT + minute / latest * WIDTH:.1f},{top + HEIGHT - max(0.0, value) / highest * HEIGHT:.1f}"
            for minute, value in zip(minutes, values, strict=True)
        )
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.3"/>')
        x = LEFT + WIDTH - 110 * (len(panel.lines) - number)
        parts.append(f'<text x="{x}" y="{top - 6}" fill="{colour}">{escape(name)}</text>')
    return "".join(parts)
