"""The forms in which people sign what only they can answer: which question, then its checklist."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from functools import partial

from rich.text import Text

from inventory.exits import UsageFault
from inventory.language import N_, _
from inventory.questions import QUESTIONS, Item, Question, question_of
from inventory.records import TICKS, months_later
from inventory.types import Attestation, Tick, Ticked
from tui import words
from tui.dialogs.form import Field, Form

Asked = tuple[str, str]  # the article or question, and the device ("" is the firm)
_YES_OR_NO = {tick.value: TICKS[tick] for tick in (Tick.YES, Tick.NO)}


def question_form(devices: Sequence[str]) -> Form[Asked]:
    """A form that gives a question's word and a device's id, as typed; the firm where none is named."""
    titles = {question.name: question.words for question in QUESTIONS}

    def asked(text: str) -> str:
        named = next((name for name, title in titles.items() if text.strip() == title), text.strip())
        if question_of(named) is None:
            raise UsageFault(_("{article} asks people nothing").format(article=text))
        return named

    async def take(said: Mapping[str, str]) -> Asked:
        if not said.get("question"):
            raise UsageFault(_("say which question"))
        return asked(said["question"]), said.get("device", "")

    fields = [
        Field("question", partial(_, N_("Question")), "", tuple(titles.values()), check=asked),
        Field("device", partial(_, N_("Device")), "", tuple(devices), open_list=True),
    ]
    return Form(
        partial(Text, _("Which question is answered; for the firm where no device is named"), "bold"),
        fields,
        take,
    )


def answer_form(
    question: Question,
    about: str,
    signer: str,
    people: Sequence[str],
    *,
    today: date,
    save: Callable[[Attestation], Awaitable[Attestation]],
) -> Form[Attestation]:
    """A form over one question: an answer for each item of its checklist, or yes or no where it has none.

    It gives what `save` made of an Attestation whose id, article and device are still open.
    """
    again = months_later(today, question.months) if question.months else None
    fields = [
        *(_item_field(number, item) for number, item in enumerate(question.items, start=1)),
        *([] if question.items else [_answer_field()]),
        Field("signer", partial(_, N_("Signed by")), signer, tuple(people), open_list=True),
        Field("evidence", partial(_, N_("Evidence"))),
        Field("due", partial(_, N_("Due again")), words.day(again) if again else "", check=words.day_typed),
    ]

    async def take(said: Mapping[str, str]) -> Attestation:
        ticks = tuple(_tick(item.name, said[item.name]) for item in question.items if said.get(item.name))
        if not question.items and not said.get("answer"):
            raise UsageFault(_("answer {yes} or {no}").format(yes=_(TICKS[Tick.YES]), no=_(TICKS[Tick.NO])))
        so = question.concluded(ticks) if question.items else _yes_or_no(said["answer"])
        due = said.get("due", words.day(again) if again else "")
        return await save(
            Attestation(
                id="",
                article="",
                device="",
                answer=so,
                signer=said.get("signer", signer),
                signed=today,
                evidence=said.get("evidence", ""),
                next_due=words.day_typed(due) if due else None,
                ticks=ticks,
            )
        )

    def title() -> Text:
        text = Text(f"{question.words}\n", "bold").append(f"{about}\n", "not bold")
        for number, item in enumerate(question.items, start=1):
            text.append(f"{number} {item.words}\n", "not bold")
        return text

    return Form(title, fields, take, draft=f"answer {question.name} {about}")


def _item_field(number: int, item: Item) -> Field:
    said = (
        *(_(title) for title in TICKS.values() if title != TICKS[Tick.NOT_APPLICABLE]),
        _("not applicable: "),
    )
    return Field(
        item.name, lambda: f"{number} {item.words}", "", said, open_list=True, check=partial(_tick, item.name)
    )


def _answer_field() -> Field:
    return Field("answer", partial(_, N_("Answer")), "", words.titles(_YES_OR_NO), check=_yes_or_no)


def _yes_or_no(text: str) -> bool:
    return words.word_typed(_YES_OR_NO, text) == Tick.YES


def _tick(item: str, text: str) -> Ticked:
    """`yes`, `no` or `not applicable: why` as a tick; a first letter of yes and no will do."""
    word, _colon, note = text.replace("：", ":").partition(":")
    word = word.strip().casefold()
    known = {each.value: title for each, title in TICKS.items()}
    short = {"y": Tick.YES, "n": Tick.NO, "n/a": Tick.NOT_APPLICABLE}.get(word)
    answer = short or Tick(words.word_typed(known, word))
    if answer is Tick.NOT_APPLICABLE and not note.strip():
        raise UsageFault(_("say why it does not apply, after a colon"))
    return Ticked(item, answer, note.strip())
