"""`muster listen`: who announces itself on the wire, live or from a capture; nothing is sent."""

import json
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inventory.console import Session, pass_session, say
from inventory.exits import UsageFault
from inventory.json_text import json_text
from inventory.language import _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.listen.frame import Heard
    from agent.service.listening import Overheard
    from inventory.types import Fact


@click.command()
@click.option("--interface", default="", metavar="NAME", help="Listen on this interface.")
@click.option(
    "--pcap", type=click.Path(path_type=Path), help="Read this capture (pcap, pcapng, gzipped or not)."
)
@click.option(
    "--seconds", type=click.FloatRange(1, 86_400), default=60.0, show_default=True, help="How long."
)
@click.option("--register/--no-register", "keep", default=True, help="Keep what is said of devices in scope.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@pass_session
def listen(
    session: Session, *, interface: str, pcap: Path | None, seconds: float, keep: bool, form: str
) -> None:
    """Hear who announces itself: ARP, DHCP, mDNS, SSDP, WS-Discovery, NetBIOS, LLDP, CDP, IGMP.

    Nothing is ever sent. With --format json each new thing said is one line, the last one is the summary.
    """
    # Imported here so that `muster listen --help` is quick.
    from agent.listen.wire import live, recorded
    from agent.service.listening import Overheard

    if bool(interface) == bool(pcap):
        raise UsageFault(_("say where to listen: --interface NAME or --pcap FILE"))
    stop = threading.Event()
    before = signal.signal(signal.SIGINT, lambda _number, _frame: stop.set())
    overheard = Overheard()
    try:
        frames: Iterator[bytes] = recorded(pcap) if pcap else live(interface, seconds, stop.is_set)
        for frame in frames:
            heard = overheard.take(frame)
            if heard is not None:
                say(_line(heard, form))
            if stop.is_set():
                break
    finally:
        signal.signal(signal.SIGINT, before)
    summary: dict[str, object] = {"frames": overheard.frames, "senders": len(overheard.said)}
    if keep:
        summary |= _keep(session, overheard)
    if form == "json":
        click.echo(json.dumps({"summary": summary}))
        return
    text = _("{senders} senders in {frames} frames")
    click.echo(text.format(**summary))
    if keep:
        text = _("{kept} devices in scope kept; {outside} senders are in no scope")
        click.echo(text.format(**summary))


def _keep(session: Session, overheard: "Overheard") -> dict[str, object]:
    """Takes what was said of devices in scope into the register, all at once."""
    import uuid

    from agent.fingerprints import Fingerprinter
    from agent.permit import Gate
    from agent.service.listening import sightings
    from agent.vantage import vantage
    from inventory.register import Register
    from inventory.types import SystemClock

    clock = SystemClock()
    with Register.open(session.register_place, clock) as register:
        gate = Gate(register.scopes())
        run = f"listen-{uuid.uuid4().hex[:12]}"  # no scan: listening settles nobody's absence
        listened = sightings(overheard, gate, Fingerprinter.load(), clock, run=run, vantage=vantage())
        if listened.sightings:
            register.ingest(listened.sightings)
    return {"kept": len(listened.sightings), "outside": listened.outside}


def _line(heard: "Heard", form: str) -> str:
    if form == "json":
        facts = [[fact.name, fact.value] for fact in heard.facts]
        row = {"source": heard.source, "ip": heard.ip, "mac": heard.mac, "facts": facts}
        return json_text(row)
    return f"{heard.source:<5}  {heard.ip or '-':<15}  {heard.mac or '-':<17}  {_in_short(heard.facts)}"


def _in_short(facts: "tuple[Fact, ...]") -> str:
    text = "; ".join(f"{fact.name}={fact.value}" for fact in facts).replace("\n", " ")
    return text if len(text) <= 120 else f"{text[:119]}…"
