"""`muster isolation rules`: the second opinion, from firewalls' configurations."""

import sys
from pathlib import Path

import click

from agent.cli.isolation_matrix import MEANT
from inventory.console import Session, format_option, pass_session, print_rows
from inventory.exits import Exit, UsageFault
from inventory.language import N_, _
from inventory.names import called_of

_RULINGS = {"pass": N_("lets pass"), "block": N_("blocks"), "unclear": N_("unclear")}


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--site", default="", help="The site (needed where scopes know several).")
@click.option(
    "--interface", "interfaces", multiple=True, metavar="NAME=SEGMENT", help="Which segment an interface is."
)
@click.option("--all", "everything", is_flag=True, help="Also what is blocked as it is meant to be.")
@format_option
@pass_session
def rules(  # noqa: PLR0917 - click passes by name
    session: Session,
    files: tuple[Path, ...],
    site: str,
    interfaces: tuple[str, ...],
    everything: bool,
    form: str,
) -> None:
    """Read firewalls' FILES, say what they would let pass, and where that contradicts the measured.

    nftables (JSON or text), iptables-save, Cisco IOS access lists and FortiOS are read. Nothing is
    sent. Ends with code 10 where something would pass that must not, or rules and measurement contradict.
    """
    from agent.isolation.rules.flow import Ruling
    from agent.isolation.rules.opinion import opinions
    from agent.isolation.rules.reading import read
    from agent.service.isolation import measured, networks_of
    from inventory.register import Register
    from inventory.types import CrossingState, SystemClock

    now = SystemClock().now()
    with Register.open(session.register_place, SystemClock(), create=False) as register:
        known = networks_of(register, site)
        found = measured(register, session.settings, now)
    names = {str(network): segment for segment, own in known.items() for network in own}
    names |= {segment: segment for segment in known}
    for text in interfaces:
        name, equals, segment = text.partition("=")
        if not equals or segment not in known:
            raise UsageFault(_("--interface {text}: give NAME=SEGMENT, a segment in scope").format(text=text))
        names[name] = segment
    rows: list[dict[str, object]] = []
    troubles, plain = 0, form == "json"
    for path in files:
        ways = [one for one in found.crossings if not site or one.site == site]
        for one in opinions(read(path, names), known, found.expected, ways, now.date()):
            wrong = one.ruling is not Ruling.BLOCK and one.meant in ("denied", "lapsed")
            troubles += one.contradicts or (wrong and one.ruling is Ruling.PASS)
            if everything or wrong or one.contradicts or one.ruling is not Ruling.BLOCK:
                rows.append(
                    {
                        "from": one.source,
                        "to": one.target,
                        "service": one.service,
                        "family": one.family,
                        "rules": one.ruling.value if plain else _(_RULINGS[one.ruling]),
                        "only": one.only,
                        "expected": one.meant if plain else _(MEANT[one.meant]),
                        "measured": one.measured if plain else called_of(CrossingState, one.measured),
                        "contradiction": one.contradicts if plain else _("yes") if one.contradicts else "",
                        "place": one.place,
                    }
                )
    headings = {
        "from": _("From segment"),
        "to": _("To"),
        "service": _("Service"),
        "family": "IP",
        "rules": _("Rules"),
        "only": _("Only"),
        "expected": _("Expected"),
        "measured": _("Measured"),
        "contradiction": _("Contradiction"),
        "place": _("Place"),
    }
    print_rows(rows, headings, form)
    if troubles:
        sys.exit(Exit.FINDINGS)
