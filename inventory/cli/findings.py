"""`muster findings`: what was found wrong, and until when."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from inventory.cli.options import DAY, seen_option
from inventory.cli.portrait import moment
from inventory.console import Session, format_option, pass_session, print_rows, say
from inventory.exits import UsageFault
from inventory.language import N_, _, is_chinese
from inventory.names import called
from inventory.types import Finding, FindingState, SystemClock

if TYPE_CHECKING:
    from inventory.register import Register


_FOLLOWED = {"assignee": N_("Assigned to"), "due": N_("Due")}


@click.group()
def findings() -> None:
    """List what was found wrong, and until when."""


@findings.command("list")
@click.option("--article", help="Only this article (24, CC-14000 …).")
@click.option(
    "--state",
    type=click.Choice([state.value for state in FindingState]),
    help="Only findings in this state; without it, all that are not resolved.",
)
@click.option("--device", "device_id", help="Only this device (its id, or the beginning of it).")
@format_option
@pass_session
def list_findings(
    session: Session, *, article: str | None, state: str | None, device_id: str | None, form: str
) -> None:
    """List findings, the soonest due first."""
    with session.opened(SystemClock()) as register:
        found = register.findings(
            state=FindingState(state) if state else None, article=article, device=device_id
        )
        wanted = [one for one in found if state or one.state is not FindingState.RESOLVED]
        devices = register.by_id({one.device for one in wanted})
        is_judged = bool(register.articles())
        last_said = {said.finding: f"{said.by}: {said.text}" for said in register.comments()}
    rows = [_row(one, devices[one.device].label) | {"said": last_said.get(one.id, "")} for one in wanted]
    headings = {
        "id": _("Finding"),
        "pack": _("Pack"),
        "article": _("Article"),
        "severity": _("Severity"),
        "state": _("State"),
        "due": _("Due"),
        "assignee": _("Assigned to"),
        "device": _("Device"),
        "label": _("What"),
        "reason": _("Reason"),
        "said": _("Last said"),
    }
    print_rows(rows, headings, form)
    if form == "table" and not is_judged:
        say(_("nothing has been assessed yet: run `muster assess` first"), err=True)


@findings.command("show")
@click.argument("finding_id")
@format_option
@pass_session
def show(session: Session, finding_id: str, form: str) -> None:
    """Show one finding with its remedy and its history; FINDING_ID may be the beginning of an id."""
    with session.opened(SystemClock()) as register:
        found = _one(register, finding_id)
        label = register.device(found.device).label
        told = [
            {"at": moment(said.at, form), "by": said.by, "text": said.text}
            for said in register.comments(found.id)
        ]
        seen_to = [
            {"at": moment(entry.at, form), "by": entry.by, "text": _followed(entry.detail)}
            for entry in register.audit(found.id)
            if not entry.detail.keys().isdisjoint(_FOLLOWED)
        ]
        about = f"finding {found.pack} {found.article} {found.rule}"
        states = [
            {
                "at": moment(change.at, form),
                "by": change.source.removeprefix("person:"),
                "state": change.after,
            }
            for change in register.history(found.device)
            if change.what == about
        ]
    row = _row(found, label)
    if form == "json":
        print_rows([{**row, "states": states, "assigned": seen_to, "comments": told}], {}, form)
        return
    names = {
        "id": _("Finding"),
        "device": _("Device"),
        "label": _("What"),
        "pack": _("Pack"),
        "article": _("Article"),
        "rule": _("Rule"),
        "state": _("State"),
        "severity": _("Severity"),
        "opened": _("Opened"),
        "last_judged": _("Last judged"),
        "due": _("Due"),
        "assignee": _("Assigned to"),
        "resolved": _("Resolved"),
        "reason": _("Reason"),
        "remedy": _("Remedy"),
    }
    lines = [{"what": heading, "value": row[key]} for key, heading in names.items() if row[key]]
    history = [(one["at"], one["by"], called(FindingState(one["state"]))) for one in states]
    history += [(one["at"], one["by"], one["text"]) for one in (*seen_to, *told)]
    lines += [{"what": f"{at} {by}", "value": text} for at, by, text in sorted(history)]
    print_rows(lines, {"what": _("Field"), "value": _("Value")}, form)


@findings.command("assign")
@click.argument("finding_id")
@click.argument("assignee")
@click.option("--due", type=DAY, help="Another day it is due.")
@seen_option
@pass_session
def assign(
    session: Session, finding_id: str, assignee: str, due: date | None, *, seen: datetime | None
) -> None:
    """Say who sees to a finding, and until when; it stays open until a check shows it is mended."""
    with session.opened(SystemClock(), seen=seen) as register:
        found = _one(register, finding_id)
        register.follow_up(found.id, session.operator, assignee=assignee.strip(), due=due)
    line = _("{finding} is with {person}, due {day}")
    click.echo(line.format(finding=found.id, person=assignee, day=due or found.due))


@findings.command("comment")
@click.argument("finding_id")
@click.argument("text")
@pass_session
def comment(session: Session, finding_id: str, text: str) -> None:
    """Say something of a finding; `muster findings show` lists it."""
    if not text.strip():
        raise UsageFault(_("a comment needs words"))
    with session.opened(SystemClock()) as register:
        found = _one(register, finding_id)
        register.follow_up(found.id, session.operator, comment=text.strip())
    click.echo(_("{record} is in the register").format(record=found.id))


def _followed(said: Mapping[str, str]) -> str:
    """Who was to see to it, and until when, as it was said then."""
    return " · ".join(f"{_(title)}: {said[key]}" for key, title in _FOLLOWED.items() if said.get(key))


def _one(register: "Register", finding_id: str) -> Finding:
    """The finding whose id begins so; UsageFault where there is none, or several."""
    found = [one for one in register.findings() if one.id.startswith(finding_id)]
    if not found:
        raise UsageFault(_("there is no finding {id}; see `muster findings list`").format(id=finding_id))
    if len(found) > 1 and found[0].id != finding_id:
        ids = ", ".join(one.id for one in found[:5])
        raise UsageFault(_("{text} may be {ids}: give more of the id").format(text=finding_id, ids=ids))
    return found[0]


def _row(finding: Finding, label: str) -> dict[str, str]:
    chinese = is_chinese()
    return {
        "id": finding.id,
        "device": finding.device,
        "label": label,
        "pack": finding.pack,
        "article": finding.article,
        "rule": finding.rule,
        "state": finding.state,
        "severity": finding.severity,
        "opened": finding.opened.isoformat(),
        "last_judged": finding.last_judged.isoformat(),
        "due": finding.due.isoformat(),
        "assignee": finding.assignee,
        "resolved": finding.resolved.isoformat() if finding.resolved else "",
        "reason": finding.reason_zh if chinese else finding.reason_en,
        "remedy": finding.remedy_zh if chinese else finding.remedy_en,
    }
