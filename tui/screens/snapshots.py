"""Snapshots: freeze the register, verify what was frozen, compare two of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.binding import Binding, BindingType

from inventory.console import Row as DifferenceRow
from inventory.exits import UsageFault
from inventory.language import N_, _, ngettext
from inventory.settings import default_register
from inventory.types import VerdictOutcome
from tui import words
from tui.dialogs.form import Field, Form
from tui.list_page import ListPage
from tui.widgets.columns import Column
from tui.widgets.explained import Explained

if TYPE_CHECKING:
    from inventory.register import Register

_MOST_DIFFERENCES = 200


@dataclass(frozen=True, slots=True)
class Frozen:
    """A snapshot in one line."""

    place: Path
    label: str
    on: date
    devices: int
    breaching: int
    findings: int
    digest: str


class Snapshots(ListPage[Frozen]):
    """`n` freezes, `v` verifies; Space marks one, `d` compares it with the one under the cursor."""

    NAME: ClassVar[str] = "snapshots"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "freeze", N_("Freeze now")),
        Binding("v", "verify", N_("Verify")),
        Binding("space", "mark", N_("Mark"), key_display="Space"),
        Binding("d", "compare", N_("Compare")),
    ]
    CALLS: ClassVar[dict[str, str]] = {"freeze": "snapshot"}

    def __init__(self) -> None:
        super().__init__()
        self._said: Text | None = None

    def rows(self, register: "Register") -> Sequence[Frozen]:
        """The snapshots beside the register, oldest first."""
        from inventory.snapshot.folder import digest_at, snapshots_in, summary_at

        found = []
        for place in snapshots_in(folder_of(register.place) / "snapshots"):
            told = summary_at(place)
            found.append(
                Frozen(
                    place,
                    told.label,
                    told.on,
                    told.standing.devices,
                    told.standing.by_worst[VerdictOutcome.BREACH],
                    told.standing.live,
                    digest_at(place),
                )
            )
        return sorted(found, key=lambda each: (each.on, each.label))

    def key_of(self, row: Frozen) -> str:
        """By its folder's name."""
        return row.place.name

    def columns(self) -> Sequence[Column[Frozen]]:
        """Name, day, figures, seal."""
        return (
            Column("label", N_("Snapshot"), lambda row: words.printable(row.label), 14, stretch=1),
            Column("on", N_("As of"), lambda row: words.day(row.on), 10),
            Column("devices", N_("Devices"), lambda row: f"{row.devices:,}", 8, right=True),
            Column("breaching", N_("In breach"), lambda row: f"{row.breaching:,}", 9, right=True),
            Column("findings", N_("Open"), lambda row: f"{row.findings:,}", 8, right=True),
            Column("digest", "SHA-256", lambda row: row.digest[:16], 16, rank=1),
        )

    def explain(self, row: Frozen) -> Text:
        """What was just verified or compared, else what the snapshot is."""
        if self._said is not None:
            return self._said
        text = Text(f"{words.printable(row.label)}\n", "bold").append(
            words.printable(f"snapshots/{row.place.name}"), "not bold"
        )
        return text.append(f"\nSHA-256 {row.digest}", "not bold")

    def nothing(self) -> str:
        """How to make the first."""
        return _("No snapshot yet. n freezes the register as last assessed.")

    def open_row(self, row: Frozen) -> None:  # noqa: ARG002
        """Verifies it."""
        self.action_verify()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is done with a snapshot is offered where there is one; comparing, where there are two."""
        least = {"verify": 1, "mark": 1, "compare": 2}.get(action, 0)
        return len(self.listing) >= least and super().check_action(action, parameters)

    def on_windowed_table_moved(self) -> None:
        """What was said of another line is over."""
        self._said = None

    # --- keys ---

    @work(exclusive=True, group="editing")
    async def action_freeze(self) -> None:
        """Freezes the register under a name."""
        form = Form(
            partial(Text, _("Freeze the register as last assessed"), "bold"),
            [
                Field(
                    "label",
                    partial(_, N_("Snapshot")),
                    suggested=(f"{self.muster.today.year}", f"{self.muster.today}"),
                )
            ],
            self._freeze,
        )
        said = _("{name} is frozen and signed")
        await self.fill_in(form, lambda name: said.format(name=name), lines=lambda _name: 0)

    async def _freeze(self, said: Mapping[str, str]) -> str:
        label, clock = said.get("label", ""), self.muster.clock
        if not label or not label.replace("-", "").replace(".", "").isalnum():
            raise UsageFault(_("a snapshot's name is letters, digits and hyphens, like 2026 or 2026H1"))

        def freeze(register: "Register") -> str:
            from inventory.snapshot.freezing import freeze as frozen_into
            from inventory.snapshot.signing import signer_at

            home = folder_of(register.place)
            place = home / "snapshots" / label
            on = clock.now().date()
            frozen_into(register, place, signer_at(home), label=label, on=on, version=version("muster"))
            return label

        return await self.muster.desk.ask(freeze, long=True)

    @work(exclusive=True, group="verifying")
    async def action_verify(self) -> None:
        """Says whether the snapshot is still what was signed."""
        row = self.row
        if row is None:
            return
        place = row.place

        def check(register: "Register") -> tuple[tuple[str, ...], int, str]:
            from inventory.snapshot.signing import own_public_key
            from inventory.snapshot.verification import verify

            seen = verify(place, own_public_key(folder_of(register.place)))
            return tuple(map(str, seen.problems)), seen.files, seen.signer

        found = await self.ask(check, long=True)
        if found is None:
            return
        problems, files, signer = found
        if problems:
            self.trouble(_("{name} is NOT as it was signed").format(name=row.label))
            self._say(Text("\n".join(f"{words.sign('✘')} {words.printable(each)}" for each in problems)))
        else:
            self.news(_("{name} is as it was signed, {files} files").format(name=row.label, files=files))
            self._say(Text(_("Signed with {key}").format(key=signer)))

    def action_mark(self) -> None:
        """Marks the snapshot to compare with; one at a time."""
        row = self.row
        if row is not None:
            self.table.marks = set() if row.place.name in self.table.marks else {row.place.name}
            self.table.refresh()
            self.refresh_bindings()

    @work(exclusive=True, group="verifying")
    async def action_compare(self) -> None:
        """Says what differs between the one under the cursor and the marked one, else the one before."""
        row = self.row
        other = self._other(row)
        if row is None or other is None:
            self.trouble(_("There is nothing to compare it with."))
            return
        first, second = sorted((row, other), key=lambda each: (each.on, each.label))

        def differ(_register: "Register") -> tuple[DifferenceRow, ...]:
            from inventory.cli.snapshot_rows import difference_rows
            from inventory.snapshot.comparison import compare
            from inventory.snapshot.folder import load

            return tuple(difference_rows(compare(load(first.place), load(second.place))))

        found = await self.ask(differ, long=True)
        if found is not None:
            said = ngettext("{count:,} difference", "{count:,} differences", len(found)).format(
                count=len(found)
            )
            self.news(f"{first.label} {words.sign('→')} {second.label}: {said}")
            self._say(Text("\n".join(map(_difference, found[:_MOST_DIFFERENCES]))))

    def _other(self, row: Frozen | None) -> Frozen | None:
        marked = [each for each in self.listing if each.place.name in self.table.marks and each != row]
        if marked:
            return marked[0]
        place = self.listing.index(row) if row in self.listing else 0
        return self.listing[place - 1] if place else None

    def _say(self, text: Text) -> None:
        self._said = text
        self.query_one(Explained).tell()


def folder_of(place: str) -> Path:
    """Where the signing key and the snapshots lie: beside the register's file, or the platform's folder."""
    return Path(default_register()).parent if "://" in place else Path(place).parent


def _difference(row: DifferenceRow) -> str:
    change = ""
    if row.get("before") or row.get("after"):
        before, after = (row.get(side) or words.sign("–") for side in ("before", "after"))
        change = f": {before} {words.sign('→')} {after}"
    return words.printable(f"{row['kind']} {row['device']} {row.get('what', '')}{change}")
