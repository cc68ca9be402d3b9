"""`muster check`: run the checks on the evidence at hand."""

import click

from inventory.console import Session, format_option, pass_session, print_rows
from inventory.exits import UsageFault
from inventory.language import N_, _

OUTCOMES = {
    "pass": N_("pass"),
    "fail": N_("fail"),
    "not-applicable": N_("not applicable"),
    "unknown": N_("unknown"),
    "error": N_("error"),
}


@click.command()
@click.argument("words", nargs=-1, metavar="[run|list] [CHECK]...")
@click.option("--device", "devices", multiple=True, metavar="ID", help="Only this device (repeatable).")
@click.option("--each", is_flag=True, help="List every result, not only how many of each outcome.")
@format_option
@pass_session
def check(
    session: Session, words: tuple[str, ...], devices: tuple[str, ...], each: bool, form: str
) -> None:
    """Judge what was observed, check by check; no packet is sent.

    CHECKs name what to run (all of them by default); `muster check list` shows them. Each device gets pass,
    fail, not applicable, unknown or error. The table counts them; --each, --device and the other forms list
    every result with its reason and the day it expires.
    """
    from agent.checks import CHECKS

    verb, names = (words[0], words[1:]) if words[:1] in (("run",), ("list",)) else ("run", words)
    if verb == "list":
        if names or devices:
            raise UsageFault(_("`muster check list` takes no further words"))
        rows = [{"check": known.name, "title": _(known.title)} for known in CHECKS]
        print_rows(rows, {"check": _("Check"), "title": _("Title")}, form)
        return
    _run(session, names, devices, summary=form == "table" and not each and not devices, form=form)


def _run(
    session: Session, names: tuple[str, ...], devices: tuple[str, ...], *, summary: bool, form: str
) -> None:
    from agent.checks.runner import chosen
    from agent.service.assess import CheckRun
    from agent.service.assess import check as run_checks
    from inventory.register import Register
    from inventory.types import CheckOutcome, SystemClock

    checks = chosen(names)
    clock = SystemClock()
    with Register.open(session.register_place, clock, create=False) as register:
        done: CheckRun = run_checks(register, session.settings, clock, checks=checks, devices=devices)
        labels = {device.id: device.label for device in register.devices()}
    if summary:
        rows: list[dict[str, object]] = [
            {
                "check": each.name,
                **{outcome.value: done.counts.get((each.name, outcome), 0) for outcome in CheckOutcome},
            }
            for each in checks
        ]
        print_rows(rows, {"check": _("Check"), **{word: _(shown) for word, shown in OUTCOMES.items()}}, form)
        return
    plain = form == "json"
    rows = [
        {
            "device": result.device,
            "label": labels.get(result.device, ""),
            "check": result.check,
            "outcome": result.outcome.value if plain else _(OUTCOMES[result.outcome]),
            "reason": result.reason,
            "expires": result.expires.date().isoformat() if result.expires else "",
            **({"facts": dict(result.facts), "evidence": list(result.evidence)} if plain else {}),
        }
        for result in done.results
    ]
    headings = {
        "device": _("Device"),
        "label": _("Name"),
        "check": _("Check"),
        "outcome": _("Outcome"),
        "reason": _("Reason"),
        "expires": _("Expires"),
    }
    print_rows(rows, headings, form)
