"""`muster isolation`: what passes between segments, as measured and as firewalls' rules say."""

import asyncio
import os
import secrets
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.cli.isolation_rules import rules
from inventory.console import Session, format_option, pass_session, print_rows
from inventory.exits import BadInput, Exit, UsageFault
from inventory.language import N_, _

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from agent.isolation.asking import Answering, Vantage
    from agent.isolation.journal import Asked
    from agent.isolation.tokens import Token
    from inventory.register import Register
    from inventory.types import Crossing

_TOKEN = "MUSTER_ISOLATION_TOKEN"  # noqa: S105 - the name of a variable
_STANDINGS = {
    "leak": N_("open, and must not be"),
    "middlebox": N_("somebody else answers"),
    "not-tested": N_("not tested"),
    "closed-hole": N_("closed, though meant to pass"),
    "open-unsaid": N_("open, nothing said of it"),
    "as-meant": N_("as meant"),
}
_token_file = click.option(
    "--token-file", type=click.Path(path_type=Path), help=f"The firm's shared token (default: ${_TOKEN})."
)
_services = click.option(
    "--service", "services", multiple=True, metavar="tcp/443|udp/53|icmp", help="Only these services."
)


@click.group()
def isolation() -> None:
    """Measure what passes between segments (Art. 25, 29; TWSE b), and hold it against what is meant."""


@isolation.command()
@click.option("--segment", required=True, help="The segment this machine stands in.")
@click.option("--address", "addresses", multiple=True, required=True, help="Own address to answer on.")
@_services
@click.option("--journal", required=True, type=click.Path(path_type=Path), help="Where to write what came.")
@click.option("--seconds", type=click.FloatRange(1, 86_400), default=None, help="End after so long.")
@_token_file
def serve(  # noqa: PLR0917 - click passes by name
    segment: str,
    addresses: tuple[str, ...],
    services: tuple[str, ...],
    journal: Path,
    seconds: float | None,
    token_file: Path | None,
) -> None:
    """Answer sealed questions in a segment, and write down what came through, until Ctrl-C.

    Nothing is sent to anybody who does not know the token. Ports below 1024 and ICMP need rights
    (`muster doctor`); what cannot be opened is named, and counts as not tested.
    """
    from agent.isolation.answering import USUAL, answer_until

    token = _token(token_file)
    refused = asyncio.run(
        _until_told(
            lambda stop, ready: answer_until(
                stop, ready, segment, addresses, services or USUAL, journal, token
            ),
            seconds,
        )
    )
    for place, why in sorted(refused.items()):
        click.echo(_("{place} was not open: {why}").format(place=place, why=why), err=True)


@isolation.command()
@click.option("--site", required=True, help="The site, as the scopes name it.")
@click.option(
    "--from", "source", required=True, metavar="SEGMENT", help="The segment this machine stands in."
)
@click.option(
    "--to", "answerers", multiple=True, metavar="SEGMENT=ADDRESS", help="An answerer (`isolation serve`)."
)
@_services
@click.option("--devices/--no-devices", default=True, help="Also ask known devices of other segments.")
@click.option("--own", default="", metavar="ADDRESS", help="Own address, to ask mDNS and SSDP from.")
@click.option(
    "--journal", "journals", multiple=True, type=click.Path(path_type=Path), help="An answerer's journal."
)
@click.option("--out", type=click.Path(path_type=Path), help="Keep the questions for `isolation import`.")
@_token_file
@format_option
@pass_session
def probe(  # noqa: PLR0917 - click passes by name
    session: Session,
    site: str,
    source: str,
    answerers: tuple[str, ...],
    services: tuple[str, ...],
    devices: bool,
    own: str,
    journals: tuple[Path, ...],
    out: Path | None,
    token_file: Path | None,
    form: str,
) -> None:
    """Ask answerers and known devices in other segments from this one, and keep what came of it.

    Only addresses in scope are asked. A way of which nothing proves that it is blocked stays `not tested`:
    give the answerers' journals here, or later to `muster isolation import`.
    """
    from agent.isolation.answering import USUAL
    from agent.isolation.asking import Answering, Vantage
    from agent.isolation.journal import Journal, settle, written
    from agent.vantage import vantage
    from inventory.register import Register
    from inventory.types import SystemClock

    here = Vantage(vantage(), site, source)
    wanted = [
        Answering(segment, address, services or USUAL)
        for segment, address in (_pair(text) for text in answerers)
    ]
    token = _token(token_file) if answerers else None
    clock = SystemClock()
    with Register.open(session.register_place, clock, create=False) as register:
        asked, of_devices = asyncio.run(
            _ask(session, register, here, wanted, token, own=own, devices=devices)
        )
        if out is not None and token is not None:
            out.write_text(written(asked, token), encoding="utf-8")
        journal = Journal()
        if token is not None:
            for path in journals:
                _read_when_written(path, token, journal, asked)
        crossings = (*settle(asked, journal), *of_devices)
        register.keep_crossings(crossings)
        _show(session, register, crossings, form)


@isolation.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@_token_file
@format_option
@pass_session
def import_(session: Session, files: tuple[Path, ...], token_file: Path | None, form: str) -> None:
    """Take in questions (`probe --out`) and journals (`serve --journal`) of one measurement together."""
    from agent.isolation.journal import Journal, read, settle
    from inventory.register import Register
    from inventory.types import SystemClock

    token, journal = _token(token_file), Journal()
    asked = [one for path in files for one in read(path, token, journal)]
    if not asked:
        raise BadInput(_("none of these files holds a question: give what `probe --out` wrote"))
    with Register.open(session.register_place, SystemClock()) as register:
        crossings = tuple(settle(asked, journal))
        register.keep_crossings(crossings)
        _show(session, register, crossings, form)


