"""`muster scope`: which networks may be looked at, and how far."""

from typing import TYPE_CHECKING

import click

from inventory.console import Session, format_option, pass_session, print_rows
from inventory.exits import UsageFault
from inventory.language import _
from inventory.networks import mac_address, scope_network, size, target_networks
from inventory.types import DeviceClass, Scope, SystemClock, Touch

if TYPE_CHECKING:
    from collections.abc import Callable


@click.group()
def scope() -> None:
    """Say which networks may be looked at, and how far."""


@scope.command("add")
@click.argument("network")
@click.option("--site", required=True, help="The site (office, branch) the network belongs to.")
@click.option("--segment", required=True, help="The segment: office, iot, server, guest …")
@click.option(
    "--touch",
    type=click.Choice([touch.value for touch in Touch]),
    default=Touch.QUERY.value,
    show_default=True,
    help="passive: listen only; query: ask politely; login: also try the published default passwords.",
)
@click.option(
    "--do-not-probe",
    "left_alone",
    multiple=True,
    metavar="WHAT",
    help="An address, range, network, MAC or device class that is never probed. May be given again.",
)
@click.option(
    "--caps",
    type=click.Choice(["kept", "lifted"]),
    default="kept",
    show_default=True,
    help="lifted: the total packet rate may be raised with `scan --rate` (the rate per host stays).",
)
@click.option("--allow-loopback", is_flag=True, help="Let a loopback network be in scope.")
@click.option("--reason", default="", help="Why, and on whose word: kept in the log.")
@pass_session
def add(
    session: Session,
    *,
    network: str,
    site: str,
    segment: str,
    touch: str,
    left_alone: tuple[str, ...],
    caps: str,
    allow_loopback: bool,
    reason: str,
) -> None:
    """Put NETWORK (CIDR or a single address) in scope.

    \b
    muster scope add 192.168.10.0/24 --site hq --segment office
    """
    from inventory.register import Register

    wanted = Scope(
        network=scope_network(network, allow_loopback=allow_loopback),
        site=_word(_("site"), site),
        segment=_word(_("segment"), segment),
        touch=Touch(touch),
        caps_lifted=caps == "lifted",
        do_not_probe=tuple(part for text in left_alone for part in _left_alone(text)),
        added_by=session.operator,
        reason=reason.strip(),
    )
    with Register.open(session.register_place, SystemClock()) as register:
        register.add_scope(wanted, session.operator)
    line = _("{network} is in scope: site {site}, segment {segment}, touch {touch}")
    click.echo(
        line.format(
            network=wanted.network, site=wanted.site, segment=wanted.segment, touch=wanted.touch.value
        )
    )


@scope.command("list")
@format_option
@pass_session
def list_scopes(session: Session, form: str) -> None:
    """List the networks in scope."""
    from inventory.register import Register

    with Register.open(session.register_place, SystemClock(), create=False) as register:
        scopes = register.scopes()
    rows = [
        {
            "network": one.network,
            "site": one.site,
            "segment": one.segment,
            "touch": one.touch.value,
            "addresses": size(one.network),
            "do_not_probe": list(one.do_not_probe),
            "caps": "lifted" if one.caps_lifted else "kept",
            "added_by": one.added_by,
            "reason": one.reason,
        }
        for one in scopes
    ]
    headings = {
        "network": _("Network"),
        "site": _("Site"),
        "segment": _("Segment"),
        "touch": _("Touch"),
        "addresses": _("Addresses"),
        "do_not_probe": _("Do not probe"),
        "caps": _("Caps"),
        "added_by": _("Added by"),
        "reason": _("Reason"),
    }
    print_rows(rows, headings, form)


@scope.command("remove")
@click.argument("network")
@pass_session
def remove(session: Session, network: str) -> None:
    """Take NETWORK out of scope; what was found there stays in the register."""
    from inventory.register import Register

    canonical = scope_network(network, allow_loopback=True)
    with Register.open(session.register_place, SystemClock(), create=False) as register:
        register.remove_scope(canonical, session.operator)
    click.echo(_("{network} is no longer in scope").format(network=canonical))


def _word(what: str, text: str) -> str:
    """A site's or segment's name as it may be stored."""
    name = " ".join(text.split())
    if not name or not name.isprintable():
        raise UsageFault(_("the {what} needs a name").format(what=what))
    return name


def _left_alone(text: str) -> tuple[str, ...]:
    """What may not be probed, in canonical words: networks, a MAC, or a device class."""
    word = text.strip()
    if word in set(DeviceClass):
        return (word,)
    readings: tuple[Callable[[str], tuple[str, ...]], ...] = (target_networks, _one_mac)
    for reading in readings:
        try:
            return reading(word)
        except UsageFault:
            continue
    reason = _("--do-not-probe {text}: neither an address, a range, a MAC nor a device class")
    raise UsageFault(reason.format(text=text))


def _one_mac(word: str) -> tuple[str, ...]:
    return (mac_address(word),)
