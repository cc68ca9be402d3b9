"""Settings: which networks may be looked at and what is left alone there; the timetable, segments meant."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.binding import Binding, BindingType

from inventory.exits import MusterError, UsageFault
from inventory.language import N_, _
from inventory.networks import mac_address, scope_network, target_networks
from inventory.roles import TITLES
from inventory.settings import Settings
from inventory.settings_file import Value
from inventory.types import DeviceClass, Scope, Touch
from tui import words
from tui.dialogs.form import Field, Form
from tui.dialogs.settings import schedule_form, segments_form
from tui.list_page import ListPage
from tui.widgets.columns import Column

if TYPE_CHECKING:
    from inventory.register import Register


class SettingsPage(ListPage[Scope]):
    """`n` puts a network in scope, `e` changes one, `x` twice takes it out; `Y` changes how dates look."""

    NAME: ClassVar[str] = "settings"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "add", N_("New network")),
        Binding("e", "change_scope", N_("Edit")),
        Binding("x", "remove", N_("Take out of scope")),
        Binding("t", "schedule", N_("Timetable")),
        Binding("m", "segments", N_("Segments meant")),
    ]
    CALLS: ClassVar[dict[str, str]] = {
        "add": "add_scope",
        "change_scope": "add_scope",
        "remove": "remove_scope",
        "schedule": "change_settings",
        "segments": "change_settings",
    }

    def __init__(self) -> None:
        super().__init__()
        self._removing = ""

    def rows(self, register: "Register") -> Sequence[Scope]:
        """Every network in scope."""
        return register.scopes()

    def key_of(self, row: Scope) -> str:
        """By its network."""
        return row.network

    def columns(self) -> Sequence[Column[Scope]]:
        """Network, place, how far, what is left alone."""
        return (
            Column("network", N_("Network"), lambda row: row.network, 18),
            Column("site", N_("Site"), lambda row: words.printable(row.site), 8, stretch=1),
            Column("segment", N_("Segment"), lambda row: words.printable(row.segment), 10, stretch=1),
            Column("touch", N_("How far"), lambda row: words.name(row.touch), 14),
            Column(
                "left",
                N_("Do not probe"),
                lambda row: ", ".join(row.do_not_probe) or words.sign("–"),
                14,
                stretch=2,
            ),
        )

    def summary(self) -> Text:
        """Who is at the keyboard, and the settings that are read from muster.toml."""
        settings = self.muster.settings
        schedule = settings.schedule
        duties = {
            _("scan"): schedule.scan,
            _("check"): schedule.check,
            _("assess"): schedule.assess,
            _("snapshot"): schedule.snapshot,
        }
        planned = ", ".join(f"{duty} {when}" for duty, when in duties.items() if when) or _("nothing")
        meant = "; ".join(
            f"{words.name(kind)}: {', '.join(segments)}" for kind, segments in settings.check.segments.items()
        )
        lines = (
            (_("Operator"), f"{self.muster.operator}, {_(TITLES[self.muster.role])}"),
            (_("By itself"), f"{planned} ({schedule.timezone})"),
            (_("Pace"), _("{rate:,} packets a second in all, {host} to one device").format(
                rate=settings.scan.rate, host=settings.scan.per_host_rate)),
            (_("Segments meant"), meant or _("none set")),
            (_("Dates"), _("{today}; Y changes").format(today=words.day(self.muster.today))),
        )  # fmt: skip
        text = Text()
        for heading, said in lines:
            text.append(f"{heading}  ", "bold").append(words.printable(said) + "\n", "not bold")
        return text

    def explain(self, row: Scope) -> Text:
        """Who put it in scope and why."""
        text = Text(
            f"{row.network} {words.sign('·')} {words.printable(row.site)}/{words.printable(row.segment)}\n",
            "bold",
        )
        text.append(
            _("Added by {who}: {why}").format(who=row.added_by or "?", why=row.reason or words.sign("–")),
            "not bold",
        )
        text.append("\n" + _("Do not probe") + ": ")
        return text.append(words.printable(", ".join(row.do_not_probe)) or words.sign("–"), "not bold")

    def nothing(self) -> str:
        """How to begin."""
        return _("No network is in scope, so nothing is ever sent. n adds one.")

    def leads_on(self, row: Scope) -> bool:  # noqa: ARG002
        """To its form, where this role may change it."""
        return self.check_action("change_scope", ()) is True

    def open_row(self, row: Scope) -> None:  # noqa: ARG002
        """Changes it."""
        self.action_change_scope()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A network is changed, or taken out, where one is under the cursor."""
        if action in {"change_scope", "remove"} and self.row is None:
            return False
        return super().check_action(action, parameters)

    # --- keys ---

    @work(exclusive=True, group="editing")
    async def action_add(self) -> None:
        """Puts a network in scope."""
        await self.fill_in(
            self._form(None), lambda scope: _("{network} is in scope").format(network=scope.network)
        )

    @work(exclusive=True, group="editing")
    async def action_change_scope(self) -> None:
        """Changes how far a network may be looked at, and what is left alone there."""
        row = self.row
        if row is not None:
            await self.fill_in(
                self._form(row),
                lambda scope: _("{network} is changed").format(network=scope.network),
                lines=lambda scope: 1 if scope.network == row.network else 2,  # out with one, in with another
            )

    @work(exclusive=True, group="removing")
    async def action_remove(self) -> None:
        """Takes the network out of scope, at the second press."""
        row, operator = self.row, self.muster.operator
        if row is None:
            return
        if self._removing != row.network:
            self._removing = row.network
            self.trouble(
                _("x again takes {network} out of scope; its devices stay.").format(network=row.network)
            )
        elif await self.change(lambda register: register.remove_scope(row.network, operator)):
            self._removing = ""
            self.muster.undoing.note_lines(1)
            self.news(_("{network} is out of scope").format(network=row.network))
            self.read()

    @work(exclusive=True, group="editing")
    async def action_schedule(self) -> None:
        """Says what runs by itself, and when."""
        muster = self.muster
        form = schedule_form(muster.settings_file, muster.settings, muster.clock.now(), self._keep)
        await self._change_settings(form)

    @work(exclusive=True, group="editing")
    async def action_segments(self) -> None:
        """Says which segments a class of device is meant for."""
        known = sorted({scope.segment for scope in self.listing})
        muster = self.muster
        await self._change_settings(segments_form(muster.settings_file, muster.settings, known, self._keep))

    async def _change_settings(self, form: Form[Settings]) -> None:
        changed = await self.app.push_screen_wait(form)
        if changed is not None:
            self.muster.settings = changed
            self.muster.undoing.note_lines(1)
            self.news(_("{file} is changed").format(file=self.muster.settings_file))
            self.read()

    async def _keep(self, table: str, values: Mapping[str, Value]) -> Settings:
        file, operator = self.muster.settings_file, self.muster.operator
        return await self.muster.desk.ask(
            lambda register: register.change_settings(file, table, values, operator)
        )

    def _form(self, row: Scope | None) -> Form[Scope]:
        held = row or Scope("", "", "")
        fields = [
            Field("network", partial(_, N_("Network")), held.network, check=scope_network),
            Field("site", partial(_, N_("Site")), held.site),
            Field("segment", partial(_, N_("Segment")), held.segment),
            Field(
                "touch",
                partial(_, N_("How far")),
                words.name(held.touch),
                tuple(map(words.name, Touch)),
                check=_touch,
            ),
            Field("left", partial(_, N_("Do not probe")), ", ".join(held.do_not_probe), check=_left_alone),
            Field("reason", partial(_, N_("Why")), held.reason),
        ]
        title = partial(Text, _("A network in scope"), "bold")
        return Form(title, fields, partial(self._save, row), draft=f"scope {held.network}")

    async def _save(self, before: Scope | None, said: Mapping[str, str]) -> Scope:
        held, operator = before or Scope("", "", ""), self.muster.operator
        scope = Scope(
            network=scope_network(said.get("network", held.network)),
            site=said.get("site", held.site),
            segment=said.get("segment", held.segment),
            touch=_touch(said["touch"]) if "touch" in said else held.touch,
            caps_lifted=held.caps_lifted,
            do_not_probe=_left_alone(said["left"]) if "left" in said else held.do_not_probe,
            added_by=operator,
            reason=said.get("reason", held.reason),
            exemptions=held.exemptions,
        )
        if not scope.site or not scope.segment:
            raise UsageFault(_("a network in scope needs a site and a segment"))

        def store(register: "Register") -> Scope:
            if before is None:
                register.add_scope(scope, operator)
            elif scope.network == before.network:
                register.change_scope(scope, operator)
            else:
                register.remove_scope(before.network, operator)
                try:
                    register.add_scope(scope, operator)
                except MusterError:
                    register.add_scope(before, operator)
                    raise
            return scope

        return await self.muster.desk.ask(store)


_MAC_COLONS = 5


def _touch(text: str) -> Touch:
    return Touch(words.word_typed({touch.value: words.name(touch) for touch in Touch}, text))


def _left_alone(text: str) -> tuple[str, ...]:
    """Addresses, ranges, networks, MACs and classes, each as the register keeps it."""
    found: list[str] = []
    for word in text.replace(",", " ").split():
        if word in set(DeviceClass):
            found.append(word)
        elif word.count(":") == _MAC_COLONS or word.count("-") == _MAC_COLONS:
            found.append(mac_address(word))
        else:
            found.extend(target_networks(word))
    return tuple(found)
