"""Attestations: what people signed, by article, and what is due to be signed again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.binding import Binding, BindingType

from inventory.due import records_due
from inventory.language import N_, _, ngettext
from inventory.questions import ITEMS, answered_by, question_of
from inventory.records import TICKS, next_id
from inventory.types import CONFIRMATION, Attestation, Attribute, Due, DueKind
from tui import words
from tui.dialogs.answer import answer_form, question_form
from tui.list_page import ListPage
from tui.widgets.columns import Column

if TYPE_CHECKING:
    from inventory.register import Register

_SOON = timedelta(days=30)
_YES, _NO = N_("yes"), N_("no")


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One line of the calendar: an answer, a question nobody has answered, or confirmations together.

    `record` is the answer, None where there is none or where there are many.
    """

    day: date | None
    kind: DueKind
    article: str
    devices: tuple[str, ...]
    record: Attestation | None


class Attestations(ListPage[AnswerLine]):
    """The calendar: what is due soonest stands first; `n` signs it again, `a` answers another question."""

    NAME: ClassVar[str] = "attestations"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "sign", N_("Sign an answer")),
        Binding("a", "another", N_("Another question")),
    ]
    CALLS: ClassVar[dict[str, str]] = {"sign": "add_attestation", "another": "add_attestation"}

    def rows(self, register: "Register") -> Sequence[AnswerLine]:
        """What is due, soonest first; then what was answered once for all."""
        signed = {one.id: one for one in register.attestations()}
        calendar = [
            AnswerLine(due.day, due.kind, _article(due, signed), due.devices, signed.get(due.id))
            for due in records_due(register, self.muster.today)
            if due.kind in _ASKED
        ]
        for_good = {(_question(one), one.device): one for one in signed.values() if one.next_due is None}
        answered = {(_question(line.record), line.record.device) for line in calendar if line.record}
        calendar.sort(key=lambda line: (line.day or date.max, line.article, line.devices))
        return [
            *calendar,
            *(
                AnswerLine(None, DueKind.ANSWER, one.article, (one.device,) if one.device else (), one)
                for key, one in for_good.items()
                if key not in answered and not one.id.startswith(CONFIRMATION)
            ),
        ]

    def key_of(self, row: AnswerLine) -> str:
        """By its record, else by what is asked and when."""
        return row.record.id if row.record else f"{row.kind} {row.article} {row.day}"

    def columns(self) -> Sequence[Column[AnswerLine]]:
        """When it is due again, on what, what was answered."""
        return (
            Column("due", N_("Due again"), self._due, 12, tone=self._tone),
            Column("article", N_("Article"), lambda row: words.article(row.article), 22),
            Column("question", N_("Question"), _question_words, 20, ideal=36, stretch=2),
            Column("about", N_("About"), _about, 12, stretch=1),
            Column("answer", N_("Answer"), _answer, 6, tone=_answer_tone),
            Column(
                "signer",
                N_("Signed by"),
                lambda row: words.printable(row.record.signer) if row.record else "",
                10,
                rank=1,
            ),
            Column(
                "signed",
                N_("Signed on"),
                lambda row: words.day(row.record.signed) if row.record else "",
                10,
                rank=2,
            ),
        )

    def summary(self) -> Text:
        """How many are overdue, and how many come soon."""
        today = self.muster.today
        due = [row.day for row in self.listing if row.day]
        late, soon = sum(day < today for day in due), sum(today <= day < today + _SOON for day in due)
        if not self.listing:
            return Text("")
        said = ngettext("{count:,} overdue", "{count:,} overdue", late).format(count=late)
        return Text(
            f"{said} {words.sign('·')} " + _("{count:,} due within 30 days").format(count=soon), "bold"
        )

    def explain(self, row: AnswerLine) -> Text:
        """The answer and what it rests on."""
        text = Text(f"{words.article(row.article)}  {_about(row)}: {_answer(row)}\n", "bold")
        record, question = row.record, question_of(row.article)
        if question is not None and row.kind is not DueKind.CONFIRMATION:
            text.append(f"{question.words}\n", "not bold")
        if record is None:
            return text.append(words.name(row.kind), "not bold")
        for tick in record.ticks:
            item = ITEMS.get(tick.item)
            said = f"{item.words if item else tick.item}: {_(TICKS[tick.answer])}"
            text.append(words.printable(f"  {said} {tick.note}".rstrip()) + "\n", "not bold")
        if _is_open(record):
            text.append(_("Its checklist is not answered, so this yes proves nothing. n answers it.") + "\n")
        text.append(_("Evidence: ")).append(words.printable(record.evidence) or words.sign("–"), "not bold")
        signed = _("{signer} signed on {day}").format(
            signer=words.printable(record.signer), day=words.day(record.signed)
        )
        return text.append(f"\n{signed}", "not bold")

    def nothing(self) -> str:
        """How to make the first."""
        return _("Nothing is signed yet. n signs an answer.")

    def leads_on(self, row: AnswerLine) -> bool:
        """To the question's form, where this role may sign."""
        return row.kind is not DueKind.CONFIRMATION and self.check_action("sign", ()) is True

    def open_row(self, row: AnswerLine) -> None:  # noqa: ARG002
        """Answers the question."""
        self.action_sign()

    @work(exclusive=True, group="editing")
    async def action_sign(self) -> None:
        """Answers the question under the cursor again; asks which one where there is none."""
        row = self.row
        if row is None:
            await self._ask_which()
        elif row.kind is DueKind.CONFIRMATION:
            self.trouble(_("The register's entries are confirmed on the Register screen: c"))
        else:
            await self._answer(row.article, row.devices[0] if row.devices else "")

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

    def _due(self, row: AnswerLine) -> str:
        if row.day is None:
            return words.sign("–")
        return f"{words.day(row.day)} !" if row.day < self.muster.today else words.day(row.day)

    def _tone(self, row: AnswerLine) -> str:
        if row.day is None or row.day >= self.muster.today + _SOON:
            return ""
        return "bad" if row.day < self.muster.today else "warn"


