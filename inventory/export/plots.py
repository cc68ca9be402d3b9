"""The report's plots as inline SVG; the one home of matplotlib.

Every colour is drawn as a placeholder and becomes a CSS variable of the page, so that one drawing serves
light, dark and print. Text stays text (svg.fonttype none), laid out by fixed inches and never measured, so
that the bytes do not depend on the machine's fonts.
"""

import io
import re
import unicodedata
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from inventory.export.harmless import visible

_WIDTH = 9.4  # inches at 72 points, the width of the page's column
_ROW = 0.34
_LABEL_INCHES = 2.6
_LABEL_COLUMNS = 36  # narrow characters that fit into the label column
_POINTS = 9.5

_SETTINGS: Mapping[str, Any] = {
    "svg.fonttype": "none",
    "font.family": "DejaVu Sans",  # ships with matplotlib; the page replaces it
    "text.parse_math": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.spines.bottom": False,
    "path.simplify": False,
}

_FRAME = re.compile(r"^.*?(?=<svg )", re.DOTALL)
_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_PLACEHOLDER = re.compile(r"#0001([0-9a-f]{2})")
_GROUP_ID = re.compile(r'(<g) id="[^"]*"')
_SIZE = re.compile(r'(<svg [^>]*?)width="[^"]*" height="[^"]*"|(<svg [^>]*?)height="[^"]*" width="[^"]*"')

# The page's CSS variables by the last byte of the placeholder #0001NN.
_VARIABLES = (
    "ink",
    "faint",
    "breach",
    "undetermined",
    "excepted",
    "compliant",
    "not-applicable",
    "not-judged",
    "found",
    "silent",
    "unreachable",
    "refused",
    "not-reached",
    "bar",
    "on-strong",
    "on-pale",
)
_PALE = frozenset(("undetermined", "not-applicable", "silent", "unreachable"))


@dataclass(frozen=True, slots=True)
class Band:
    """One colour of a stacked bar: the CSS variable that paints it, its name, and its value in each row."""

    variable: str
    name: str
    values: Sequence[int]


def stacked_bars(name: str, rows: Sequence[str], bands: Sequence[Band], description: str) -> str:
    """Horizontal bars as an `<svg>` element: a row for each label, its bands side by side, counts inside.

    `name` keeps the ids of several plots on one page apart; `description` is read by screen readers.
    """
    with _drawing(len(rows), name) as (figure, axes):
        longest = max((sum(band.values[row] for band in bands) for row in range(len(rows))), default=0) or 1
        left = [0] * len(rows)
        for band in bands:
            axes.barh(
                range(len(rows)),
                band.values,
                left=left,
                height=0.66,
                color=_colour(band.variable),
                clip_on=False,
            )
            for row, value in enumerate(band.values):
                if value / longest > 0.022:
                    _count(axes, left[row] + value / 2, row, value, band.variable)
            left = [start + value for start, value in zip(left, band.values, strict=True)]
        _label_rows(axes, rows)
        axes.set_xlim(0, longest)
        return _svg(figure, name, description)


def plain_bars(name: str, rows: Sequence[str], values: Sequence[int], description: str) -> str:
    """Horizontal bars of one colour as an `<svg>` element, each with its count behind it."""
    with _drawing(len(rows), name) as (figure, axes):
        axes.barh(range(len(rows)), values, height=0.66, color=_colour("bar"), clip_on=False)
        longest = max(values, default=0) or 1
        for row, value in enumerate(values):
            axes.text(
                value + longest * 0.01, row, f"{value:,}", va="center", size=_POINTS, color=_colour("ink")
            )
        _label_rows(axes, rows)
        axes.set_xlim(0, longest * 1.08)
        return _svg(figure, name, description)


@contextmanager
def _drawing(rows: int, name: str) -> Iterator[tuple[Figure, Axes]]:
    height = max(rows, 1) * _ROW + 0.12
    with mpl.rc_context({**_SETTINGS, "svg.hashsalt": name}), warnings.catch_warnings():
        # Chinese is missing from matplotlib's own font; the browser draws it with one that has it.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure = Figure(figsize=(_WIDTH, height))
        FigureCanvasSVG(figure)
        axes = figure.add_axes((_LABEL_INCHES / _WIDTH, 0.0, 1 - _LABEL_INCHES / _WIDTH, 1.0))
        axes.set_ylim(max(rows, 1) - 0.5, -0.5)
        axes.xaxis.set_visible(False)
        axes.patch.set_visible(False)
        figure.patch.set_visible(False)
        yield figure, axes


def _label_rows(axes: Axes, rows: Sequence[str]) -> None:
    axes.set_yticks(
        range(len(rows)), [_fitting(visible(row)) for row in rows], size=_POINTS, color=_colour("ink")
    )
    axes.tick_params(length=0)


def _fitting(text: str) -> str:
    """`text` cut to the label column, counting a wide (Chinese) character as two narrow ones."""
    room = _LABEL_COLUMNS
    for place, character in enumerate(text):
        room -= 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if room < 0:
            return f"{text[: place - 1]}…"
    return text


def _count(axes: Axes, x: float, row: int, value: int, on: str) -> None:
    ink = _colour("on-pale" if on in _PALE else "on-strong")
    axes.text(x, row, f"{value:,}", ha="center", va="center", size=_POINTS - 1, weight="bold", color=ink)


def _svg(figure: Figure, name: str, description: str) -> str:
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    drawn = _METADATA.sub("", _FRAME.sub("", buffer.getvalue(), count=1))
    drawn = _GROUP_ID.sub(r"\1", drawn)  # every drawing has the same ones, a page may have each once
    drawn = _PLACEHOLDER.sub(lambda match: f"var(--{_VARIABLES[int(match.group(1), 16)]})", drawn)
    described = f'role="img" aria-label="{_attribute(description)}" class="plot" id="plot-{name}"'
    return _SIZE.sub(lambda match: f"{match.group(1) or match.group(2)}{described}", drawn, count=1).strip()


def _colour(variable: str) -> str:
    return f"#0001{_VARIABLES.index(variable):02x}"


def _attribute(text: str) -> str:
    escaped = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace('"', "&quot;")
