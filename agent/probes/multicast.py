"""The questions that a whole segment hears at once: mDNS, SSDP and WS-Discovery on the wire we are on.

Harmless because they are the questions of `mdns`, `ssdp` and `wsd`, sent once each with a hop limit of one;
routers do not forward them. Some devices answer these and not the same question sent to themselves.
"""

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from agent.permit import Permit
from agent.probes import mdns, ssdp, wsd
from agent.probes.reply import Garbled, Reply, answered
from agent.transport.door import Door
from agent.transport.talk import Failed


async def ask_segment(
    door: Door, permits: Mapping[str, Permit], source_ip: str
) -> dict[str, tuple[Reply, ...]]:
    """What each permitted host of the segment answers; `source_ip` is our own address there."""
    message = uuid.UUID(int=door.randomness.getrandbits(128), version=4)
    heard = await asyncio.gather(
        door.ask_group(permits, source_ip, mdns.GROUP, mdns.PORT, mdns.query(mdns.BROWSE)),
        door.ask_group(permits, source_ip, ssdp.GROUP, ssdp.PORT, ssdp.query(ssdp.GROUP)),
        door.ask_group(permits, source_ip, wsd.GROUP, wsd.PORT, wsd.query(message)),
    )
    told: dict[str, list[Reply]] = defaultdict(list)
    for read, answers in zip((read_mdns, read_ssdp, read_wsd), heard, strict=True):
        messages: dict[str, list[bytes]] = defaultdict(list)
        for answer in () if isinstance(answers, Failed) else answers:
            messages[answer.ip].append(answer.data)
        for ip, datas in messages.items():
            reply = read(tuple(datas))
            if reply is not None:
                told[ip].append(reply)
    return {ip: tuple(replies) for ip, replies in told.items()}


async def follow_up(door: Door, permit: Permit, overheard: Iterable[Reply]) -> tuple[Reply, ...]:
    """The descriptions that a host's answers to the segment point at, where those are its own."""
    found: list[Reply] = []
    for reply in overheard:
        told = {fact.name: fact.value for fact in reply.facts}
        if reply.source == "ssdp":
            found += await ssdp.describe(door, permit, told.get("ssdp.location", ""))
        elif reply.source == "wsd":
            found += await wsd.describe(door, permit, told.get("wsd.xaddrs", ""))
    return tuple(found)


def read_mdns(messages: tuple[bytes, ...]) -> Reply | None:
    """One host's mDNS answers as one reply; None where none can be read."""
    records = [record for one in map(mdns.parse, messages) if not isinstance(one, Garbled) for record in one]
    facts = mdns.describe(tuple(records))
    return answered("mdns", f"udp/{mdns.PORT}", facts, b"".join(messages)) if facts else None


def read_ssdp(messages: tuple[bytes, ...]) -> Reply | None:
    """The first SSDP answer that can be read."""
    return _first(messages, "ssdp", ssdp.PORT, ssdp.parse)


def read_wsd(messages: tuple[bytes, ...]) -> Reply | None:
    """The first ProbeMatch that can be read."""
    return _first(messages, "wsd", wsd.PORT, wsd.parse)


def _first(
    messages: tuple[bytes, ...],
    source: str,
    port: int,
    parse: Callable[[bytes], tuple[tuple[str, str], ...] | Garbled],
) -> Reply | None:
    for message in messages:
        read = parse(message)
        if not isinstance(read, Garbled):
            return answered(source, f"udp/{port}", read, message)
    return None
