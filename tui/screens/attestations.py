"""Attestations: what people signed, by article, and what is due to be signed again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.binding import Binding, BindingType

from inventory.language import N_, _, ngettext
from inventory.questions import ITEMS, answered_by, question_of
from inventory.records import TICKS, next_id
from inventory.types import Attestation, Attribute
from tui import words
from tui.dialogs.answer import answer_form, question_form
from tui.list_page import ListPage
from tui.widgets.columns import Column

if TYPE_CHECKING:
    from inventory.register import Register

_SOON = timedelta(days=30)
_YES, _NO = N_("yes"), N_("no")


class Attestations(ListPage[Attestation]):
    """The calendar: what is due soonest stands first; `n` signs it again, `a` answers another question."""

    NAME: ClassVar[str] = "attestations"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "sign", N_("Sign an answer")),
        Binding("a", "another", N_("Another question")),
    ]
    CALLS: ClassVar[dict[str, str]] = {"sign": "add_attestation", "another": "add_attestation"}

    def rows(self, register: "Register") -> Sequence[Attestation]:
        """The latest answer to each question, soonest due again first."""
        latest = {(_question(each), each.device): each for each in register.attestations()}
        return sorted(latest.values(), key=lambda each: (each.next_due is None, each.next_due, each.id))

    def key_of(self, row: Attestation) -> str:
        """By its id."""
        return row.id

    def columns(self) -> Sequence[Column[Attestation]]:
        """When it is due again, on what, what was answered."""
        return (
            Column("due", N_("Due again"), self._due, 12, tone=self._tone),
            Column("article", N_("Article"), lambda row: words.printable(row.article), 16, stretch=1),
            Column(
                "about", N_("About"), lambda row: words.printable(row.device) or _("the firm"), 14, stretch=1
            ),
            Column("answer", N_("Answer"), _answer, 8, tone=lambda row: "" if row.answer else "bad"),
            Column("signer", N_("Signed by"), lambda row: words.printable(row.signer), 10),
            Column("signed", N_("Signed on"), lambda row: words.day(row.signed), 10),
        )

    def summary(self) -> Text:
        """How many are overdue, and how many come soon."""
        today = self.muster.today
        due = [row.next_due for row in self.listing if row.next_due]
        late, soon = sum(day < today for day in due), sum(today <= day < today + _SOON for day in due)
        if not self.listing:
            return Text("")
        said = ngettext("{count:,} overdue", "{count:,} overdue", late).format(count=late)
        return Text(
            f"{said} {words.sign('·')} " + _("{count:,} due within 30 days").format(count=soon), "bold"
        )

    def explain(self, row: Attestation) -> Text:
        """The answer and what it rests on."""
        text = Text(
            f"{row.article}  {words.printable(row.device) or _('the firm')}: {_answer(row)}\n", "bold"
        )
        question = answered_by(row)
        if question is not None:
            text.append(f"{question.words}\n", "not bold")
        for tick in row.ticks:
            item = ITEMS.get(tick.item)
            said = f"{item.words if item else tick.item}: {_(TICKS[tick.answer])}"
            text.append(words.printable(f"  {said} {tick.note}".rstrip()) + "\n", "not bold")
        text.append(_("Evidence: ")).append(words.printable(row.evidence) or words.sign("–"), "not bold")
        signed = _("{signer} signed on {day}").format(
            signer=words.printable(row.signer), day=words.day(row.signed)
        )
        return text.append(f"\n{signed}", "not bold")

    def nothing(self) -> str:
        """How to make the first."""
        return _("Nothing is signed yet. n signs an answer.")

    @work(exclusive=True, group="editing")
    async def action_sign(self) -> None:
        """Answers the question under the cursor again; asks which one where there is none."""
        row = self.row
        if row is None:
            await self._ask_which()
        elif answered_by(row) is None:
            self.trouble(
                _("{record} confirms the register: c on its screen does so again").format(record=row.id)
            )
        else:
            await self._answer(row.article, row.device)

    @work(exclusive=True, group="editing")
    async def action_another(self) -> None:
        """Answers another question, for the firm or for a device."""
        await self._ask_which()

    async def _ask_which(self) -> None:
        last = self.muster.device_id
        asked = await self.app.push_screen_wait(question_form((last,) if last else ()))
        if asked is not None:
            await self._answer(*asked)

    async def _answer(self, article: str, named: str) -> None:
        """Opens the question's form about the device named, else about the firm."""
        question, operator, today = question_of(article), self.muster.operator, self.muster.today
        known = await self.ask(
            lambda register: (
                register.names(Attribute.OWNER),
                {one.id for one in register.attestations()},
                register.device(named) if named else None,
            )
        )
        if known is None or question is None:
            return
        people, taken, device = known
        name = next_id("attest", today, taken)
        about = f"{words.printable(device.label)} {device.id}" if device else _("the firm")

        async def save(answer: Attestation) -> Attestation:
            signed = replace(answer, id=name, article=article, device=device.id if device else "")
            await self.muster.desk.ask(lambda register: register.add_attestation(signed, operator))
            return signed

        form = answer_form(question, about, operator, people, today=today, save=save)
        await self.fill_in(form, lambda saved: _("{record} is in the register").format(record=saved.id))

    def _due(self, row: Attestation) -> str:
        if row.next_due is None:
            return words.sign("–")
        return f"{words.day(row.next_due)} !" if row.next_due < self.muster.today else words.day(row.next_due)

    def _tone(self, row: Attestation) -> str:
        if row.next_due is None or row.next_due >= self.muster.today + _SOON:
            return ""
        return "bad" if row.next_due < self.muster.today else "warn"


def _about(row: Attestation) -> str:
    return words.printable(row.device) or _("the firm")


def _answer(row: Attestation) -> str:
    return f"{words.sign('✔')} {_(_YES)}" if row.answer else f"{words.sign('✘')} {_(_NO)}"


def _question(record: Attestation) -> str:
    """The question it answers: the same in every edition that asks it."""
    question = answered_by(record)
    return question.name if question else record.article
