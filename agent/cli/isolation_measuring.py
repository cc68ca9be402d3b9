"""`muster isolation serve`, `probe` and `import`: measuring what passes, and taking in what was measured."""

import asyncio
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.cli.isolation_matrix import show
from inventory.console import Session, format_option, pass_session
from inventory.exits import BadInput, NotAllowed, UsageFault
from inventory.language import _

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from agent.isolation.tokens import Token

_TOKEN = "MUSTER_ISOLATION_TOKEN"  # noqa: S105 - the name of a variable
_token_file = click.option(
    "--token-file", type=click.Path(path_type=Path), help=f"The firm's shared token (default: ${_TOKEN})."
)
_services = click.option(
    "--service", "services", multiple=True, metavar="tcp/443|udp/53|icmp", help="Only these services."
)


@click.command()
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


@click.command()
@click.option("--site", required=True, help="The site, as the scopes name it.")
@click.option(
    "--from", "source", required=True, metavar="SEGMENT", help="The segment this machine stands in."
)
@click.option(
    "--to", "answerers", multiple=True, metavar="SEGMENT=ADDRESS", help="An answerer (`isolation serve`)."
)
@_services
@click.option("--devices/--no-devices", default=True, help="Also ask known devices of other segments.")
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
    from agent.isolation.journal import Journal, read, read_when_written, settle, written
    from agent.service.measuring import Measuring
    from agent.vantage import vantage
    from inventory.register import Register
    from inventory.types import SystemClock

    here = Vantage(vantage(), site, source)
    wanted = [
        Answering(segment, address, services or USUAL)
        for segment, address in (_pair(text) for text in answerers)
    ]
    token = _token(token_file) if answerers else None
    journal, clock = Journal(), SystemClock()
    if token is not None:
        for path in journals:
            read(path, token, Journal())  # a wrong one is better refused before anything is asked
    with Register.open(session.register_place, clock, create=False) as register:
        measuring = Measuring(register, session.settings, here, wanted, clock)
        asked, of_devices = asyncio.run(
            measuring.ask(token, lambda text: click.echo(text, err=True), devices=devices)
        )
        register.keep_crossings(of_devices)
        if out is not None and token is not None:
            _write(out, written(asked, token))
        if token is not None:
            last = max((one.at for one in asked), default=None)
            for path in journals:
                read_when_written(path, token, journal, last)
        crossings = tuple(settle(asked, journal))
        register.keep_crossings(crossings)
        show(session, register, (*crossings, *of_devices), form)


@click.command("import")
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
        show(session, register, crossings, form)


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


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise NotAllowed(f"{path}: {error.strerror}") from error


def _pair(text: str) -> tuple[str, str]:
    import ipaddress

    segment, _equals, address = text.partition("=")
    try:
        return segment, str(ipaddress.ip_address(address))
    except ValueError:
        raise UsageFault(_("--to {text}: give SEGMENT=ADDRESS").format(text=text)) from None
