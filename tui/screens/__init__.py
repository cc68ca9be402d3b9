"""SCREENS: every screen, in the order of their keys."""

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from inventory.language import N_

if TYPE_CHECKING:
    from tui.page import Page


class ScreenRow(NamedTuple):
    """A screen: the key that opens it, its name in code, where its class is, its title (marked with `N_`)."""

    key: str
    name: str
    place: str
    title: str

    def load(self) -> "Page":
        """A new screen of this kind; its module is imported now."""
        module, _colon, class_name = self.place.partition(":")
        page: Page = getattr(import_module(module), class_name)()
        return page


SCREENS: tuple[ScreenRow, ...] = (
    ScreenRow("1", "home", "tui.screens.home:Home", N_("Home")),
    ScreenRow("2", "register", "tui.screens.register:RegisterTable", N_("Register")),
    ScreenRow("3", "device", "tui.screens.device:DeviceCard", N_("Device")),
    ScreenRow("4", "findings", "tui.screens.findings:Findings", N_("Findings")),
    ScreenRow("5", "scan", "tui.screens.scan:ScanDesk", N_("Scan")),
    ScreenRow("6", "review", "tui.screens.review:Review", N_("Review")),
)
