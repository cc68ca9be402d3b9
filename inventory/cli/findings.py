"""`muster findings`: what was found wrong, and until when."""

import click

from inventory.console import Session, format_option, pass_session, print_rows
from inventory.exits import UsageFault
from inventory.language import _, is_chinese
from inventory.types import Finding, FindingState, SystemClock


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
    rows = [_row(one, devices[one.device].label) for one in wanted]
    headings = {
        "id": _("Finding"),
        "pack": _("Pack"),
        "article": _("Article"),
        "severity": _("Severity"),
        "state": _("State"),
        "due": _("Due"),
        "device": _("Device"),
        "label": _("What"),
        "reason": _("Reason"),
    }
    print_rows(rows, headings, form)


@findings.command("show")
@click.argument("finding_id")
@format_option
@pass_session
def show(session: Session, finding_id: str, form: str) -> None:
    """Show one finding with its remedy; FINDING_ID may be the beginning of an id."""
    with session.opened(SystemClock()) as register:
        found = [one for one in register.findings() if one.id.startswith(finding_id)]
        if not found:
            raise UsageFault(_("there is no finding {id}; see `muster findings list`").format(id=finding_id))
        if len(found) > 1 and found[0].id != finding_id:
            ids = ", ".join(one.id for one in found[:5])
            raise UsageFault(_("{text} may be {ids}: give more of the id").format(text=finding_id, ids=ids))
        label = register.device(found[0].device).label
    row = _row(found[0], label)
    if form == "json":
        print_rows([row], {}, form)
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
        "resolved": _("Resolved"),
        "reason": _("Reason"),
        "remedy": _("Remedy"),
    }
    lines = [{"what": heading, "value": row[key]} for key, heading in names.items() if row[key]]
    print_rows(lines, {"what": _("Field"), "value": _("Value")}, form)


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
        "resolved": finding.resolved.isoformat() if finding.resolved else "",
        "reason": finding.reason_zh if chinese else finding.reason_en,
        "remedy": finding.remedy_zh if chinese else finding.remedy_en,
    }
