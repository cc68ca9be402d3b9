"""`muster scan`: call the roll of what is in scope, or say beforehand what that would send."""

import asyncio
import contextlib
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict

import click

from agent.cli.scan_progress import Speaker, summary_lines
from inventory.console import Session, format_option, pass_session, print_rows, say, say_next
from inventory.coverage_words import reason_of, size_of
from inventory.exits import Exit, UsageFault
from inventory.language import _
from inventory.networks import is_countable
from inventory.types import SegmentCoverage


@click.command()
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.option("--segment", "segments", multiple=True, metavar="NAME", help="Only this segment (repeatable).")
@click.option("--dry-run", is_flag=True, help="Print every class of packet, and send none.")
@click.option("--rate", type=click.IntRange(1, 100_000), help="Packets per second in all (default 1000).")
@click.option("--connect", is_flag=True, help="Without CAP_NET_RAW: TCP connections, no MAC addresses.")
@click.option("--nmap/--no-nmap", default=None, help="Ask nmap about devices that stay unnamed.")
@click.option("--resume", is_flag=True, help="Go on with the last scan, which was killed or stopped.")
@click.option("-q", "--quiet", is_flag=True, help="No progress, only the result.")
@format_option
@pass_session
def scan(  # noqa: PLR0917 - click passes by name
    session: Session,
    targets: tuple[str, ...],
    segments: tuple[str, ...],
    dry_run: bool,
    rate: int | None,
    connect: bool,
    nmap: bool | None,
    resume: bool,
    quiet: bool,
    form: str,
) -> None:
    """Find and identify every device in scope, gently.

    TARGETs (addresses, ranges, networks) narrow the scan; they must lie in scope. At most 1000 packets leave
    per second, at most 40 to one device, and raw print ports never get a byte. Ctrl-C stops; what was
    learned so far is kept.
    """
    # Imported here so that `muster scan --help` is quick.
    from agent.service.plan import plan as make_plan
    from agent.service.resume import interrupted
    from agent.service.roll_call import call_the_roll
    from agent.vantage import vantage
    from inventory.register import Register
    from inventory.types import SystemClock, today
    from inventory.vault import scan_settings

    settings = scan_settings(session.settings)
    changes = {"rate": rate, "use_nmap": nmap}
    settings = settings.model_copy(update={name: new for name, new in changes.items() if new is not None})
    clock = SystemClock()
    with Register.open(session.register_place, clock) as register:
        planned = make_plan(
            register.scopes(),
            register.iter_devices(),
            targets,
            settings,
            segments=segments,
            connect=connect,
            on=today(clock),
        )
        if dry_run:
            _print_plan(planned.packets(), form)
            return
        if not (planned.areas or planned.six):
            raise UsageFault(_("nothing to ask: the chosen scopes allow listening only"))
        if settings.use_nmap:
            from agent.second_opinion import require_nmap

            require_nmap()
        resumed = interrupted(register, vantage()) if resume else None
        stop = threading.Event()
        with Speaker(quiet=quiet or form != "table") as speaker, _stop_on_ctrl_c(stop):
            finished = asyncio.run(call_the_roll(planned, register, speaker.hear, stop, resumed=resumed))
        rows = [_as_told(part) for part in finished.coverage]
        if form == "json":
            print_rows([asdict(finished) | {"coverage": rows}], {}, form)
        elif form == "csv":
            print_rows(_coverage_rows(finished.coverage), _coverage_columns(), form)
        else:
            print_rows(_coverage_rows(finished.coverage), _coverage_columns(), form)
            for line in summary_lines(finished):
                say(line)
    if finished.stopped:
        text = _(
            "muster: stopped; what was learned so far is kept, and `muster scan --resume` goes on from there"
        )
        click.echo(text, err=True)
        sys.exit(Exit.STOPPED)
    say_next("register list", "check", "assess")


def _print_plan(packets: "tuple[object, ...]", form: str) -> None:
    columns = {
        "kind": _("Packet"),
        "ports": _("Ports"),
        "addresses": _("Addresses"),
        "at_most": _("Packets at most"),
        "for_each": _("Counted per"),
        "per_host_rate": _("Per device and second"),
        "seconds": _("Seconds at least"),
    }
    print_rows([asdict(row) for row in packets], columns, form)  # type: ignore[call-overload]


def _as_told(part: SegmentCoverage) -> dict[str, object]:
    """A coverage as JSON has it: reasons by code and in words."""
    unsettled = [asdict(one) | {"reason": reason_of(one)} for one in part.unsettled]
    return asdict(part) | {"counts": dict(part.counts), "unsettled": unsettled}


def _coverage_columns() -> dict[str, str]:
    return {
        "segment": _("Segment"),
        "network": _("Network"),
        "addresses": _("Addresses"),
        "found": _("Found"),
        "silent": _("Silent"),
        "unreachable": _("Unreachable"),
        "refused": _("Refused"),
        "not-reached": _("Not reached"),
        "method": _("Method"),
    }


def _coverage_rows(coverage: Sequence[SegmentCoverage]) -> list[dict[str, object]]:
    return [
        _as_told(part)
        | ({} if is_countable(part.network) else {"addresses": size_of(part)})
        | {str(state): count for state, count in part.counts.items()}
        for part in coverage
    ]


@contextlib.contextmanager
def _stop_on_ctrl_c(stop: threading.Event) -> Iterator[None]:
    """The first Ctrl-C stops in an orderly way, a second one at once."""

    def ask_to_stop(_number: int, _frame: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        click.echo(_("stopping; press Ctrl-C again to end at once"), err=True)

    before = signal.signal(signal.SIGINT, ask_to_stop)
    before_term = signal.signal(signal.SIGTERM, ask_to_stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        signal.signal(signal.SIGTERM, before_term)
