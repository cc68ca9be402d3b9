"""One person at one register: their name and role, their desk, and how they come from screen to screen."""

from datetime import date, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App
from textual.screen import ModalScreen

from inventory.roles import Role, guarded
from inventory.settings import Settings, load
from inventory.settings_places import settings_place
from inventory.types import Clock
from tui.desk import Desk
from tui.drawer import Drawer
from tui.scanning import CarryOut, ScanWatch, carry_out
from tui.undoing import Undoing

if TYPE_CHECKING:
    from inventory.register import Register

_STEPS_BACK = 20


class Sitting(App[None], inherit_bindings=False):
    """What every screen asks of the app; the app itself adds its keys, languages and themes.

    `zone` is the time zone of what is shown (None: this machine's), `settings_file` where `settings` came
    from. The caller closes the register. `scan` is what carries a plan out; tests pass one of their own.
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
        self.operator = operator
        self.clock = clock
        self.zone = zone
        self.drawer = drawer or Drawer()
        self.desk = Desk(register)
        self.scan_watch = ScanWatch(register, scan)
        self.undoing = Undoing()
        self.settings = settings or Settings()
        self.settings_file = settings_place(settings_file)
        self.device_id = ""  # the device looked at last
        self.page_asked = ""  # of its card; like those below for the screen that is gone to
        self.article_asked = ""
        self.filter_asked = ""
        self._here = ""
        self._trail: list[str] = []

    async def on_unmount(self) -> None:
        """Ends the scan, if one runs, and the desk's thread."""
        self.drawer.keep_look(self.clock.now())
        self.scan_watch.close()
        self.desk.close()

    @property
    def today(self) -> date:
        """The day it is where this app shows times."""
        return self.clock.now().astimezone(self.zone).date()

    def reread_settings(self) -> None:
        """Takes the settings as their file has them now: an undone change may have been theirs."""
        if self.settings_file.exists():
            self.settings = load(self.settings_file)

    # --- from screen to screen ---

    def action_go(self, name: str) -> None:
        """Shows the screen of that name; a form in front of it is left first."""
        if name == self._here or isinstance(self.screen, ModalScreen):
            return
        if self._here:
            self._trail = [*self._trail[1 - _STEPS_BACK :], self._here]
            self.switch_screen(name)
        else:
            self.push_screen(name)
        self._here = name

    def go_back(self) -> None:
        """Shows the screen before this one."""
        if self._trail:
            self._here = self._trail.pop()
            self.switch_screen(self._here)

    def show_device(self, device_id: str, *, page: str = "") -> None:
        """Shows one device, at a page of its card."""
        self.device_id, self.page_asked = device_id, page
        self.action_go("device")

    def show_article(self, key: str) -> None:
        """Shows the findings under one article (`PACK/NUMBER`)."""
        self.article_asked = key
        self.action_go("findings")

    def show_devices(self, filter_text: str) -> None:
        """Shows the register through a filter."""
        self.filter_asked = filter_text
        self.action_go("register")
