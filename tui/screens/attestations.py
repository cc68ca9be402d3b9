"""Attestations: what people signed, by article, and what is due to be signed again."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.binding import Binding, BindingType

from inventory.exits import UsageFault
from inventory.language import N_, _, ngettext
from inventory.types import Article, Attestation, Attribute
from tui import words
from tui.dialogs.form import Field, Form
from tui.list_page import ListPage
from tui.widgets.columns import Column

if TYPE_CHECKING:
    from inventory.register import Register

_SOON = timedelta(days=30)
_YES, _NO = N_("yes"), N_("no")


class Attestations(ListPage[Attestation]):
    """The calendar: what is due soonest stands first; `n` signs an answer."""

    NAME: ClassVar[str] = "attestations"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("n", "sign", N_("Sign an answer"))]
    CALLS: ClassVar[dict[str, str]] = {"sign": "add_attestation"}

    def rows(self, register: "Register") -> Sequence[Attestation]:
        """The latest answer to each question, soonest due again first."""
        latest = {(each.article, each.device): each for each in register.attestations()}
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
        """Signs an answer about the device looked at last, or about the firm where none is named."""
        known = await self.ask(
            lambda register: (
                register.articles(),
                register.names(Attribute.OWNER),
                len(register.attestations()),
            )
        )
        if known is None:
            return
        articles, people, count = known
        row = self.row
        form = Form(
            partial(Text, _("A signed answer"), "bold"),
            [
                Field(
                    "article", partial(_, N_("Article")), row.article if row else "",
                    tuple(dict.fromkeys(article.number for article in articles)),
                ),
                Field("device", partial(_, N_("Device")), row.device if row else self.muster.device_id),
                Field("answer", partial(_, N_("Answer")), "", (_(_YES), _(_NO)), check=_yes_or_no),
                Field("signer", partial(_, N_("Signed by")), self.muster.operator, people, open_list=True),
                Field("evidence", partial(_, N_("Evidence"))),
                Field("due", partial(_, N_("Due again")), check=words.day_typed),
            ],
            partial(self._save, f"attest-{self.muster.today.year}-{count + 1:03}", row),
            draft="attestation",
        )  # fmt: skip
        await self.fill_in(form, lambda saved: _("{record} is in the register").format(record=saved.id))

    async def _save(self, name: str, row: Attestation | None, said: Mapping[str, str]) -> Attestation:
        operator, today = self.muster.operator, self.muster.today
        before = {
            "article": row.article if row else "",
            "device": row.device if row else self.muster.device_id,
        }

        def store(register: "Register") -> Attestation:
            article, device = (said.get(key, before[key]) for key in ("article", "device"))
            if not article or "answer" not in said:
                raise UsageFault(_("an answer needs its article, and yes or no"))
            signed = Attestation(
                id=name,
                article=article,
                device=register.device(device).id if device else "",
                answer=_yes_or_no(said["answer"]),
                signer=said.get("signer", operator),
                signed=today,
                evidence=said.get("evidence", ""),
                next_due=words.day_typed(said["due"]) if said.get("due") else None,
            )
            register.add_attestation(signed, operator)
            return signed

        return await self.muster.desk.ask(store)

    def _due(self, row: Attestation) -> str:
        if row.next_due is None:
            return words.sign("–")
        return f"{words.day(row.next_due)} !" if row.next_due < self.muster.today else words.day(row.next_due)

    def _tone(self, row: Attestation) -> str:
        if row.next_due is None or row.next_due >= self.muster.today + _SOON:
            return ""
        return "bad" if row.next_due < self.muster.today else "warn"


def _known(register: "Register") -> tuple[tuple[Article, ...], tuple[str, ...], int]:
    """The articles there are, the people, and how many answers are signed."""
    return register.articles(), register.names(Attribute.OWNER), len(register.attestations())


def _about(row: Attestation) -> str:
    return words.printable(row.device) or _("the firm")


def _answer(row: Attestation) -> str:
    return f"{words.sign('✔')} {_(_YES)}" if row.answer else f"{words.sign('✘')} {_(_NO)}"


def _yes_or_no(text: str) -> bool:
    typed = text.strip().casefold()
    if typed in {"yes", "y", _(_YES).casefold()}:
        return True
    if typed in {"no", "n", _(_NO).casefold()}:
        return False
    raise UsageFault(_("answer {yes} or {no}").format(yes=_(_YES), no=_(_NO)))
