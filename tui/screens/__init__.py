"""SCREENS: every screen, in the order of their keys."""

from importlib import import_module
from typing import Any, NamedTuple

from textual.screen import Screen

from inventory.language import N_


class ScreenRow(NamedTuple):
    """A screen: the key that opens it, its name in code, where its class is, its title (marked with `N_`)."""

    key: str
    name: str
    place: str
    title: str

    def load(self) -> Screen[Any]:
        """A new screen of this kind; its module is imported now."""
        module, _colon, class_name = self.place.partition(":")
        page: Screen[Any] = getattr(import_module(module), class_name)()
        return page


SCREENS: tuple[ScreenRow, ...] = (
    ScreenRow("1", "home", "tui.screens.home:Home", N_("Home")),
    ScreenRow("2", "register", "tui.screens.register:RegisterTable", N_("Register")),
    ScreenRow("3", "device", "tui.screens.device:DeviceCard", N_("Device")),
    ScreenRow("4", "findings", "tui.screens.findings:Findings", N_("Findings")),
    ScreenRow("5", "scan", "tui.screens.scan:ScanDesk", N_("Scan")),
    ScreenRow("6", "review", "tui.screens.review:Review", N_("Review")),
    ScreenRow("7", "plans", "tui.screens.plans:Plans", N_("Plans")),
    ScreenRow("8", "exceptions", "tui.screens.exceptions:Exceptions", N_("Exceptions")),
    ScreenRow("9", "attestations", "tui.screens.attestations:Attestations", N_("Attestations")),
    ScreenRow("0", "isolation", "tui.screens.isolation:Isolation", N_("Isolation")),
    ScreenRow("W", "wireless", "tui.screens.wireless:Wireless", N_("Wireless")),
    ScreenRow("N", "snapshots", "tui.screens.snapshots:Snapshots", N_("Snapshots")),
    ScreenRow("A", "audit", "tui.screens.audit:AuditLog", N_("Audit log")),
    ScreenRow("P", "settings", "tui.screens.settings:SettingsPage", N_("Settings")),
)
