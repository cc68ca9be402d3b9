"""What only people can answer: the questions, their checklists, and how a record names its question.

A record's `article` names it by its own word (`training`), as `PACK/NUMBER` (`twse/m-b`), or by a bare number
of the guideline's edition in force. A confirmation of the register names an article too, and answers none.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from inventory import strict_yaml
from inventory.exits import UsageFault
from inventory.language import _, is_chinese
from inventory.records import months_later
from inventory.types import CONFIRMATION, Attestation, Tick, Ticked

CURRENT_GUIDELINE = "guideline-2024"


class Item(BaseModel):
    """One item of a checklist."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z][a-z-]*$")]
    en: str
    zh: str

    @property
    def words(self) -> str:
        """The item in the language in force."""
        return self.zh if is_chinese() else self.en


class Question(BaseModel):
    """One question put to people, the articles it belongs to, how often it is put, and its checklist.

    `about`: what the firm signs of devices is said of those it knows that day, not of any found later.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
    en: str
    zh: str
    articles: Annotated[tuple[str, ...], Field(min_length=1)]
    about: Literal["firm", "devices"] = "firm"
    months: Annotated[int, Field(ge=1)] | None = None
    items: tuple[Item, ...] = ()

    @property
    def words(self) -> str:
        """The question in the language in force."""
        return self.zh if is_chinese() else self.en

    def concluded(self, ticks: Iterable[Ticked]) -> bool:
        """What the ticks come to: true where no item is answered no; UsageFault where they do not settle it.

        Each item is answered once; what does not apply says why, and not every item can be such a one.
        """
        said = {tick.item: tick for tick in ticks}
        missing = [item for item in self.items if item.name not in said]
        unknown = said.keys() - {item.name for item in self.items}
        if missing or unknown:
            reason = _("{question} asks for an answer to each of: {items}")
            raise UsageFault(reason.format(question=self.words, items=", ".join(i.name for i in self.items)))
        silent = [tick.item for tick in said.values() if tick.answer is Tick.NOT_APPLICABLE and not tick.note]
        if silent:
            raise UsageFault(_("say why {item} does not apply").format(item=silent[0]))
        if all(tick.answer is Tick.NOT_APPLICABLE for tick in said.values()):
            raise UsageFault(_("of a checklist something must apply"))
        return all(tick.answer is not Tick.NO for tick in said.values())

    def bears_out(self, ticks: Iterable[Ticked]) -> bool:
        """Whether a yes may rest on these ticks: they settle the whole checklist, or there is none."""
        if not self.items:
            return True
        try:
            return self.concluded(tuple(ticks))
        except UsageFault:
            return False


QUESTIONS: tuple[Question, ...] = strict_yaml.read(
    files("inventory") / "data" / "questions.yaml", TypeAdapter(tuple[Question, ...])
)
ITEMS: Mapping[str, Item] = {item.name: item for question in QUESTIONS for item in question.items}
"""Every item of every checklist by its name, which no other has."""

_NAMED = {name: question for question in QUESTIONS for name in (question.name, *question.articles)}


def question_of(article: str) -> Question | None:
    """The question that a record of this article answers; None where there is none."""
    return _NAMED.get(article) or _NAMED.get(f"{CURRENT_GUIDELINE}/{article}")


def due_again(record: Attestation) -> date | None:
    """The day by which it must be signed again: the record's own, or where sooner its question's cycle."""
    question = answered_by(record)
    by_cycle = months_later(record.signed, question.months) if question and question.months else None
    return min((day for day in (record.next_due, by_cycle) if day), default=None)


def answered_by(record: Attestation) -> Question | None:
    """The question this record answers; None for a confirmation, and for an article that asks none."""
    return None if record.id.startswith(CONFIRMATION) else question_of(record.article)
