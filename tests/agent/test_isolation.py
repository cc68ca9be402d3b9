"""Isolation: what is meant, what a question across a border proves, and what that says of a device."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from agent.isolation import expected
from agent.isolation.answering import answer_until
from agent.isolation.asking import Answering, Asker, Vantage
from agent.isolation.expected import Expected, Meant
from agent.isolation.journal import SEALED, SILENT, Asked, Journal, line, read, settle, written
from agent.isolation.matrix import Measured, Standing
from agent.isolation.tokens import Token
from agent.permit import Gate
from agent.transport.answerer import GROUPS, group_question, group_text
from agent.transport.door import Door
from agent.transport.limits import Limits
from agent.transport.pace import Pace
from agent.transport.talk import Failed
from inventory.exits import BadInput
from inventory.types import Address, Crossing, CrossingState, FixedClock, ProbeOutcome, Scope, SystemClock

NOW = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)
TOKEN = Token(b"a token of the tests")
NONCE = "0123456789abcdef" * 2
SITE = frozenset({"office", "iot"})
MATRIX = """
kept_apart: [iot]
holes:
  - {from: office, to: iot, services: [tcp/443], reason: camera wall, until: 2026-12-31}
  - {from: iot, to: office, services: [udp/any], reason: an old one, until: 2026-01-31}
