"""The app: its screens, its languages and themes, and the desk where the register is asked."""

from collections.abc import Callable, Iterable
from datetime import date, tzinfo
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.screen import Screen

from inventory.language import LANGUAGES, N_, _, choose, current
from inventory.roles import Role, guarded
from inventory.settings import Settings, load
from inventory.settings_places import settings_place
from inventory.types import Clock
from tui import words
from tui.desk import Desk
from tui.dialogs.help import Help
from tui.drawer import Drawer
from tui.page import Page
from tui.picture import offline
from tui.scanning import CarryOut, ScanWatch, carry_out
from tui.screens import SCREENS
from tui.themes import DARK, LIGHT, THEMES
from tui.undoing import Undoing
from tui.widgets.key_line import active_bindings, shown_key

if TYPE_CHECKING:
    from inventory.register import Register


_LOADERS: dict[str, Callable[[], Screen[Any]]] = {row.name: row.load for row in SCREENS}
_SCREEN_KEYS = [Binding(row.key, f"app.go('{row.name}')", row.title, show=False) for row in SCREENS]

_STEPS_BACK = 20

# Moving about needs no name in the command palette.
_ONLY_BY_KEY = frozenset(
    {"move", "move_page", "move_to", "open", "back", "mark", "app.focus_next", "app.focus_previous"}
    | {"app.command_palette"}
)


class MusterApp(App[None], inherit_bindings=False):
    """Shows an open register and lets `operator` change what people say in it.

    `zone` is the time zone of what is shown (None: this machine's), `settings_file` where `settings` came
    from. The caller closes the register. `scan` is what carries a plan out; tests pass one of their own.
    """

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

    def __init__(
        self,
        register: "Register",
        *,
        operator: str,
        clock: Clock,
        zone: tzinfo | None = None,
        settings: Settings | None = None,
        settings_file: Path | None = None,
        scan: CarryOut = carry_out,
        role: Role = Role.ADMIN,
        drawer: Drawer | None = None,
    ) -> None:
        super().__init__()
        register = guarded(register, role)
        self.role = role
        self.drawer = drawer or Drawer()
        self.desk = Desk(register)
        self.scan_watch = ScanWatch(register, scan)
        self.settings = settings or Settings()
        self.settings_file = settings_place(settings_file)
        self.operator = operator
        self.clock = clock
        self.zone = zone
        self.device_id = ""
        self.page_asked = ""
        self.article_asked = ""
        self._trail: list[str] = []
        self._leaving = False
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = self.drawer.choice("theme", DARK.name)
        words.use_roc_years(self.drawer.choice("years", "iso") == "roc")
        self.filter_asked = ""
        self.undoing = Undoing()

    def on_mount(self) -> None:
        """Opens the first screen."""
        self.action_go(SCREENS[0].name)

    async def on_unmount(self) -> None:
        """Ends the scan, if one runs, and the desk's thread."""
        self.drawer.keep_look(self.clock.now())
        self.scan_watch.close()
        self.desk.close()

    def action_go(self, name: str) -> None:
        """Shows the screen of that name."""
        self._leaving = False
        if isinstance(self.screen, Page):
            if name == self.screen.NAME:
                return
            self._trail = [*self._trail[1 - _STEPS_BACK :], self.screen.NAME]
            self.switch_screen(name)
        else:
            self.push_screen(name)

    async def action_quit(self) -> None:
        """Leaves; while a scan runs only at the second press."""
        if self.scan_watch.running and not self._leaving and isinstance(self.screen, Page):
            self._leaving = True
            self.screen.trouble(_("A scan is running. q again stops it, keeps what it learned, and leaves."))
        else:
            self.exit()

    def reread_settings(self) -> None:
        """Takes the settings as their file has them now: an undone change may have been theirs."""
        if self.settings_file.exists():
            self.settings = load(self.settings_file)

    def go_back(self) -> None:
        """Shows the screen before this one."""
        if self._trail:
            self.switch_screen(self._trail.pop())

    def show_device(self, device_id: str, *, page: str = "") -> None:
        """Shows one device, at a page of its card."""
        self.device_id, self.page_asked = device_id, page
        self.action_go("device")

    def show_article(self, key: str) -> None:
        """Shows the findings under one article (`PACK/NUMBER`)."""
        self.article_asked = key
        self.action_go("findings")

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

    @property
    def today(self) -> date:
        """The day it is where this app shows times."""
        return self.clock.now().astimezone(self.zone).date()

    def show_devices(self, filter_text: str) -> None:
        """Shows the register through a filter."""
        self.filter_asked = filter_text
        self.action_go("register")

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
