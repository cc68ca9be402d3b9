"""Every text can be read on its ground, in the dark and in the light."""

import pytest
from textual.color import Color

from tui.themes import THEMES

WCAG_AA = 4.5  # WCAG 2.2, success criterion 1.4.3


def luminance(color: Color) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color.normalized
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(text: str, ground: str) -> float:
    lighter, darker = sorted((luminance(Color.parse(text)), luminance(Color.parse(ground))), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_texts_stand_out_from_their_ground(theme) -> None:
    texts = [theme.foreground, *(theme.variables[f"text-{tone}"] for tone in ("success", "warning", "error"))]
    pairs = [(text, ground) for text in texts for ground in (theme.surface, theme.background)]
    pairs += [(theme.variables["text-muted"], ground) for ground in (theme.surface, theme.panel)]
    pairs += [(theme.secondary, theme.panel), (theme.accent, theme.surface), (theme.foreground, theme.panel)]
    pairs += [(theme.variables["text-error"], theme.panel)]
    pairs += [(theme.variables["button-color-foreground"], theme.primary)]
    assert {pair: round(contrast(*pair), 2) for pair in pairs if contrast(*pair) < WCAG_AA} == {}
