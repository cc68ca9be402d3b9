"""Makes a screen's SVG stand on its own: no font from a network, full-width characters in their own cells."""

import re
from html import unescape
from itertools import accumulate

from rich.cells import cell_len

_CELL = 12.2  # the width of one cell in Rich's SVG, which sets 20 px type
_FONT_FACE = re.compile(r"\s*@font-face \{.*?\}\n", re.DOTALL)
_COMMENT = re.compile(r"\s*<!--.*?-->")
_RUN = re.compile(
    r'x="(?P<x>[\d.]+)" (?P<y>y="[\d.]+") textLength="[\d.]+"(?P<rest>[^>]*)>(?P<text>[^<]*)</text>'
)


def offline(svg: str) -> str:
    """The same picture without addresses, every character of a full-width run placed at its own cell."""
    svg = _COMMENT.sub("", _FONT_FACE.sub("\n", svg))
    svg = svg.replace("font-family: Fira Code, monospace", "font-family: monospace")
    svg = svg.replace("font-variant-east-asian: full-width;", "")
    return _RUN.sub(_placed, svg)


def _placed(run: re.Match[str]) -> str:
    characters = unescape(run["text"])
    if cell_len(characters) == len(characters):
        return run[0]
    left = float(run["x"])
    cells = accumulate((cell_len(character) for character in characters[:-1]), initial=0)
    places = " ".join(f"{left + _CELL * cell:.1f}" for cell in cells)
    return f'x="{places}" {run["y"]}{run["rest"]}>{run["text"]}</text>'
