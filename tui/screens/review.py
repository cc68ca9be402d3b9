"""Review: records that may be one device, side by side; a person says whether they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from inventory.language import N_, _
from inventory.roles import may
from inventory.types import Ambiguity, Attribute, Device
from tui import words
from tui.dialogs.form import Field, Form
from tui.page import Page
from tui.widgets.columns import Column, fit
from tui.widgets.explained import Explained
from tui.widgets.row_window import listed
from tui.widgets.windowed_table import WindowedTable

if TYPE_CHECKING:
    from inventory.register import Register

_COMPARED = (
    Attribute.DEVICE_CLASS,
    Attribute.VENDOR,
    Attribute.MODEL,
    Attribute.SERIAL,
    Attribute.HOSTNAME,
    Attribute.OWNER,
    Attribute.LOCATION,
)
_LEFT = 18
_SIDE = 28


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that may be one, and the question about them."""

    question: Ambiguity
    one: Device
    other: Device


class Review(Page):
    """`m` makes one record of two, `d` says that they are two for good, `s` parts one made of two."""

    NAME: ClassVar[str] = "review"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "join", N_("Same device")),
        Binding("d", "keep_apart", N_("Different devices")),
        Binding("s", "split", N_("Part a record")),
    ]
    CSS = """
    Review #pairs { height: 2fr; }
    Review Explained { height: 3fr; max-height: 100%; min-height: 12; }
    """

    def body(self) -> ComposeResult:
        """The pairs, and the one under the cursor side by side."""
        yield WindowedTable(self._columns(), lambda pair: str(pair.question.id), empty=_nothing, id="pairs")
        yield Explained(self._explained)

    def read(self) -> None:
        """Reads what waits."""
        self._read()

    @work(exclusive=True)
    async def _read(self) -> None:
        pairs = await self.ask(_pairs)
        if pairs is not None:
            self.query_one("#pairs", WindowedTable).show(listed(pairs))
            self.refresh_bindings()

    # --- keys ---

    @work(exclusive=True, group="deciding")
    async def action_join(self) -> None:
        """Makes one record of the two."""
        pair, operator = self._pair(), self.muster.operator
        if pair is None:
            return
        joined = await self.ask(lambda register: register.join((pair.one.id, pair.other.id), operator))
        if joined is not None:
            self.muster.undoing.note_lines(1)
            self.news(_("One record now: {device}").format(device=f"{joined.label} {joined.id}"))
            self.read()

    @work(exclusive=True, group="deciding")
    async def action_keep_apart(self) -> None:
        """Settles that they are two."""
        pair, operator = self._pair(), self.muster.operator
        if pair is None:
            return
        if await self.change(lambda register: register.keep_apart(pair.question.id, operator)):
            self.muster.undoing.note_lines(1)
            self.news(_("They stay two devices."))
            self.read()

    @work(exclusive=True, group="editing")
    async def action_split(self) -> None:
        """Takes the last record out again that another absorbed."""
        pair = self._pair()
        offered = [self.muster.device_id, *((pair.one.id, pair.other.id) if pair else ())]
        names = tuple(dict.fromkeys(name for name in offered if name))
        form = Form(
            lambda: Text(_("Part a record that was made of two devices"), "bold"),
            [Field("device", partial(_, N_("Device")), "", names, open_list=True)],
            self._split,
        )
        await self.fill_in(
            form, lambda parted: _("Two records again: {device}").format(device=f"{parted.label} {parted.id}")
        )

    async def _split(self, said: Mapping[str, str]) -> Device:
        operator = self.muster.operator
        return await self.muster.desk.ask(lambda register: register.split(said["device"], operator))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """A decision is offered only where there is a pair."""
        if action in {"join", "keep_apart"}:
            return self._pair() is not None and may(self.muster.role, action)
        return action != "split" or may(self.muster.role, action)

    @on(WindowedTable.Opened)
    def _open(self, opened: WindowedTable.Opened) -> None:
        if isinstance(opened.row, Pair):
            self.muster.show_device(opened.row.one.id)

    @on(WindowedTable.Moved)
    def _explain(self) -> None:
        self.query_one(Explained).tell()
        self.refresh_bindings()

    def _pair(self) -> Pair | None:
        if not self.is_attached:
            return None
        row = self.query_one("#pairs", WindowedTable).current
        return row if isinstance(row, Pair) else None

    # --- words ---

    def _explained(self) -> Text:
        pair = self._pair()
        if pair is None:
            return Text("")
        text = Text(_side_by_side("", pair.one.id, pair.other.id), style="bold")
        for heading, sides in self._sides(pair).items():
            differs = all(sides) and sides[0] != sides[1]
            line = _side_by_side(heading, *sides, sign=words.sign("≠") if differs else " ")
            text.append(f"\n{line}", "bold" if differs else "not bold")
        for heading, evidence in ((_("Agrees"), pair.question.agrees), (_("Differs"), pair.question.differs)):
            if evidence:
                text.append(f"\n{heading}: ", "bold")
                text.append(", ".join(map(_named, evidence)), "not bold")
        return text

    def _sides(self, pair: Pair) -> Mapping[str, tuple[str, str]]:
        sides = {
            words.name(attribute): (_held(pair.one, attribute), _held(pair.other, attribute))
            for attribute in _COMPARED
        }
        sides[_("Address")] = (_addresses(pair.one), _addresses(pair.other))
        sides[_("First seen")] = (self.moment(pair.one.first_seen), self.moment(pair.other.first_seen))
        sides[_("Last seen")] = (self.moment(pair.one.last_seen), self.moment(pair.other.last_seen))
        return sides

    def _columns(self) -> Sequence[Column[Pair]]:
        return (
            Column("one", N_("Device"), lambda pair: _label(pair.one), 20, stretch=1),
            Column("at", N_("Address"), lambda pair: _addresses(pair.one), 15),
            Column("other", N_("Or the same as"), lambda pair: _label(pair.other), 20, stretch=1),
            Column("there", N_("Address"), lambda pair: _addresses(pair.other), 15),
            Column("when", N_("When"), lambda pair: self.moment(pair.question.at), 16, rank=1),
        )


def _pairs(register: "Register") -> tuple[Pair, ...]:
    return tuple(
        Pair(question, register.device(question.device), register.device(question.other))
        for question in register.review()
    )


def _side_by_side(heading: str, one: str, other: str, sign: str = " ") -> str:
    return f"{fit(heading, _LEFT)} {fit(one, _SIDE)} {sign} {fit(other, _SIDE)}".rstrip()


def _held(device: Device, attribute: Attribute) -> str:
    return words.value(attribute, device.text(attribute))


def _named(evidence: str) -> str:
    """`serial sn1002` as people read it."""
    kind, _space, value = evidence.partition(" ")
    return f"{words.changed(kind)} {words.printable(value)}".rstrip()


def _label(device: Device) -> str:
    return words.printable(device.label)


def _addresses(device: Device) -> str:
    return " ".join(address.ip for address in device.addresses)


def _nothing() -> str:
    return _("Nothing waits for a person.")
