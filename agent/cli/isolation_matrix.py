"""`muster isolation matrix`: expected against measured."""

import sys
from typing import TYPE_CHECKING

import click

from inventory.console import Session, format_option, pass_session, print_rows
from inventory.exits import Exit
from inventory.language import N_, _
from inventory.names import called

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inventory.register import Register
    from inventory.types import Crossing

MEANT = {
    "allowed": N_("allowed"),
    "denied": N_("denied"),
    "lapsed": N_("lapsed"),
    "unsaid": N_("unsaid"),
}
_STANDINGS = {
    "leak": N_("open, and must not be"),
    "middlebox": N_("somebody else answers"),
    "not-tested": N_("not tested"),
    "closed-hole": N_("closed, though meant to pass"),
    "open-unsaid": N_("open, nothing said of it"),
    "as-meant": N_("as meant"),
}


@click.command()
@click.option("--all", "everything", is_flag=True, help="Also what is as it is meant.")
@format_option
@pass_session
def matrix(session: Session, everything: bool, form: str) -> None:
    """Show expected against measured; ends with code 10 where something passes that must not."""
    from inventory.register import Register
    from inventory.types import SystemClock

    with Register.open(session.register_place, SystemClock(), create=False) as register:
        leaks = show(session, register, register.crossings(), form, everything=everything)
    if leaks:
        sys.exit(Exit.FINDINGS)


def show(
    session: Session,
    register: "Register",
    crossings: "Sequence[Crossing]",
    form: str,
    *,
    everything: bool = True,
) -> int:
    """Prints the ways and how they stand; how many leak."""
    from agent.isolation.matrix import Standing
    from agent.service.isolation import measured
    from inventory.types import SystemClock

    found = measured(register, session.settings, SystemClock().now())
    wanted = {one.way for one in crossings}
    cells = [cell for cell in found.cells() if cell.crossing.way in wanted]
    leaks = sum(cell.standing is Standing.LEAK for cell in cells)
    shown = [cell for cell in cells if everything or cell.standing is not Standing.AS_MEANT]
    plain = form == "json"
    rows: list[dict[str, object]] = []
    for cell in shown:
        one, hole = cell.crossing, cell.expectation.hole
        rows.append(
            {
                "site": one.site,
                "from": one.source,
                "to": one.target,
                "ip": one.ip,
                "service": one.service,
                "family": one.family,
                "expected": cell.expectation.meant.value if plain else _(MEANT[cell.expectation.meant]),
                "measured": one.state.value if plain else called(one.state),
                "standing": cell.standing.value if plain else _(_STANDINGS[cell.standing]),
                "why": hole.reason if hole else "",
                "until": hole.until.isoformat() if hole and hole.until else "",
                "at": one.at.isoformat(timespec="seconds"),
                "reason": _(one.reason) if one.reason and not plain else one.reason,
            }
        )
    headings = {
        "from": _("From segment"),
        "to": _("To"),
        "ip": _("Device"),
        "service": _("Service"),
        "family": "IP",
        "expected": _("Expected"),
        "measured": _("Measured"),
        "standing": _("Standing"),
        "reason": _("Reason"),
    }
    print_rows(_together(rows) if form == "table" else rows, headings, form)
    text = _("{count} ways measured; {leaks} open that must not be")
    click.echo(text.format(count=len(cells), leaks=leaks), err=True)
    return leaks


def _together(rows: "Sequence[dict[str, object]]") -> "list[dict[str, object]]":
    """One row where only the devices differ: a table is for reading."""
    alike: dict[tuple[object, ...], list[dict[str, object]]] = {}
    for row in rows:
        one_each = {key: value for key, value in row.items() if key not in ("ip", "at")}
        alike.setdefault((bool(row["ip"]), *one_each.values()), []).append(row)
    text = _("{first} and {count} more")
    return [
        one | {"ip": text.format(first=one["ip"], count=len(others)) if others else one["ip"]}
        for one, *others in alike.values()
    ]
