"""Between sweeps and the engine: questions for a board, and what a board says as hosts."""

import ipaddress
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from agent.places import Places
from agent.ranges import Addresses
from agent.sweeps import ARP, ICMP, TCP_SYN, UDP
from agent.sweeps.connect import Only
from agent.sweeps.found import Host, PortState, Roll
from agent.transport.raw.answers import State
from agent.transport.raw.board import Board, Question, heard_in
from agent.transport.raw.fill import Frames
from agent.transport.raw.layouts import Kind
from agent.transport.raw.outcome import Outcome
from agent.transport.raw.pages import Rows

_PORT_STATES: Final = {State.OPEN: PortState.OPEN, State.CLOSED: PortState.CLOSED}
_NAMES: Final = {Kind.ARP: ARP.name, Kind.ECHO: ICMP.name, Kind.SYN: TCP_SYN.name, Kind.UDP: UDP.name}


def roll_of(board: Board, outcome: Outcome) -> Roll:
    """Who answered by the board's end, who is absent or forbidden, and who was not reached."""
    known, said = board.known()
    heard = heard_in(said)
    absent = (said == State.NO_HOST).any(axis=1) & ~heard
    forbidden = (said == State.PROHIBITED).any(axis=1) & ~heard & ~absent
    silent = board.addresses.without(_addresses(board, known)) if outcome.stopped else Addresses()
    return Roll(
        hosts=hosts_of(board),
        absent=Places(_addresses(board, known[absent])),
        forbidden=Places(_addresses(board, known[forbidden])),
        not_reached=Places(silent),
        dropped=outcome.dropped,
    )


def hosts_of(board: Board) -> tuple[Host, ...]:
    """Who answered, with their MACs where the board asked for them."""
    heard = board.heard()
    macs = [row.tobytes().hex(":") or None for row in board.macs(heard)]
    hosts = []
    for rank, number, mac, row in zip(heard, board.addresses.at(heard), macs, board.said(heard), strict=True):
        answers = [
            (question, State(int(state)))
            for question, state in zip(board.questions, row, strict=True)
            if State.NOTHING < state <= State.ANSWERED
        ]
        hosts.append(
            Host(
                ip=str(ipaddress.IPv4Address(int(number))),
                mac=mac,
                answered=tuple(dict.fromkeys(_NAMES[question.kind] for question, _state in answers)),
                ports={q.port: _PORT_STATES[state] for q, state in answers if q.kind is Kind.SYN},
                udp_ports={q.port: _PORT_STATES[state] for q, state in answers if q.kind is Kind.UDP},
                other_macs=tuple(sorted(also.hex(":") for also in board.also.get(int(rank), ()))),
            )
        )
    return tuple(hosts)


def settled_addresses(board: Board) -> Addresses:
    """Who need not be asked again whether they are there."""
    return _addresses(board, board.settled())


def own_macs(macs: Iterable[str | None]) -> Frames:
    """A row for each MAC, zeros for none."""
    rows = b"".join(bytes.fromhex((mac or "0" * 12).replace(":", "")) for mac in macs)
    return np.frombuffer(rows, np.uint8).reshape(-1, 6)


def one_hop(hop: bytes, count: int) -> Frames:
    """One next hop for so many hosts, held once."""
    return np.broadcast_to(np.frombuffer(hop, np.uint8), (count, 6))


def port_states(ports: Sequence[int], row: npt.NDArray[np.uint8], *, stopped: bool) -> dict[int, PortState]:
    """The state of each port that was asked to the end, by a host's row of the board.

    Of a board that was `stopped` nobody knows whether silence is an answer.
    """
    states = [(port, State(int(state))) for port, state in zip(ports, row, strict=True)]
    unknown = {State.LEFT_OUT, State.FELL_SILENT, *([State.NOTHING] if stopped else [])}
    return {
        port: _PORT_STATES.get(state, PortState.FILTERED) for port, state in states if state not in unknown
    }


def syns(ports: Iterable[int]) -> tuple[Question, ...]:
    """A SYN to each port."""
    return tuple(Question(Kind.SYN, port) for port in ports)


def unwanted(addresses: Addresses, questions: Sequence[Question], only: Only) -> npt.NDArray[np.bool_]:
    """Which (host, question) pairs are left out where each address has ports of its `only`."""
    wanted = [only.get(text, frozenset[int]()) for text in addresses.texts()]
    table = [[each.kind is Kind.SYN and each.port not in ports for each in questions] for ports in wanted]
    return np.array(table, np.bool_).reshape(len(addresses), len(questions))


def _addresses(board: Board, hosts: Rows) -> Addresses:
    return Addresses.ascending(board.addresses.at(hosts))
