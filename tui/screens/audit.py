"""Audit log: who did what to which record and when, and whether the log is as it was written."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text

from inventory.language import N_, _, ngettext
from inventory.record_names import ARROW
from inventory.records import PLAN_STATES
from inventory.types import AuditEntry
from tui import words
from tui.list_page import ListPage
from tui.widgets.columns import Column

if TYPE_CHECKING:
    from inventory.register import Register

_NAMED = 500  # entries whose devices are called by name; older ones by id


class AuditLog(ListPage[AuditEntry]):
    """Newest first; Enter shows the device an entry is about."""

    NAME: ClassVar[str] = "audit"

    def __init__(self) -> None:
        super().__init__()
        self._broken: int | None = None
        self._labels: dict[str, str] = {}

    def rows(self, register: "Register") -> Sequence[AuditEntry]:
        """The log, whether its chain holds, and what the devices of its newest entries are called."""
        self._broken = register.audit_break()
        log = register.audit()[::-1]
        about = {row.subject for row in log[:_NAMED] if self.leads_on(row)}
        self._labels = {name: device.label for name, device in register.by_id(about).items()}
        return log

    def key_of(self, row: AuditEntry) -> str:
        """By its number."""
        return str(row.number)

    def columns(self) -> Sequence[Column[AuditEntry]]:
        """When, who, what."""
        return (
            Column("number", N_("No."), lambda row: f"{row.number:,}", 7, right=True),
            Column("at", N_("When"), lambda row: self.moment(row.at), 16),
            Column("by", N_("Who"), lambda row: words.printable(row.by), 12, stretch=1),
            Column("action", N_("Action"), lambda row: words.action(row.action), 14),
            Column("subject", N_("About"), self._about, 16, stretch=1),
            Column("detail", N_("What"), _detail, 20, stretch=3, rank=1),
        )

    def summary(self) -> Text:
        """Whether anybody meddled with the log."""
        if not self.listing:
            return Text("")
        if self._broken is not None:
            said = _("The log was altered at entry {number}").format(number=self._broken)
            return Text(f"{words.sign('✘')} {said}", "bold")
        count = len(self.listing)
        said = ngettext("{count:,} entry, unaltered", "{count:,} entries, unaltered", count).format(
            count=count
        )
        return Text(f"{words.sign('✔')} {said}")

    def explain(self, row: AuditEntry) -> Text:
        """The entry in full."""
        who = _("{who}, {when}").format(who=words.printable(row.by), when=self.moment(row.at))
        about = " ".join(dict.fromkeys((self._about(row), words.printable(row.subject))))
        text = Text(f"{words.action(row.action)} {about}\n", "bold").append(who, "not bold")
        for name, said in row.detail.items():
            text.append(f"\n{words.changed(name)}: ").append(_told(name, said), "not bold")
        return text.append(f"\nSHA-256 {row.digest[:32]}", "not bold")

    def nothing(self) -> str:
        """An empty log."""
        return _("Nobody has changed anything yet.")

    def leads_on(self, row: AuditEntry) -> bool:
        """Only an entry about one device leads to it."""
        return row.subject.startswith("d-")

    def open_row(self, row: AuditEntry) -> None:
        """Shows the device."""
        self.muster.show_device(row.subject)

    def _about(self, row: AuditEntry) -> str:
        return words.printable(self._labels.get(row.subject, row.subject))


def _detail(row: AuditEntry) -> str:
    return ", ".join(f"{words.changed(name)}: {_told(name, said)}" for name, said in row.detail.items())


def _told(name: str, said: str) -> str:
    """A value, or the one before and the one after, as people read them."""
    before, changed, after = said.partition(ARROW)
    if not changed:
        return _value(name, said)
    return f"{_value(name, before)} {words.sign('→')} {_value(name, after)}"


def _value(name: str, held: str) -> str:
    return (
        _(PLAN_STATES[held]) if name == "state" and held in PLAN_STATES else words.changed_value(name, held)
    )