"""


def matrix_of(text: str, tmp_path: Path) -> Expected:
    path = tmp_path / "isolation.yaml"
    path.write_text(text, encoding="utf-8")
    return expected.read(path)


def way(source: str, target: str, state: CrossingState, service: str = "tcp/80", ip: str = "") -> Crossing:
    return Crossing("hq", source, target, service, 4, state, NOW, "laptop", ip)


BLOCKED, OPEN = CrossingState.BLOCKED, CrossingState.OPEN


def shut(source: str, target: str) -> tuple[Crossing, Crossing]:
    return way(source, target, BLOCKED), way(source, target, BLOCKED, "udp/161")


BOTH_SHUT = (*shut("iot", "office"), *shut("office", "iot"))


def measured(*ways: Crossing, at: datetime = NOW, meant: Expected | None = None) -> Measured:
    return Measured(ways, meant or Expected(kept_apart=("iot",)), {"hq": SITE}, 92, at)


def camera(ip: str = "10.0.20.5") -> tuple[Address, ...]:
    return (Address(ip, None, "hq", "iot", NOW, NOW),)


def test_segments_kept_apart_are_closed_but_for_holes_that_hold(tmp_path: Path) -> None:
    meant = matrix_of(MATRIX, tmp_path)
    on = date(2026, 7, 1)
    assert meant.of("office", "iot", "tcp/443", on).meant is Meant.ALLOWED
    assert meant.of("office", "iot", "tcp/443", date(2027, 1, 1)).meant is Meant.LAPSED
    assert meant.of("iot", "office", "udp/514", on).meant is Meant.LAPSED
    assert meant.of("office", "iot", "tcp/80", on).meant is Meant.DENIED
    assert meant.of("office", "server", "tcp/80", on).meant is Meant.UNSAID


def test_a_wrong_matrix_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"isolation\.yaml:2: .*services"):
        matrix_of("holes:\n  - {from: a, to: b, services: [http], reason: why not}\n", tmp_path)


def test_nobody_answers_for_a_segment_without_the_token() -> None:
    true = TOKEN.answer(NONCE, "tcp/80", "iot")
    assert TOKEN.answered(b"HTTP/1.1 302 Found\r\n" + true, NONCE, "tcp/80", "iot")
    for nonce, service, segment in (
        ("f" * 32, "tcp/80", "iot"),
        (NONCE, "tcp/81", "iot"),
        (NONCE, "tcp/80", "x"),
    ):
        assert not TOKEN.answered(true, nonce, service, segment)
    assert TOKEN.asked(Token(b"another token than ours").question(NONCE)) is None
    assert "tests" not in repr(TOKEN)


@pytest.mark.parametrize("kind", ["mdns", "ssdp"])
@pytest.mark.parametrize("family", [4, 6])
def test_a_question_to_a_group_carries_the_token_through(kind: str, family: int) -> None:
    for group in GROUPS[kind].addresses[family]:
        assert TOKEN.asked(group_text(kind, group_question(kind, group, TOKEN.question(NONCE)))) == NONCE


@pytest.mark.parametrize("data", [b"", b"\x00" * 12, b"\x00" * 12 + b"\x3f", b"\xff" * 40])
def test_a_garbled_multicast_question_is_nothing(data: bytes) -> None:
    assert TOKEN.asked(group_text("mdns", data)) is None


def asked(outcome: str, service: str = "tcp/80", at: datetime = NOW) -> Asked:
    return Asked("hq", "office", "iot", "10.0.20.9", service, 4, NONCE, at, "laptop", outcome)


def journal(*events: dict[str, object], tmp_path: Path) -> Journal:
    path = tmp_path / "journal.jsonl"
    path.write_text("".join(line(event, TOKEN) for event in events), encoding="utf-8")
    found = Journal()
    assert read(path, TOKEN, found) == ()
    return found


def listening(services: list[str], seconds: int) -> list[dict[str, object]]:
    since, until = NOW - timedelta(seconds=5), NOW + timedelta(seconds=seconds)
    told = {"segment": "iot", "address": "10.0.20.9", "services": services}
    return [
        {"kind": "listening", "at": since.isoformat(), **told},
        {"kind": "still", "at": until.isoformat()},
    ]


@pytest.mark.parametrize(
    ("outcome", "services", "seconds", "state"),
    [
        ("silent", ["tcp/80"], 5, CrossingState.BLOCKED),
        ("refused", ["tcp/80"], 5, CrossingState.BLOCKED),
        ("silent", ["tcp/80"], -1, CrossingState.NOT_TESTED),  # it had ended before
        ("silent", ["tcp/443"], 5, CrossingState.NOT_TESTED),  # it listened on something else
        ("sealed", [], 5, CrossingState.OPEN),
        ("unsealed", ["tcp/80"], 5, CrossingState.MIDDLEBOX),
        ("not-tried", ["tcp/80"], 5, CrossingState.NOT_TESTED),
    ],
)
def test_silence_is_blocked_only_where_somebody_listened(
    outcome: str, services: list[str], seconds: int, state: CrossingState, tmp_path: Path
) -> None:
    found = journal(*listening(services, seconds), tmp_path=tmp_path)
    assert [one.state for one in settle([asked(outcome)], found)] == [state]


def test_a_question_that_arrived_got_through_though_its_answer_was_lost(tmp_path: Path) -> None:
    heard = {"kind": "heard", "at": NOW.isoformat(), "nonce": NONCE, "service": "tcp/80", "segment": "iot"}
    found = journal(*listening(["tcp/80"], 5), heard, tmp_path=tmp_path)
    assert [one.state for one in settle([asked(SILENT)], found)] == [CrossingState.OPEN]


def test_an_edited_journal_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "asked.jsonl"
    path.write_text(written([asked(SEALED)], TOKEN).replace("sealed", "silent"), encoding="utf-8")
    with pytest.raises(BadInput, match=r"asked\.jsonl:1"):
        read(path, TOKEN, Journal())


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "asked.jsonl"
    path.write_text(written([asked(SEALED)], TOKEN), encoding="utf-8")
    assert read(path, TOKEN, Journal()) == (asked(SEALED),)


def test_a_device_is_isolated_only_when_both_directions_were_seen_closed() -> None:
    assert measured(*shut("iot", "office")).of(camera()).state == ""
    assert measured(*BOTH_SHUT).of(camera()).state == "isolated"
    assert measured(*BOTH_SHUT, way("office", "iot", OPEN, "tcp/22")).of(camera()).state == "leaking"


def test_a_border_that_stops_tcp_and_pings_alone_isolates_nobody() -> None:
    one = way("office", "iot", BLOCKED)
    found = measured(*shut("iot", "office"), one, replace(one, service="icmp")).of(camera())
    assert (found.state, found.missing) == ("", ("office > iot: udp",))


@pytest.mark.parametrize("state", [CrossingState.NOT_TESTED, CrossingState.MIDDLEBOX])
def test_what_was_not_tested_or_answered_by_others_isolates_nobody(state: CrossingState) -> None:
    for there, back in ((("iot", "office"), ("office", "iot")), (("office", "iot"), ("iot", "office"))):
        ways = [*shut(*there), way(*back, state), way(*back, state, "udp/161")]
        assert measured(*ways).of(camera()).state == ""
    in_doubt = state is CrossingState.MIDDLEBOX
    assert measured(*BOTH_SHUT, way("iot", "office", state, "tcp/22")).of(camera()).state == (
        "" if in_doubt else "isolated"
    )


def test_where_both_segments_speak_ipv6_it_must_be_measured_too() -> None:
    newer = [replace(one, family=6) for one in BOTH_SHUT]
    families = {("hq", name): frozenset({4, 6}) for name in SITE}
    assert replace(measured(*BOTH_SHUT), families=families).of(camera()).missing == (
        "iot > office (IPv6)",
        "office > iot (IPv6)",
    )
    assert replace(measured(*BOTH_SHUT, *newer), families=families).of(camera()).state == "isolated"


def test_an_old_measurement_isolates_nobody() -> None:
    assert measured(*BOTH_SHUT, at=NOW + timedelta(days=93)).of(camera()).state == ""


def test_a_neighbour_reached_is_not_oneself_reached() -> None:
    ways = (
        *BOTH_SHUT,
        way("office", "iot", OPEN, ip="10.0.20.6"),
    )
    assert measured(*ways).of(camera("10.0.20.5")).state == "isolated"
    assert measured(*ways).of(camera("10.0.20.6")).leaks == ("office > iot 10.0.20.6: tcp/80",)


def test_a_hole_that_lapses_makes_the_same_measurement_a_leak(tmp_path: Path) -> None:
    meant = matrix_of(MATRIX, tmp_path)
    ways = (
        *BOTH_SHUT,
        way("office", "iot", OPEN, "tcp/443"),
    )
    assert measured(*ways, meant=meant).of(camera()).state == "isolated"
    later = Expected.model_validate(
        {"kept_apart": ["iot"], "holes": [{**hole, "until": "2026-06-30"} for hole in _holes(meant)]}
    )
    assert measured(*ways, meant=later).of(camera()).state == "leaking"
    assert measured(*ways, meant=later).cells()[0].standing is Standing.LEAK


def _holes(meant: Expected) -> list[dict[str, object]]:
    return [hole.model_dump(by_alias=True) for hole in meant.holes]


def test_a_device_in_a_segment_that_is_shared_is_never_isolated() -> None:
    assert measured(*BOTH_SHUT).of((Address("10.0.10.5", None, "hq", "office", NOW, NOW),)).state == ""


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
async def test_asker_and_answerer_understand_each_other(
    address: str, tmp_path: Path, unused_tcp_port_factory: Callable[[], int]
) -> None:
    tcp, udp = f"tcp/{unused_tcp_port_factory()}", f"udp/{unused_tcp_port_factory()}"
    stop, opened = asyncio.Event(), asyncio.Event()
    serving = asyncio.create_task(
        answer_until(
            stop, lambda _text: opened.set(), "iot", [address], [tcp, udp, "tcp/9100"], tmp_path / "j", TOKEN
        )
    )
    await asyncio.wait_for(opened.wait(), 5)
    gate = Gate([Scope("127.0.0.0/8", "hq", "iot"), Scope("::1/128", "hq", "iot")])
    door = Door(Pace(10_000, 10_000), Limits().scaled(0.5), 2, randomness=random.Random(1))
    rand = random.Random(2)
    asker = Asker(door, gate, TOKEN, SystemClock(), lambda: f"{rand.getrandbits(128):032x}", 0.5)
    answering = Answering("iot", address, (tcp, udp, "tcp/9100"))
    came = await asker.ask(Vantage("laptop", "hq", "office"), [answering])
    stop.set()
    refused = await serving
    assert [one.outcome for one in came] == ["sealed", "sealed", "not-tried"]  # raw print is never asked
    assert list(refused) == [f"tcp/9100 {address}"]
    found = Journal()
    read(tmp_path / "j", TOKEN, found)
    assert {(one.nonce, one.service, "iot") for one in came[:2]} == found.heard


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (ProbeOutcome.GARBLED, "unsealed"),
        (ProbeOutcome.NOT_TRIED, "not-tried"),
        (ProbeOutcome.SILENT, "silent"),
        (ProbeOutcome.FORBIDDEN, "refused"),
    ],
)
async def test_a_connection_that_was_taken_and_hung_up_is_no_silence(
    outcome: ProbeOutcome, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(*_arguments: object, **_named: object) -> Failed:
        return Failed(outcome, "so it went")

    monkeypatch.setattr(Door, "converse", failing)
    door = Door(Pace(10_000, 10_000), Limits(), 2, randomness=random.Random(1))
    gate = Gate([Scope("192.0.2.0/24", "hq", "iot")])
    asker = Asker(door, gate, TOKEN, FixedClock(NOW), lambda: NONCE)
    came = await asker.ask(Vantage("laptop", "hq", "office"), [Answering("iot", "192.0.2.1", ("tcp/80",))])
    assert [one.outcome for one in came] == [told]


async def test_nobody_is_asked_outside_the_scopes() -> None:
    door = Door(Pace(10_000, 10_000), Limits(), 2, randomness=random.Random(1))
    asker = Asker(door, Gate([]), TOKEN, FixedClock(NOW), lambda: NONCE)
    came = await asker.ask(Vantage("laptop", "hq", "office"), [Answering("iot", "192.0.2.1", ("tcp/80",))])
    assert [one.outcome for one in came] == ["not-tried"]
    assert not door.tally.packets
