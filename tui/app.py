"""The app: its screens and keys, its languages and themes."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, ClassVar

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.screen import Screen

from inventory.language import LANGUAGES, N_, _, choose, current
from tui import words
from tui.dialogs.help import Help
from tui.page import Page
from tui.picture import offline
from tui.screens import SCREENS
from tui.sitting import Sitting
from tui.themes import DARK, LIGHT, THEMES
from tui.widgets.key_line import active_bindings, shown_key

_LOADERS: dict[str, Callable[[], Screen[Any]]] = {row.name: row.load for row in SCREENS}
_SCREEN_KEYS = [Binding(row.key, f"app.go('{row.name}')", row.title, show=False) for row in SCREENS]

# Moving about needs no name in the command palette.
_ONLY_BY_KEY = frozenset(
    {"move", "move_page", "move_to", "open", "back", "mark", "app.focus_next", "app.focus_previous"}
    | {"app.command_palette"}
)


class MusterApp(Sitting, inherit_bindings=False):
    """Shows an open register and lets its operator change what people say in it."""

    TITLE = "Muster"
    ENABLE_COMMAND_PALETTE = True
    SCREENS = _LOADERS
    BINDINGS: ClassVar[list[BindingType]] = [
        *_SCREEN_KEYS,
        Binding("question_mark,f1", "app.help", N_("Help"), key_display="?"),
        Binding("L", "app.language", N_("Language"), show=False),
        Binding("ctrl+t", "app.shade", N_("Light or dark"), show=False),
        Binding("Y", "app.years", N_("Dates: ISO or 民國"), show=False),
        Binding("ctrl+p", "app.command_palette", N_("All commands"), show=False, priority=True),
        Binding("q,ctrl+q,ctrl+c", "app.quit", N_("Quit"), key_display="q"),
    ]
    CSS = """
    Screen { background: $surface; color: $foreground; }
    CommandPalette SearchIcon { display: none; }
    """

    def on_mount(self) -> None:
        """Opens the first screen as this person likes to see it."""
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = self.drawer.choice("theme", DARK.name)
        words.use_roc_years(self.drawer.choice("years", "iso") == "roc")
        self.action_go(SCREENS[0].name)

    def action_go(self, name: str) -> None:
        """Shows the screen of that name; who goes there is not leaving."""
        self._leaving = False
        super().action_go(name)

    async def action_quit(self) -> None:
        """Leaves; while a scan runs only at the second press."""
        if self.scan_watch.running and not self._leaving and isinstance(self.screen, Page):
            self._leaving = True
            self.screen.trouble(_("A scan is running. q again stops it, keeps what it learned, and leaves."))
        else:
            self.exit()

    def action_help(self) -> None:
        """Shows the keys of this screen, from the bindings themselves."""
        if isinstance(self.screen, Page):
            self.push_screen(Help(active_bindings(self.screen)))

    def action_language(self) -> None:
        """Goes to the next language, on every screen at once."""
        choose(LANGUAGES[(LANGUAGES.index(current()) + 1) % len(LANGUAGES)])
        for screen in self._pages():
            screen.relabel()

    def action_shade(self) -> None:
        """Changes between dark and light."""
        self.theme = LIGHT.name if self.theme == DARK.name else DARK.name
        self.drawer.keep_choice("theme", self.theme)

    def action_years(self) -> None:
        """Changes between ISO dates and years of the Republic."""
        roc = self.drawer.choice("years", "iso") == "iso"
        self.drawer.keep_choice("years", "roc" if roc else "iso")
        words.use_roc_years(roc)
        for screen in self._pages():
            screen.relabel()

    def action_command_palette(self) -> None:
        """Shows every command by name."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(
                CommandPalette(placeholder=_("Type what you want to do..."), id="--command-palette")
            )

    def export_screenshot(self, *, title: str | None = None, simplify: bool = False) -> str:
        """The screen as an SVG that needs nothing beside it."""
        return offline(super().export_screenshot(title=title, simplify=simplify))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The command palette's entries: what the keys do here, by name."""
        for binding in active_bindings(screen):
            if binding.action.partition("(")[0] not in _ONLY_BY_KEY:
                yield SystemCommand(
                    _(binding.description),
                    _("Key: {key}").format(key=shown_key(binding)),
                    partial(self.call_later, screen.run_action, binding.action),
                )

    def _pages(self) -> Iterable[Page]:
        return [screen for screen in self._installed_screens.values() if isinstance(screen, Page)]
