"""`muster attest`: what only people can answer, signed and dated, with evidence by its hash."""

import hashlib
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import click

from inventory.cli.options import DAY
from inventory.console import Session, format_option, pass_session, print_rows
from inventory.exits import UsageFault
from inventory.language import _
from inventory.questions import ITEMS, QUESTIONS, Question, question_of
from inventory.records import TICKS, months_later
from inventory.types import Attestation, SystemClock, Tick, Ticked, today

_SHORT = {"n/a": Tick.NOT_APPLICABLE, "na": Tick.NOT_APPLICABLE}


@click.group()
def attest() -> None:
    """Sign what only people can answer."""


@attest.command("add")
@click.argument("article")
@click.option("--answer", type=click.Choice(["yes", "no"]), help="Is it so?")
@click.option(
    "--item",
    "said",
    multiple=True,
    metavar="ITEM=yes|no|n/a[:NOTE]",
    help="One item of the question's checklist (repeatable); asked for at a terminal.",
)
@click.option("--device", default="", help="For one device (the whole firm without).")
@click.option("--signer", default="", help="Who signs (you without).")
@click.option("--evidence", type=click.Path(path_type=Path), help="A file; its name and SHA-256 are kept.")
@click.option("--note", default="", help="Where the evidence lies, in words.")
@click.option("--signed", type=DAY, help="The day of signing (today without).")
@click.option("--next", "next_due", type=DAY, help="When it must be answered again (by its cycle without).")
@pass_session
def add(  # noqa: PLR0917 - click passes by name
    session: Session,
    article: str,
    answer: str | None,
    said: tuple[str, ...],
    device: str,
    signer: str,
    evidence: Path | None,
    note: str,
    signed: date | None,
    next_due: date | None,
) -> None:
    """Answer what ARTICLE asks: a number (22), PACK/NUMBER (twse/m-b) or a question's word (training).

    Where the question has a checklist (`muster attest questions`), the answer follows from its items: yes
    only where each is so, or does not apply for a reason.
    """
    clock = SystemClock()
    question = question_of(article.strip())
    if question is None:
        reason = _("{article} asks people nothing; `muster attest questions` lists what is asked")
        raise UsageFault(reason.format(article=article))
    ticks = tuple(_ticked(each) for each in said) or (_asked(question) if answer is None else ())
    on = signed or today(clock)
    if on > today(clock):
        reason = _("{on} has not come yet; today is {today} (UTC)")
        raise UsageFault(reason.format(on=on, today=today(clock)))
    again = months_later(on, question.months) if question.months else None
    if next_due and again and next_due > again:
        reason = _("{question} is to be answered again by {day}: --next cannot be later")
        raise UsageFault(reason.format(question=question.words, day=again))
    with session.opened(clock) as register:
        record = Attestation(
            id="",
            article=article.strip(),
            device=register.device(device).id if device else "",
            answer=_answer(question, answer, ticks),
            signer=signer.strip() or session.operator,
            signed=on,
            evidence=" ".join(part for part in (note.strip(), _hashed(evidence)) if part),
            next_due=next_due or again,
            ticks=ticks,
        )
        record = register.add_attestation(record, session.operator)
    line = _("{record} is in the register: {answer}")
    click.echo(line.format(record=record.id, answer=_(TICKS[Tick.YES if record.answer else Tick.NO])))
    if record.answer and not record.device and question.about == "devices":
        click.echo(_("It is said of the devices that were known by {day}.").format(day=on), err=True)


@attest.command("questions")
@format_option
@pass_session
def list_questions(session: Session, *, form: str) -> None:  # noqa: ARG001 - its settings set the language
    """List what people are asked, how often, and what each checklist holds."""
    rows = [
        {
            "question": one.name,
            "articles": list(one.articles),
            "months": one.months,
            "item": item.name if item else "",
            "words": item.words if item else one.words,
        }
        for one in QUESTIONS
        for item in (None, *one.items)
    ]
    if form == "table":
        rows = [row | {"question": "", "articles": "", "months": ""} if row["item"] else row for row in rows]
    headings = {
        "question": _("Question"),
        "articles": _("Articles"),
        "months": _("Months"),
        "item": _("Item"),
        "words": _("What"),
    }
    print_rows(rows, headings, form)


