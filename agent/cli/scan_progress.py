"""What a scan shows on stderr while it works, and the lines that sum it up."""

import sys
import time
from types import TracebackType
from typing import Final, Self

import click

from agent.events import PHASE_WORDS, FellSilent, Identified, Noted, Phase, Progressed, ScanEvent
from inventory.console import say
from inventory.coverage_words import details_of, known_line, reason_of
from inventory.language import _
from inventory.types import ScanRun

_PLAIN_SECONDS: Final = 2.0
_FEW: Final = 8


class Speaker:
    """Hears the events of a scan: a moving line on a terminal, a line every two seconds elsewhere."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._moves = sys.stderr.isatty()
        self._phase: Phase | None = None
        self._spoke = self._began = 0.0
        self._width = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._clear()

    def hear(self, event: ScanEvent) -> None:
        """Shows one event."""
        if self._quiet and not isinstance(event, Noted):
            return  # what went wrong is said in any case
        if isinstance(event, Progressed):
            self._progress(event)
        elif isinstance(event, Identified):
            name = event.label or _("(nothing known)")
            self._line(f"  {event.ip:<15}  {event.device_class:<20}  {name}")
        elif isinstance(event, FellSilent):
            self._line(f"! {event.ip}: {event.reason}")
        elif isinstance(event, Noted):
            self._line(f"! {event.message}")

    def _progress(self, event: Progressed) -> None:
        now = time.monotonic()
        is_new = event.phase is not self._phase
        if not is_new and now - self._spoke < (0.1 if self._moves else _PLAIN_SECONDS):
            return
        self._phase, self._spoke = event.phase, now
        self._began = now if is_new else self._began
        left = (now - self._began) * (event.total - event.done) / event.done if event.done else 0.0
        shown = _("{phase}: {done} of {total}, {found} devices, {rate} packets/s, {left} s left {place}")
        text = shown.format(
            phase=_(PHASE_WORDS[event.phase]),
            done=event.done,
            total=event.total,
            found=event.found,
            rate=round(event.rate),
            left=round(left),
            place=event.place,
        )
        if self._moves:
            self._clear()
            self._width = len(text)
            click.echo(text, nl=False, err=True)
        else:
            say(text, err=True)

    def _line(self, text: str) -> None:
        self._clear()
        say(text, err=True)

    def _clear(self) -> None:
        if self._moves and self._width:
            click.echo("\r\033[K", nl=False, err=True)
            self._width = 0


def summary_lines(run: ScanRun) -> list[str]:
    """Why single addresses are not settled, who knows of others, and how many packets left."""
    lines = []
    for part in run.coverage:
        alike: dict[str, list[str]] = {}
        for one in part.unsettled:
            alike.setdefault(reason_of(one), []).append(one.ip)
        for reason, ips in alike.items():
            if len(ips) <= _FEW:
                lines += [f"  {ip}: {reason}" for ip in ips]
            else:
                text = _("  {first} … {last} ({count} addresses): {reason}")
                lines.append(text.format(first=ips[0], last=ips[-1], count=len(ips), reason=reason))
        if part.known:
            lines.append(known_line(part.network, part.known))
            details = list(details_of(part.network, part.known))
            lines += details[:_FEW]
            if len(details) > _FEW:
                text = _("  … and {count} more: muster coverage")
                lines.append(text.format(count=len(details) - _FEW))
    seconds = (run.finished - run.started).total_seconds() if run.finished else 0.0
    total = sum(run.packets.values())
    text = _("{packets} packets in {seconds} seconds; run {run}")
    lines.append(text.format(packets=total, seconds=round(seconds, 1), run=run.id))
    return lines
