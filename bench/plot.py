"""Bars on a logarithmic scale as SVG, readable on light and dark pages."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

from bench.report import NAMES, number

WIDTH, LEFT, RIGHT, TOP, BAR, SPACE = 720, 150, 90, 44, 18, 12
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600 }
.grid { stroke: #d0d7de }
.other { fill: #8c959f }
.base { fill: #bf8700 }
.own { fill: #0969da }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .grid { stroke: #3d444d }
  .other { fill: #7d8590 }
  .base { fill: #d29922 }
  .own { fill: #4493f8 }
}
"""
CLASSES = {"llmchat": "own", "seed": "base"}

Group = tuple[str, Sequence[tuple[str, float]]]
"""A heading, and the value of each target."""


def group(heading: str, found: Mapping[str, Mapping[str, float]], figure: str) -> Group:
    """The values of a figure that can be drawn, in the order of the table."""
    pairs = [(name, found[name][figure]) for name in NAMES if name in found]
    return heading, [(name, value) for name, value in pairs if value > 0]


def bars(title: str, groups: Sequence[Group]) -> str:
    """One bar for each value of each group. All values are greater than 0."""
    values = [value for _, pairs in groups for _, value in pairs]
    low = math.floor(math.log10(min(values) / 2))  # the shortest bar can be seen too
    high = max(low + 1, math.ceil(math.log10(max(values))))
    scale = (WIDTH - LEFT - RIGHT) / (high - low)
    parts: list[str] = []
    y = TOP
    for heading, pairs in groups:
        if heading:
            parts.append(f'<text x="12" y="{y + 13}">{escape(heading)}</text>')
            y += BAR + 4
        for target, value in pairs:
            parts.append(_bar(y, target, value, (math.log10(value) - low) * scale))
            y += BAR + 4
        y += SPACE
    grid = [
        _line(LEFT + (power - low) * scale, y, number(10.0**power))
        for power in range(low, high + 1)
    ]
    return _svg(title, y + 22, [*grid, *parts])


def _bar(y: float, target: str, value: float, width: float) -> str:
    kind = CLASSES.get(target, "other")
    return (
        f'<text x="{LEFT - 8}" y="{y + 14}" text-anchor="end">{escape(NAMES[target])}</text>'
        f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{max(2.0, width):.1f}" height="{BAR}"/>'
        f'<text x="{LEFT + max(2.0, width) + 6:.1f}" y="{y + 14}">{number(value)}</text>'
    )


def _line(x: float, bottom: float, text: str) -> str:
    return (
        f'<line class="grid" x1="{x:.1f}" y1="{TOP - 8}" x2="{x:.1f}" y2="{bottom}"/>'
        f'<text x="{x:.1f}" y="{bottom + 14}" text-anchor="middle">{text}</text>'
    )


def _svg(title: str, height: float, parts: Sequence[str]) -> str:
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}"'
        f' height="{height}" role="img" aria-label="{escape(title)}">\n<style>{STYLE}</style>\n'
        f'<text class="title" x="12" y="22">{escape(title)}</text>\n{body}\n</svg>\n'
    )