@attest.command("list")
@click.option("--article", help="Only answers to this article or question.")
@format_option
@pass_session
def list_attestations(session: Session, *, article: str | None, form: str) -> None:
    """List what was signed, in order of signing."""
    with session.opened(SystemClock()) as register:
        found = [one for one in register.attestations() if article in (None, one.article)]
    rows = [
        {
            "id": one.id,
            "article": one.article,
            "device": one.device,
            "answer": one.answer if form == "json" else _("yes") if one.answer else _("no"),
            "signer": one.signer,
            "signed": one.signed.isoformat(),
            "next_due": one.next_due.isoformat() if one.next_due else "",
            "evidence": one.evidence,
            "items": [
                {"item": tick.item, "answer": tick.answer.value, "note": tick.note} for tick in one.ticks
            ]
            if form == "json"
            else [_told(tick) for tick in one.ticks],
        }
        for one in found
    ]
    headings = {
        "id": _("Record"),
        "article": _("Article"),
        "device": _("Device"),
        "answer": _("Answer"),
        "items": _("Checklist"),
        "signer": _("Signed by"),
        "signed": _("Signed"),
        "next_due": _("Due again"),
        "evidence": _("Evidence"),
    }
    print_rows(rows, headings, form)


def _answer(question: Question, answer: str | None, ticks: Sequence[Ticked]) -> bool:
    """What is signed: a plain no needs no list, a yes where there is a list needs all of it."""
    if answer == "no" and not ticks:
        return False
    if not question.items:
        if ticks or answer is None:
            raise UsageFault(
                _("{question} has no checklist: --answer yes or no").format(question=question.words)
            )
        return answer == "yes"
    concluded = question.concluded(ticks)
    if answer is not None and concluded != (answer == "yes"):
        raise UsageFault(_("--answer {answer} is not what the items come to").format(answer=answer))
    return concluded


def _ticked(written: str) -> Ticked:
    """`update-period=n/a:leased` as a tick; UsageFault where it is none."""
    name, _equals, rest = written.partition("=")
    answer, _colon, note = rest.partition(":")
    try:
        word = answer.strip().lower()
        return Ticked(name.strip(), _SHORT.get(word) or Tick(word), note.strip())
    except ValueError:
        raise UsageFault(_("{text}: write ITEM=yes, ITEM=no or ITEM=n/a:why").format(text=written)) from None


def _asked(question: Question) -> tuple[Ticked, ...]:
    """The checklist, asked item by item at a terminal."""
    if not sys.stdin.isatty():
        return ()
    return tuple(_asked_each(question))


def _asked_each(question: Question) -> Iterator[Ticked]:
    for item in question.items:
        word = click.prompt(item.words, type=click.Choice(["yes", "no", "n/a"]))
        answer = _SHORT.get(word) or Tick(word)
        why = click.prompt(_("Why")) if answer is Tick.NOT_APPLICABLE else ""
        yield Ticked(item.name, answer, why.strip())


def _told(tick: Ticked) -> str:
    item = ITEMS.get(tick.item)
    said = f"{item.words if item else tick.item}: {_(TICKS[tick.answer])}"
    return f"{said} ({tick.note})" if tick.note else said


def _hashed(evidence: Path | None) -> str:
    """The file's name and digest, so that it can be told from any other later."""
    if evidence is None:
        return ""
    try:
        with evidence.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
    except OSError as error:
        text = _("{place} cannot be read: {reason}")
        raise UsageFault(text.format(place=evidence, reason=error.strerror)) from error
    return f"{evidence.name} sha256:{digest}"
