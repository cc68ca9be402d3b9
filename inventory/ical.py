"""What falls due as a calendar that office programs take in (RFC 5545): an event, all day, for each thing."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from inventory.export.harmless import visible
from inventory.names import called
from inventory.types import Due

_WARNED_BEFORE = "-P7D"
_LONGEST_LINE = 75  # octets, RFC 5545 3.1
_NAMED = 5


def calendar(due: Iterable[Due], made: datetime) -> str:
    """The calendar as text with CRLF line ends, made at `made` (UTC); a record keeps its UID for ever."""
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Muster//Muster//EN",
        "CALSCALE:GREGORIAN",
        *(line for one in due for line in _event(one, f"{made:%Y%m%dT%H%M%SZ}")),
        "END:VCALENDAR",
    )
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _event(due: Due, stamp: str) -> Iterator[str]:
    devices = ", ".join(due.devices[:_NAMED]) + (" …" if len(due.devices) > _NAMED else "")
    told = " · ".join(part for part in (due.id, devices) if part)
    summary = _text(f"{called(due.kind)}: {due.what}")
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(due.id)}@muster.invalid"
    yield f"DTSTAMP:{stamp}"
    yield f"DTSTART;VALUE=DATE:{due.day:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{due.day + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{summary}"
    yield f"DESCRIPTION:{_text(told)}"
    yield "TRANSP:TRANSPARENT"
    yield "BEGIN:VALARM"
    yield "ACTION:DISPLAY"
    yield f"DESCRIPTION:{summary}"
    yield f"TRIGGER:{_WARNED_BEFORE}"
    yield "END:VALARM"
    yield "END:VEVENT"


def _text(text: str) -> str:
    """A TEXT value (3.3.11): backslash, comma, semicolon and line ends escaped, nothing hidden in it."""
    shown = visible(" ".join(text.split()))
    return shown.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")


def _folded(line: str) -> Iterator[str]:
    """The line in parts of at most 75 octets, each but the first begun with a blank, no character cut."""
    part, length = "", 0
    for character in line:
        octets = len(character.encode("utf-8", "replace"))
        if length + octets > _LONGEST_LINE:
            yield part
            part, length = " ", 1
        part += character
        length += octets
    yield part
