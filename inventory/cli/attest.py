"""`muster attest`: what only people can answer, signed and dated, with evidence by its hash."""

import hashlib
from datetime import datetime
from pathlib import Path

import click

from inventory.console import Session, format_option, pass_session, print_rows
from inventory.exits import UsageFault
from inventory.language import _
from inventory.records import next_id
from inventory.types import Attestation, SystemClock, today

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def attest() -> None:
    """Sign what only people can answer."""


@attest.command("add")
@click.argument("article")
@click.option("--answer", type=click.Choice(["yes", "no"]), required=True, help="Is it so?")
@click.option("--device", default="", help="For one device (the whole firm without).")
@click.option("--signer", default="", help="Who signs (you without).")
@click.option("--evidence", type=click.Path(path_type=Path), help="A file; its name and SHA-256 are kept.")
@click.option("--note", default="", help="Where the evidence lies, in words.")
@click.option("--signed", type=_DAY, help="The day of signing (today without).")
@click.option("--next", "next_due", type=_DAY, help="When it must be answered again.")
@pass_session
def add(  # noqa: PLR0917 - click passes by name
    session: Session,
    article: str,
    answer: str,
    device: str,
    signer: str,
    evidence: Path | None,
    note: str,
    signed: datetime | None,
    next_due: datetime | None,
) -> None:
    """Answer what ARTICLE asks: a number (22), PACK/NUMBER (twse/m-b) or a duty (training)."""
    clock = SystemClock()
    with session.opened(clock) as register:
        record = Attestation(
            id=next_id("attest", today(clock), {one.id for one in register.attestations()}),
            article=article.strip(),
            device=register.device(device).id if device else "",
            answer=answer == "yes",
            signer=signer.strip() or session.operator,
            signed=signed.date() if signed else today(clock),
            evidence=" ".join(part for part in (note.strip(), _hashed(evidence)) if part),
            next_due=next_due.date() if next_due else None,
        )
        register.add_attestation(record, session.operator)
    click.echo(_("{record} is in the register").format(record=record.id))


@attest.command("list")
@click.option("--article", help="Only answers to this article or duty.")
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
        }
        for one in found
    ]
    headings = {
        "id": _("Record"),
        "article": _("Article"),
        "device": _("Device"),
        "answer": _("Answer"),
        "signer": _("Signed by"),
        "signed": _("Signed"),
        "next_due": _("Due again"),
        "evidence": _("Evidence"),
    }
    print_rows(rows, headings, form)


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
