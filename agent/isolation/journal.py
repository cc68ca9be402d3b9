"""What an answerer wrote down, and what an asker brings home: JSON lines, sealed so that nobody edits them.

A journal says from when until when a segment's answerer listened, on what, and which questions reached it.
Only with it is silence a proof: whoever listened and heard nothing was not reached.
"""

import ipaddress
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from agent.isolation.tokens import Token
from agent.transport.answerer import GROUPS
from inventory.exits import BadInput
from inventory.language import N_, _
from inventory.types import Crossing, CrossingState

_LONGEST: Final = 64 * 1024 * 1024
_PATIENCE: Final = 6.0  # seconds: an answerer writes each second that it is still there
SEALED, UNSEALED, SILENT, REFUSED, NOT_TRIED = "sealed", "unsealed", "silent", "refused", "not-tried"
OUTCOMES: Final = (SEALED, UNSEALED, SILENT, REFUSED, NOT_TRIED)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question that was put across a border, and what came back; `words` says why in English."""

    site: str
    source: str
    target: str
    address: str
    service: str
    family: int
    nonce: str
    at: datetime
    vantage: str
    outcome: str
    words: str = ""


@dataclass(slots=True)
class Listening:
    """That an answerer listened on an address, for these services, from one moment to another."""

    segment: str
    address: str
    services: frozenset[str]
    since: datetime
    until: datetime

    @property
    def family(self) -> int:
        """The IP version of its address."""
        return ipaddress.ip_address(self.address).version


@dataclass
class Journal:
    """All journals that were read: who listened when, and which questions came through."""

    listening: list[Listening] = field(default_factory=list)
    heard: set[tuple[str, str, str]] = field(default_factory=set)  # nonce, service, segment

    def listened(self, asked: Asked) -> bool:
        """Whether an answerer of the target listened on that service, before and after the question."""
        grouped = asked.service in GROUPS
        return any(
            one.segment == asked.target
            and asked.service in one.services
            and (one.family == asked.family if grouped else one.address == asked.address)
            and one.since <= asked.at <= one.until
            for one in self.listening
        )


def settle(asked: Iterable[Asked], journal: Journal) -> Iterator[Crossing]:
    """What each question says of its way; silence is `blocked` only where the journal shows who listened."""
    for one in asked:
        state, words = _settled(one, journal)
        yield Crossing(
            one.site, one.source, one.target, one.service, one.family, state, one.at, one.vantage, "", words
        )


def _settled(one: Asked, journal: Journal) -> tuple[CrossingState, str]:
    if one.outcome == SEALED:
        return CrossingState.OPEN, N_("the answerer answered")
    if (one.nonce, one.service, one.target) in journal.heard:
        return CrossingState.OPEN, N_("the question arrived; the answer did not come back")
    if one.outcome == UNSEALED:
        return CrossingState.MIDDLEBOX, one.words or N_("somebody else answered")
    if one.outcome == NOT_TRIED:
        return CrossingState.NOT_TESTED, one.words
    if not journal.listened(one):
        return CrossingState.NOT_TESTED, N_("no journal shows that an answerer listened")
    return CrossingState.BLOCKED, N_("refused on the way") if one.outcome == REFUSED else N_(
        "nothing came through"
    )


def line(event: dict[str, Any], token: Token) -> str:
    """An event as a sealed line."""
    text = json.dumps(event, sort_keys=True, ensure_ascii=False)
    return json.dumps({"event": event, "seal": token.seal("line", text)}, ensure_ascii=False) + "\n"


def written(asked: Sequence[Asked], token: Token) -> str:
    """Questions as the lines of a file that `muster isolation import` takes."""
    return "".join(line({"kind": "asked", **asdict(one), "at": one.at.isoformat()}, token) for one in asked)


def read(path: Path, token: Token, journal: Journal) -> tuple[Asked, ...]:
    """The questions of a file; what an answerer wrote in it goes into `journal`. BadInput with file:line."""
    try:
        if path.stat().st_size > _LONGEST:
            raise BadInput(_("{path}: is larger than {size} MB").format(path=path, size=_LONGEST >> 20))
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(_("{path}: is not UTF-8").format(path=path)) from error
    asked: list[Asked] = []
    open_now: dict[tuple[str, str], Listening] = {}
    for number, text in enumerate(lines, start=1):
        try:
            event = _event(text, token)
            _take(event, asked, journal, open_now)
        except (ValueError, KeyError, TypeError) as error:
            where = _("{path}:{line}: is no line of an isolation measurement, or of another token")
            raise BadInput(where.format(path=path, line=number)) from error
    return tuple(asked)


def read_when_written(path: Path, token: Token, journal: Journal, last: datetime | None) -> None:
    """Reads a journal into `journal` once its answerer has written on after `last`, or is not going to."""
    ends = time.monotonic() + _PATIENCE
    while True:
        found = Journal()
        read(path, token, found)
        if last is None or any(one.until > last for one in found.listening) or time.monotonic() > ends:
            break
        time.sleep(_PATIENCE / 24)
    journal.listening += found.listening
    journal.heard |= found.heard


def _event(text: str, token: Token) -> dict[str, Any]:
    whole = json.loads(text)
    event = whole["event"]
    if whole["seal"] != token.seal("line", json.dumps(event, sort_keys=True, ensure_ascii=False)):
        raise ValueError(text)
    return dict(event)


def _take(
    event: dict[str, Any],
    asked: list[Asked],
    journal: Journal,
    open_now: dict[tuple[str, str], Listening],
) -> None:
    kind, at = event.pop("kind"), datetime.fromisoformat(event["at"])
    if kind == "asked":
        if event["outcome"] not in OUTCOMES:
            raise ValueError(event["outcome"])
        asked.append(Asked(**{**event, "at": at}))
    elif kind == "heard":
        journal.heard.add((event["nonce"], event["service"], event["segment"]))
    elif kind == "listening":
        begun = Listening(event["segment"], event["address"], frozenset(event["services"]), at, at)
        open_now[begun.segment, begun.address] = begun
        journal.listening.append(begun)
    elif kind == "still":
        for one in open_now.values():
            one.until = at
    else:
        raise ValueError(kind)
