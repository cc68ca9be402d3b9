"""A dark and a light theme; text and ground always have a contrast of 4.5 : 1 or more (WCAG 2.2, AA)."""

from textual.theme import Theme

DARK = Theme(
    name="muster-dark",
    primary="#2f6fb3",
    secondary="#8ec5ff",
    accent="#ffd479",
    success="#7bd88f",
    warning="#ffc66d",
    error="#ff8a80",
    foreground="#e6e9ee",
    background="#11151b",
    surface="#151a21",
    panel="#232b36",
    dark=True,
    variables={
        "button-color-foreground": "#ffffff",
        "text-success": "#7bd88f",
        "text-warning": "#ffc66d",
        "text-error": "#ff8a80",
        "text-muted": "#9aa5b4",
        "scrollbar": "#4a5a70",
        "scrollbar-hover": "#5f7390",
        "scrollbar-active": "#7d94b3",
        "scrollbar-background": "#1c232c",
        "scrollbar-background-hover": "#1c232c",
        "scrollbar-background-active": "#1c232c",
        "input-cursor-text-style": "reverse",
    },
)

LIGHT = Theme(
    name="muster-light",
    primary="#1f5fa8",
    secondary="#0b4a8f",
    accent="#7a4b00",
    success="#1a6b34",
    warning="#8a5000",
    error="#b3261e",
    foreground="#1b2129",
    background="#f4f6f9",
    surface="#ffffff",
    panel="#e3e8ef",
    dark=False,
    variables={
        "button-color-foreground": "#ffffff",
        "text-success": "#1a6b34",
        "text-warning": "#8a5000",
        "text-error": "#b3261e",
        "text-muted": "#5a6676",
        "scrollbar": "#9fb0c4",
        "scrollbar-hover": "#8497ae",
        "scrollbar-active": "#5f7390",
        "scrollbar-background": "#e9edf2",
        "scrollbar-background-hover": "#e9edf2",
        "scrollbar-background-active": "#e9edf2",
        "input-cursor-text-style": "reverse",
    },
)

THEMES = (DARK, LIGHT)
