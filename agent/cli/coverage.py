"""`muster coverage`: declared, leased, in tables, answering; and by name whoever is known and silent."""

import click

from inventory.console import Session, format_option, pass_session, print_rows, say
from inventory.coverage_words import details_of
from inventory.language import _
from inventory.networks import is_countable, size


@click.command()
@format_option
@pass_session
def coverage(session: Session, form: str) -> None:
    """Say of each network in scope how many addresses are known and in which way.

    Named one by one is who is declared, leased or in a router's or switch's table and did not answer, whom
    nobody may probe, and who is probed all the same, with the reason.
    """
    from agent.service.topology import standing
    from inventory.register import Register
    from inventory.types import SystemClock, today

    clock = SystemClock()
    on = today(clock)
    with Register.open(session.register_place, clock) as register, register.reading() as now:
        stated = standing(now.scopes(), now.iter_devices(), now.all_observations(), on)
    rows = [
        {
            "network": one.scope.network,
            "site": one.scope.site,
            "segment": one.scope.segment,
            "addresses": size(one.scope.network) if is_countable(one.scope.network) else None,
            "known": one.known.known,
            "declared": one.known.declared,
            "leased": one.known.leased,
            "in_tables": one.known.in_tables,
            "answering": one.known.answering,
            "left_alone": list(one.known.left_alone),
            "exempt": [
                {
                    "subject": each.subject,
                    "reason": each.reason,
                    "by": each.by,
                    "until": each.until.isoformat() if each.until else None,
                }
                for each in one.known.exempt
            ],
            "unanswered": [{"ip": each.ip, "known_by": list(each.known_by)} for each in one.known.unanswered],
        }
        for one in stated
    ]
    columns = {
        "network": _("Network"),
        "segment": _("Segment"),
        "addresses": _("Addresses"),
        "known": _("Known"),
        "declared": _("Declared"),
        "leased": _("Leased"),
        "in_tables": _("In tables"),
        "answering": _("Answering"),
    }
    print_rows(rows, columns, form)
    if form == "table":
        for one in stated:
            for line in details_of(one.scope.network, one.known):
                say(line)
