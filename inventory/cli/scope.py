"""`muster scope`: which networks may be looked at, and how far."""

from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from inventory.cli.options import DAY, seen_option
from inventory.console import Session, format_option, pass_session, print_rows, say_next
from inventory.exits import UsageFault
from inventory.language import _
from inventory.networks import mac_address, scope_network, size, target_networks
from inventory.types import DeviceClass, Exemption, Scope, SystemClock, Touch

if TYPE_CHECKING:
    from collections.abc import Callable

    from inventory.register import Register


@click.group()
def scope() -> None:
    """Say which networks may be looked at, and how far."""


@scope.command("add")
@click.argument("networks", nargs=-1, required=True, metavar="NETWORK[=SEGMENT]...")
@click.option("--site", required=True, help="The site (office, branch) the networks belong to.")
@click.option("--segment", default="", help="The segment: office, iot, server, guest …")
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
    help="Never probed: an address, range, network, MAC, class:NAME, segment:NAME or site (repeatable).",
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
    networks: tuple[str, ...],
    site: str,
    segment: str,
    touch: str,
    left_alone: tuple[str, ...],
    caps: str,
    allow_loopback: bool,
    reason: str,
) -> None:
    """Put each NETWORK (CIDR or a single address) in scope, in its own segment or that of --segment.

    \b
    muster scope add 192.168.10.0/24 --site hq --segment office
    muster scope add 192.168.10.0/24=office 192.168.20.0/24=iot --site hq
    """
    alike = Scope(
        network="",
        site=_word(_("site"), site),
        segment="",
        touch=Touch(touch),
        caps_lifted=caps == "lifted",
        do_not_probe=tuple(part for text in left_alone for part in _left_alone(text)),
        added_by=session.operator,
        reason=reason.strip(),
    )
    parts = [(network, own or segment) for network, _equals, own in (one.partition("=") for one in networks)]
    wanted = [
        replace(
            alike,
            network=scope_network(network, allow_loopback=allow_loopback),
            segment=_word(_("segment"), name),
        )
        for network, name in parts
    ]
    line = _("{network} is in scope: site {site}, segment {segment}, touch {touch}")
    with session.opened(SystemClock(), create=True) as register:
        for one in wanted:
            register.add_scope(one, session.operator)
            text = line.format(network=one.network, site=one.site, segment=one.segment, touch=one.touch.value)
            click.echo(text)
    say_next("scan --dry-run", "scan")