@isolation.command()
@click.option("--all", "everything", is_flag=True, help="Also what is as it is meant.")
@format_option
@pass_session
def matrix(session: Session, everything: bool, form: str) -> None:
    """Show expected against measured; ends with code 10 where something passes that must not."""
    from inventory.register import Register
    from inventory.types import SystemClock

    with Register.open(session.register_place, SystemClock(), create=False) as register:
        leaks = _show(session, register, register.crossings(), form, everything=everything)
    if leaks:
        sys.exit(Exit.FINDINGS)


def _show(
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
                "expected": cell.expectation.meant.value,
                "measured": one.state.value,
                "standing": cell.standing.value if plain else _(_STANDINGS[cell.standing]),
                "why": hole.reason if hole else "",
                "until": hole.until.isoformat() if hole and hole.until else "",
                "at": one.at.isoformat(timespec="seconds"),
                "reason": one.reason,
            }
        )
    headings = {
        "from": _("From"),
        "to": _("To"),
        "ip": _("Device"),
        "service": _("Service"),
        "family": "IP",
        "expected": _("Expected"),
        "measured": _("Measured"),
        "standing": _("Standing"),
        "reason": _("Reason"),
    }
    print_rows(rows, headings, form)
    text = _("{count} ways measured; {leaks} open that must not be")
    click.echo(text.format(count=len(cells), leaks=leaks), err=True)
    return leaks


async def _ask(
    session: Session,
    register: "Register",
    vantage: "Vantage",
    answerers: "Sequence[Answering]",
    token: "Token | None",
    *,
    own: str,
    devices: bool,
) -> "tuple[tuple[Asked, ...], tuple[Crossing, ...]]":
    from agent.isolation.asking import Asker
    from agent.permit import Gate
    from agent.service.isolation import ask_devices, known_elsewhere
    from agent.transport.door import Door
    from agent.transport.limits import Limits
    from agent.transport.pace import Pace
    from agent.transport.raw.link import may_open
    from inventory.types import SystemClock, today

    clock, rates = SystemClock(), session.settings.scan
    gate = Gate(register.scopes(), register.devices(), today(clock))
    segments = {scope.segment for scope in gate.scopes if scope.site == vantage.site}
    for name in (vantage.segment, *(one.segment for one in answerers)):
        if name not in segments:
            there = ", ".join(sorted(segments))
            text = _("no scope of site {site} is called {name}; there are: {known}")
            raise UsageFault(text.format(site=vantage.site, name=name, known=there or "–"))
    limits = Limits().scaled(rates.timeout)
    door = Door(Pace(rates.rate, rates.per_host_rate), limits, rates.per_host_connections)
    asked: tuple[Asked, ...] = ()
    if token is not None:
        asker = Asker(door, gate, token, clock, lambda: secrets.token_hex(16), rates.timeout)
        parts = await asyncio.gather(*(asker.ask(vantage, [one]) for one in answerers))
        asked = tuple(one for part in parts for one in part)
        others = sorted({one.segment for one in answerers} - {vantage.segment})
        if own:
            asked += await asker.ask_groups(vantage, own, others)
    crossings: tuple[Crossing, ...] = ()
    if devices:
        known = known_elsewhere(register, vantage, clock.now())
        crossings = await ask_devices(vantage, known, gate, door, session.settings, clock, raw=may_open())
    return asked, crossings


async def _until_told(
    serving: "Callable[[asyncio.Event, Callable[[str], None]], Awaitable[Mapping[str, str]]]",
    seconds: float | None,
) -> "Mapping[str, str]":
    """Runs `serving(stop, ready)` until a signal, or for so many seconds."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if seconds:
        loop.call_later(seconds, stop.set)
    return await serving(stop, lambda text: click.echo(_("answering: {text}").format(text=text)))


def _read_when_written(path: Path, token: "Token", journal: "object", asked: "Sequence[Asked]") -> None:
    """Reads a journal once its answerer has written on after the last question, or is not going to."""
    import time

    from agent.isolation.journal import Journal, read

    deadline = time.monotonic() + 6
    last = max((one.at for one in asked), default=None)
    while True:
        found = Journal()
        read(path, token, found)
        late = last is None or any(one.until > last for one in found.listening)
        if late or time.monotonic() > deadline:
            break
        time.sleep(0.25)
    if isinstance(journal, Journal):
        journal.listening += found.listening
        journal.heard |= found.heard


def _token(token_file: Path | None) -> "Token":
    from agent.isolation.tokens import Token

    try:
        text = token_file.read_text(encoding="utf-8") if token_file else os.environ.get(_TOKEN, "")
    except OSError as error:
        raise BadInput(f"{token_file}: {error.strerror}") from error
    if not text.strip():
        raise UsageFault(_("no token: set {name} or give --token-file").format(name=_TOKEN))
    try:
        return Token(text.strip().encode())
    except ValueError as error:
        raise UsageFault(_("the token is too short: 12 letters at least")) from error


def _pair(text: str) -> tuple[str, str]:
    import ipaddress

    segment, _equals, address = text.partition("=")
    try:
        return segment, str(ipaddress.ip_address(address))
    except ValueError:
        raise UsageFault(_("--to {text}: give SEGMENT=ADDRESS").format(text=text)) from None


isolation.add_command(rules)
