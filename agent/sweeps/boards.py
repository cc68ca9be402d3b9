"""Between sweeps and the engine: questions for a board, and what a board says as hosts."""

import ipaddress
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from agent.sweeps import ARP, ICMP, TCP_SYN, UDP
from agent.sweeps.connect import Only
from agent.sweeps.found import Host, PortState, Roll
from agent.transport.raw.answers import State
from agent.transport.raw.board import Board, Question
from agent.transport.raw.engine import Outcome
from agent.transport.raw.fill import Frames
from agent.transport.raw.layouts import Kind

Numbers = npt.NDArray[np.uint32]

_PORT_STATES: Final = {State.OPEN: PortState.OPEN, State.CLOSED: PortState.CLOSED}
_NAMES: Final = {Kind.ARP: ARP.name, Kind.ECHO: ICMP.name, Kind.SYN: TCP_SYN.name, Kind.UDP: UDP.name}


def roll_of(board: Board, outcome: Outcome, *, local: bool) -> Roll:
    """Who answered, by the board's end; their MACs where they are `local`, on the wire itself."""
    heard = board.heard()
    hosts = []
    for row in np.flatnonzero(heard):
        said = [
            (question, State(int(state)))
            for question, state in zip(board.questions, board.state[row], strict=True)
            if state
        ]
        own = [(question, state) for question, state in said if state <= State.ANSWERED]
        hosts.append(
            Host(
                ip=str(ipaddress.IPv4Address(int(board.addresses[row]))),
                mac=board.macs[row].tobytes().hex(":") if local else None,
                answered=tuple(dict.fromkeys(_NAMES[question.kind] for question, _state in own)),
                ports={q.port: _PORT_STATES[state] for q, state in own if q.kind is Kind.SYN},
                udp_ports={q.port: _PORT_STATES[state] for q, state in own if q.kind is Kind.UDP},
            )
        )
    absent = (board.state == State.NO_HOST).any(axis=1) & ~heard
    silent = ~board.state.any(axis=1)
    forbidden = (board.state == State.PROHIBITED).any(axis=1) & ~heard & ~absent
    return Roll(
        hosts=tuple(hosts),
        absent=frozenset(texts(board.addresses[absent])),
        forbidden=frozenset(texts(board.addresses[forbidden])),
        not_reached=frozenset(texts(board.addresses[silent])) if outcome.stopped else frozenset(),
        dropped=outcome.dropped,
    )


def own_macs(macs: Iterable[str]) -> Frames:
    """A row for each MAC, zeros for none."""
    rows = b"".join(bytes.fromhex((mac or "0" * 12).replace(":", "")) for mac in macs)
    return np.frombuffer(rows, np.uint8).reshape(-1, 6).copy()


def for_all(hop: bytes, count: int) -> Frames:
    """One next hop for so many hosts, held once."""
    return np.broadcast_to(np.frombuffer(hop, np.uint8), (count, 6))


def port_states(ports: Sequence[int], row: npt.NDArray[np.uint8]) -> dict[int, PortState]:
    """The state of each port that was asked, by a host's row of the board."""
    states = [(port, State(int(state))) for port, state in zip(ports, row, strict=True)]
    return {
        port: _PORT_STATES.get(state, PortState.FILTERED)
        for port, state in states
        if state is not State.LEFT_OUT
    }


def syns(ports: Iterable[int]) -> tuple[Question, ...]:
    """A SYN to each port."""
    return tuple(Question(Kind.SYN, port) for port in ports)


def unwanted(addresses: Numbers, questions: Sequence[Question], only: Only) -> npt.NDArray[np.bool_]:
    """Which (host, question) pairs are left out where each address has ports of its `only`."""
    wanted = [only.get(text, frozenset[int]()) for text in texts(addresses)]
    table = [[each.kind is Kind.SYN and each.port not in ports for each in questions] for ports in wanted]
    return np.array(table, np.bool_).reshape(len(addresses), len(questions))


def texts(numbers: Numbers) -> list[str]:
    """The addresses in their usual notation."""
    return [str(ipaddress.IPv4Address(int(number))) for number in numbers]
