"""Who is there, asked with raw frames: ARP on the wire itself, echo and a few SYNs beyond a router."""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import replace
from ipaddress import IPv4Address
from typing import Final

import numpy as np
import numpy.typing as npt

from agent.places import Places
from agent.ranges import Addresses
from agent.sweeps import ARP
from agent.sweeps.asking import PATIENT, Asker, arp_board
from agent.sweeps.boards import one_hop, own_macs, roll_of, settled_addresses, syns
from agent.sweeps.found import NOWHERE, Host, Roll
from agent.sweeps.knocks import FIRST_KNOCKS, SECOND_KNOCKS
from agent.transport.raw.board import Board, Question
from agent.transport.raw.fill import Frames
from agent.transport.raw.layouts import Kind
from agent.transport.raw.patience import Patience
from agent.transport.raw.route import Way

ARP_PASSES: Final = 2  # broadcasts are the first thing a busy switch or host drops
_LIFE_PASSES: Final = 4
_LESS_PATIENT: Final = Patience(0.4, 0.4)  # whoever answers later is asked again
_FIRST_CALL: Final = (Question(Kind.ECHO), *syns(FIRST_KNOCKS))
_SECOND_CALL: Final = (Question(Kind.ECHO), *syns(SECOND_KNOCKS))
_ECHO_ALONE: Final = (Question(Kind.ECHO),)
_MOST_OF_ONE: Final = 8  # addresses that one MAC has; whose answers for more prove nobody


MayAsk = Callable[[str, str], bool]
"""(address, MAC) → whether a device of this MAC may be asked at the address."""


def on_the_wire(
    asker: Asker, way: Way, addresses: Addresses, retries: int, may_ask: MayAsk = lambda _ip, _mac: True
) -> Roll:
    """Everybody of a wire who is there: answers ARP, and more than that where one MAC answers for many."""
    roll = by_arp(asker, way, addresses, retries, hears_out=True)
    tally = Counter(mac for host in roll.hosts for mac in _macs(host))
    answering_for_many = {mac for mac, count in tally.items() if count > _MOST_OF_ONE}
    own = [_by_own_mac(host, answering_for_many, may_ask) for host in roll.hosts]
    doubtful = {
        host.ip: host for host in own if host.mac in answering_for_many and may_ask(host.ip, str(host.mac))
    }
    if not doubtful:
        return replace(roll, hosts=tuple(own))

    def hops(part: Addresses) -> Frames:
        return own_macs(doubtful[ip].mac for ip in part.texts())

    said = _called(asker, way, Addresses.of(int(IPv4Address(ip)) for ip in doubtful), hops, retries)
    there = [replace(doubtful[host.ip], answered=(ARP.name, *host.answered)) for host in said.hosts]
    nobody = Places.of(doubtful) - Places.of(host.ip for host in there) - said.not_reached
    return replace(
        roll,
        hosts=(*(host for host in own if host.ip not in doubtful), *there),
        answered_for={
            mac: Places.of(ip for ip in nobody if doubtful[ip].mac == mac)
            for mac in {str(host.mac) for host in doubtful.values()}
        },
        not_reached=roll.not_reached | said.not_reached,
        dropped=roll.dropped + said.dropped,
    )


def by_arp(asker: Asker, way: Way, addresses: Addresses, retries: int, *, hears_out: bool = False) -> Roll:
    """Whoever ARP is answered for on a wire, with the MAC; with every MAC where it `hears_out`."""
    board = arp_board(addresses, hears_out=hears_out)
    return roll_of(board, asker.ask(board, way, passes=ARP_PASSES + retries))


def beyond_a_router(asker: Asker, way: Way, addresses: Addresses, retries: int) -> Roll:
    """Everybody behind the way's router who answers; no route where the router itself does not."""
    hop = asker.next_hop(way)
    if hop is None:
        everybody = Places(addresses)
        return Roll(not_reached=everybody) if asker.stop.is_set() else Roll(no_route=everybody)
    return _called(asker, way, addresses, lambda part: one_hop(hop, len(part)), retries)


def _called(
    asker: Asker, way: Way, addresses: Addresses, hops: Callable[[Addresses], Frames], retries: int
) -> Roll:
    """Echo and a SYN to everybody; echo and other SYNs, then a last echo, to those still silent."""
    calls = [_FIRST_CALL]
    if retries:
        calls += [_SECOND_CALL, *[_ECHO_ALONE] * retries]
    roll, silent = Roll(), addresses
    for number, questions in enumerate(calls, start=1):
        board = Board(silent, hops(silent), questions, settle_hosts=True)
        patience = PATIENT if number == len(calls) else _LESS_PATIENT
        outcome = asker.ask(board, way, passes=1, patience=patience)
        roll = replace(roll, not_reached=NOWHERE).joined(roll_of(board, outcome))
        silent = silent.without(settled_addresses(board))
        if asker.stop.is_set() or not len(silent):
            break
    return roll


def _macs(host: Host) -> set[str]:
    return {*host.other_macs, *([host.mac] if host.mac else [])}


def _by_own_mac(host: Host, answering_for_many: Collection[str], may_ask: MayAsk) -> Host:
    """The host by a MAC of its own, where it has one beside those.

    Of several one that must not be asked stands first, for a question to the address may reach it; else the
    lowest.
    """
    own = sorted(_macs(host) - set(answering_for_many), key=lambda mac: (may_ask(host.ip, mac), mac))
    return replace(host, mac=own[0], other_macs=tuple(own[1:])) if own else replace(host, other_macs=())


def signs_of_life(
    asker: Asker, way: Way, board: Board, ranks: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Which of these hosts of the board still answer what hosts are found by; asked several times, for one
    question may be lost."""
    asked = Addresses.of(board.addresses.at(ranks).tolist())
    if way.gateway is None:
        again = arp_board(asked)
    else:
        knocks = (Question(Kind.ECHO), *syns((*FIRST_KNOCKS, *SECOND_KNOCKS)))
        again = Board(asked, board.next_hops[ranks], knocks, settle_hosts=True)
    asker.ask(again, way, passes=_LIFE_PASSES, patience=_LESS_PATIENT, kept=False)
    return np.isin(np.arange(len(ranks)), again.heard())
