"""Several segments that are called at once, told as one: the hindmost's phase, and how far all are in it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from agent.events import Phase, Progressed, ScanEvent
from agent.transport.tally import Tally

OnEvent = Callable[[ScanEvent], None]

_AGAIN = 3  # the place of the ports that are asked again, once it is known who has them
_PLACES = {Phase.SWEEP: 0, Phase.PORTS: 1, Phase.PROBES: 2, Phase.SECOND_OPINION: 4, Phase.DONE: 5}


class Progress:
    """Hears how far each segment is and says what that comes to; other events pass as they are.

    `now` gives seconds, monotonic: the rate told is that of all packets so far.
    """

    def __init__(
        self, on_event: OnEvent, segments: int, tally: Tally, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._on_event = on_event
        self._told: list[dict[int, Progressed]] = [{} for _segment in range(segments)]
        self._ended = [False] * segments
        self._tally = tally
        self._now = now
        self._began = now()

    def of(self, segment: int) -> OnEvent:
        """Where the segment of this number says what happens in it."""

        def hear(event: ScanEvent) -> None:
            if isinstance(event, Progressed):
                self._hear(segment, event)
            else:
                self._on_event(event)

        return hear

    def end(self, segment: int) -> None:
        """The segment has come to its end, and holds nobody back."""
        self._ended[segment] = True

    def _hear(self, segment: int, event: Progressed) -> None:
        told = self._told[segment]
        again = event.phase is Phase.PORTS and _PLACES[Phase.PROBES] in told
        at = _AGAIN if again else _PLACES[event.phase]
        if at not in told or event.total >= told[at].total:  # of two sweeps at once the larger tells
            told[at] = event
        going = [_place(each) for each, ended in zip(self._told, self._ended, strict=True) if not ended]
        place = min(going, default=_AGAIN)
        parts = [each[place] for each in self._told if place in each]
        if not parts:
            return
        sent, seconds = sum(self._tally.packets.values()), self._now() - self._began
        whole = replace(
            parts[0],
            done=sum(part.done for part in parts),
            total=sum(part.total for part in parts),
            found=sum(part.found for part in parts),
            rate=sent / max(0.001, seconds),
        )
        self._on_event(whole)


def _place(told: Mapping[int, Progressed]) -> int:
    """Where a segment is: with its interviews, as long as not all were held."""
    probes = told.get(_PLACES[Phase.PROBES])
    return _PLACES[Phase.PROBES] if probes and probes.done < probes.total else max(told, default=0)