@scope.command("list")
@format_option
@pass_session
def list_scopes(session: Session, form: str) -> None:
    """List the networks in scope."""
    with session.opened(SystemClock()) as register:
        scopes = register.scopes()
    rows = [
        {
            "network": one.network,
            "site": one.site,
            "segment": one.segment,
            "touch": one.touch.value,
            "addresses": size(one.network),
            "do_not_probe": list(one.do_not_probe),
            "exempt": [_in_words(exemption) for exemption in one.exemptions],
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
        "exempt": _("Probed all the same"),
        "caps": _("Caps"),
        "added_by": _("Added by"),
        "reason": _("Reason"),
    }
    print_rows(rows, headings, form)


@scope.command("change")
@click.argument("network")
@click.option("--touch", type=click.Choice([touch.value for touch in Touch]), help="How far to go there.")
@click.option("--do-not-probe", "left_alone", multiple=True, metavar="WHAT", help="Leave this alone too.")
@click.option("--probe", "probed", multiple=True, metavar="WHAT", help="Leave this alone no longer.")
@seen_option
@pass_session
def change(
    session: Session,
    network: str,
    touch: str | None,
    left_alone: tuple[str, ...],
    probed: tuple[str, ...],
    *,
    seen: datetime | None,
) -> None:
    """Say anew how far NETWORK may be looked at, and who is left alone."""
    canonical = scope_network(network, allow_loopback=True)
    with session.opened(SystemClock(), seen=seen) as register:
        before = _one(register.scopes(), canonical)
        less = {part for text in probed for part in _left_alone(text)}
        if unknown := less - set(before.do_not_probe):
            text = _("{what} is not among what is left alone in {network}")
            raise UsageFault(text.format(what=", ".join(sorted(unknown)), network=canonical))
        more = [part for text in left_alone for part in _left_alone(text)]
        kept = dict.fromkeys((*(one for one in before.do_not_probe if one not in less), *more))
        how_far = Touch(touch) if touch else before.touch
        register.change_scope(replace(before, touch=how_far, do_not_probe=tuple(kept)), session.operator)
    click.echo(_("{network} is changed").format(network=canonical))


@scope.command("exempt")
@click.argument("network")
@click.argument("what")
@click.option("--reason", default="", help="Why it may be probed all the same: kept in the log.")
@click.option("--until", type=DAY, help="The last day (for ever without).")
@click.option("--withdraw", is_flag=True, help="End the exemption.")
@seen_option
@pass_session
def exempt(
    session: Session,
    network: str,
    what: str,
    reason: str,
    until: date | None,
    *,
    withdraw: bool,
    seen: datetime | None,
) -> None:
    """Let WHAT be probed although a do-not-probe entry of NETWORK's site bars it.

    WHAT lifts entries as wide as itself or wider: site, segment:NAME, class:NAME, then address and MAC.
    """
    canonical = scope_network(network, allow_loopback=True)
    with session.opened(SystemClock(), seen=seen) as register:
        for subject in _left_alone(what):
            if withdraw:
                _withdraw(register, canonical, subject, session.operator)
            else:
                last = until
                register.exempt(canonical, subject, reason, session.operator, last)
    line = _("{what} is left alone again") if withdraw else _("{what} may be probed")
    click.echo(line.format(what=what))


def _withdraw(register: "Register", network: str, subject: str, operator: str) -> None:
    before = _one(register.scopes(), network)
    kept = tuple(one for one in before.exemptions if one.subject != subject)
    if len(kept) == len(before.exemptions):
        text = _("{network} has no exemption for {what}")
        raise UsageFault(text.format(network=network, what=subject))
    register.change_scope(replace(before, exemptions=kept), operator)


def _one(scopes: tuple[Scope, ...], network: str) -> Scope:
    for one in scopes:
        if one.network == network:
            return one
    raise UsageFault(_("{network} is not in scope").format(network=network))


@scope.command("remove")
@click.argument("network")
@seen_option
@pass_session
def remove(session: Session, network: str, *, seen: datetime | None) -> None:
    """Take NETWORK out of scope; what was found there stays in the register."""
    canonical = scope_network(network, allow_loopback=True)
    with session.opened(SystemClock(), seen=seen) as register:
        register.remove_scope(canonical, session.operator)
    click.echo(_("{network} is no longer in scope").format(network=canonical))


def _in_words(exemption: Exemption) -> str:
    until = f" – {exemption.until}" if exemption.until else ""
    return f"{exemption.subject}: {exemption.reason} ({exemption.by}, {exemption.at:%Y-%m-%d}{until})"


def _word(what: str, text: str) -> str:
    """A site's or segment's name as it may be stored."""
    name = " ".join(text.split())
    if not name or not name.isprintable():
        raise UsageFault(_("the {what} needs a name").format(what=what))
    return name


def _left_alone(text: str) -> tuple[str, ...]:
    """What may not be probed, in canonical words: networks, a MAC, or a device class."""
    word = text.strip()
    if word in set(DeviceClass) or word == "site":
        return (word,)
    kind, _colon, name = word.partition(":")
    if (kind == "segment" and name) or (kind == "class" and name in set(DeviceClass)):
        return (word,)
    readings: tuple[Callable[[str], tuple[str, ...]], ...] = (target_networks, _one_mac)
    for reading in readings:
        try:
            return reading(word)
        except UsageFault:
            continue
    reason = _(
        "{text}: neither an address, a range, a MAC, a device class, segment:NAME, class:NAME nor site"
    )
    raise UsageFault(reason.format(text=text))


def _one_mac(word: str) -> tuple[str, ...]:
    return (mac_address(word),)
