"""An answerer at work: answers true questions, and writes its journal as they come."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TextIO

from agent.isolation.journal import line
from agent.isolation.tokens import Token
from agent.transport.answerer import GROUPS, Answerer, group_text
from inventory.exits import NotAllowed
from inventory.language import _
from inventory.types import Clock, SystemClock

# Of TCP and of UDP one above 1023 at least: below, ports are opened with rights alone.
USUAL: Final = (
    *("tcp/22", "tcp/23", "tcp/80", "tcp/443", "tcp/445", "tcp/3389", "tcp/8080"),
    *("udp/53", "udp/161", "udp/514", "udp/5060", "icmp", *GROUPS),
)
_BEAT_SECONDS: Final = 1.0


async def answer_until(  # noqa: PLR0917 - the parts of one task
    stop: asyncio.Event,
    ready: Callable[[str], None],
    segment: str,
    addresses: Sequence[str],
    services: Sequence[str],
    journal: Path,
    token: Token,
    clock: Clock | None = None,
) -> Mapping[str, str]:
    """Answers on the addresses until told; the places that could not be opened, and why.

    NotAllowed where the journal cannot be written. `ready` hears of each address once it answers.
    """
    clock = clock or SystemClock()
    try:
        file = journal.open("a", encoding="utf-8")
    except OSError as error:
        raise NotAllowed(f"{journal}: {error.strerror}") from error
    with file:
        notes = _Notes(file, token, clock, segment)
        answerer = Answerer(notes.reply)
        try:
            for address in addresses:
                opened = await answerer.listen(address, services)
                if opened:
                    notes.listening = True
                    notes.write("listening", segment=segment, address=address, services=list(opened))
                    ready(f"{address}: {', '.join(opened)}")
            if not notes.listening:
                places = _named(answerer.refused)
                raise NotAllowed(_("nothing could be opened: {places}").format(places=places))
            while not stop.is_set():
                notes.write("still")
                try:
                    await asyncio.wait_for(stop.wait(), _BEAT_SECONDS)
                except TimeoutError:
                    continue
            notes.write("still")
        finally:
            await answerer.close()
        return answerer.refused


def _named(refused: Mapping[str, str]) -> str:
    return "; ".join(f"{place}: {why}" for place, why in sorted(refused.items())[:3])


class _Notes:
    def __init__(self, file: TextIO, token: Token, clock: Clock, segment: str) -> None:
        self._file = file
        self._token = token
        self._clock = clock
        self._segment = segment
        self.listening = False

    def write(self, kind: str, **words: Any) -> None:  # noqa: ANN401 - JSON
        """One sealed line, on its way to the disk at once."""
        event = {"kind": kind, "at": self._clock.now().isoformat(), **words}
        self._file.write(line(event, self._token))
        self._file.flush()

    def reply(self, service: str, data: bytes, sender: str) -> bytes | None:
        """The answer to a true question, which is written down; groups are heard and not answered."""
        nonce = self._token.asked(group_text(service, data) if service in GROUPS else data)
        if nonce is None:
            return None
        self.write("heard", nonce=nonce, service=service, segment=self._segment, sender=sender)
        return None if service in GROUPS else self._token.answer(nonce, service, self._segment)