_ASKED = frozenset({DueKind.ANSWER, DueKind.NEVER, DueKind.CONFIRMATION})


def _article(due: Due, signed: Mapping[str, Attestation]) -> str:
    """As the record names it, else as the calendar does: the article stands first in its words."""
    return signed[due.id].article if due.id in signed else due.what.partition(" ")[0]


def _question_words(row: AnswerLine) -> str:
    question = None if row.kind is DueKind.CONFIRMATION else question_of(row.article)
    return question.words if question else words.name(row.kind)


def _about(row: AnswerLine) -> str:
    if row.kind is DueKind.CONFIRMATION:
        count = len(row.devices)
        return ngettext("{count:,} device", "{count:,} devices", count).format(count=count)
    return words.printable(", ".join(row.devices)) or _("the firm")


def _answer(row: AnswerLine) -> str:
    if row.kind is DueKind.CONFIRMATION:
        return words.sign("✔")
    if row.record is None:
        return "?"
    if _is_open(row.record):
        return f"? {_(_YES)}"
    return f"{words.sign('✔')} {_(_YES)}" if row.record.answer else f"{words.sign('✘')} {_(_NO)}"


def _is_open(record: Attestation) -> bool:
    """A yes that does not answer the question's checklist."""
    question = question_of(record.article)
    return question is not None and record.answer and not question.bears_out(record.ticks)


def _answer_tone(row: AnswerLine) -> str:
    if row.record is None:
        return "" if row.kind is DueKind.CONFIRMATION else "warn"
    return "warn" if _is_open(row.record) else "" if row.record.answer else "bad"


def _question(record: Attestation) -> str:
    """The question it answers: the same in every edition that asks it."""
    question = answered_by(record)
    return question.name if question else record.article
