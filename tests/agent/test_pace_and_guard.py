"""The two rates hold whatever is asked, and raw print ports never get a byte."""

import asyncio
import heapq
import itertools
import random
from bisect import bisect_left
from collections.abc import Coroutine, Sequence
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent import second_opinion
from agent.permit import Gate, Permit
from agent.transport import guard
from agent.transport.door import Door
from agent.transport.limits import Limits
from agent.transport.pace import Pace
from agent.transport.raw.tempo import Tempo
from agent.transport.talk import Failed, Link
from inventory.settings import ScanSettings
from inventory.types import Device, DeviceClass, ProbeOutcome, Scope, Target, Touch


class Time:
    """A clock that moves only when somebody waits."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 9)), min_size=1, max_size=120),
    st.sampled_from([50.0, 200.0, 1000.0]),
    st.sampled_from([1, 4096]),
)
def test_in_any_second_both_rates_hold_whoever_is_forgotten(
    takes: list[tuple[int, int]], rate: float, remembered: int
) -> None:
    time = Time()
    with patch("agent.transport.pace._REMEMBERED", remembered):
        pace = Pace(rate, 40, now=time.now, sleep=time.sleep)
    sent: list[tuple[float, int, int]] = []

    async def send() -> None:
        for host, packets in takes:
            await pace.take(str(host), packets)
            sent.append((time.at, host, packets))

    asyncio.run(send())
    for begin, _host, _packets in sent:
        window = [(host, packets) for at, host, packets in sent if begin <= at < begin + 1]
        assert sum(packets for _one, packets in window) <= rate
        for host in range(4):
            assert sum(packets for one, packets in window if one == host) <= 40


class Queue(Time):
    """A clock for many who wait at once: time goes on to whoever may go next."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    async def sleep(self, seconds: float) -> None:
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (self.at + seconds, next(self._numbers), future))
        await future

    async def run(self, everybody: Sequence[Coroutine[None, None, None]]) -> None:
        waiting = {asyncio.ensure_future(one) for one in everybody}
        while waiting:
            for _turn in range(5):  # all who can go on without time passing do so
                await asyncio.sleep(0)
            if self._waiting:
                at, _number, future = heapq.heappop(self._waiting)
                self.at = max(self.at, at)
                future.set_result(None)
            waiting = {task for task in waiting if not task.done()}


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9)), min_size=1, max_size=100),
    st.sampled_from([50.0, 200.0, 1000.0]),
)
def test_both_rates_hold_with_many_who_wait_for_each_other(takes: list[tuple[int, int]], rate: float) -> None:
    time = Queue()
    pace = Pace(rate, 40, now=time.now, sleep=time.sleep)
    sent: list[tuple[float, int, int]] = []

    async def send(host: int, packets: int) -> None:
        await pace.take(str(host // 10), packets)
        sent.append((time.at, host // 10, packets))

    async def everybody() -> None:
        await time.run([send(host, packets) for host, packets in takes])

    asyncio.run(everybody())
    assert len(sent) == len(takes)
    for begin, _host, _packets in sent:
        window = [(host, packets) for at, host, packets in sent if begin <= at < begin + 1]
        assert sum(packets for _one, packets in window) <= rate
        for host in range(5):
            assert sum(packets for one, packets in window if one == host) <= 40


def test_questions_beside_a_sweep_keep_one_rate_with_it_and_get_their_share() -> None:
    time = Queue()
    pace = Pace(1000, 40, now=time.now, sleep=time.sleep)
    swept: list[float] = []
    asked: list[float] = []

    async def sweep() -> None:
        for _batch in range(375):
            await time.sleep(pace.tempo.reserve(4) - time.at)
            swept.extend([time.at] * 4)

    async def ask(host: int) -> None:
        for _question in range(5):
            await pace.take(str(host))
            asked.append(time.at)

    async def everybody() -> None:
        await time.run([sweep(), *(ask(host) for host in range(100))])

    asyncio.run(everybody())
    assert (len(swept), len(asked)) == (1500, 500)
    assert max(asked) < 1.2, "one packet for each of the sweep's batches would take five seconds"
    for begin in (*swept, *asked):
        assert sum(begin <= at < begin + 1 for at in (*swept, *asked)) <= 1000


@settings(max_examples=20)
@given(st.lists(st.floats(0, 0.3), min_size=5, max_size=50))
def test_batches_that_are_held_up_make_no_second_too_full(delays: list[float]) -> None:
    time = Queue()
    tempo = Tempo(1000, now=time.now)
    sent: list[float] = []
    held_up = itertools.cycle(delays)

    async def sweep() -> None:
        for batch in range(90):
            await time.sleep(tempo.reserve(4) - time.at)
            await time.sleep(next(held_up) if batch % 30 == 0 else 0)
            sent.extend([time.at] * 4)

    async def all_at_once() -> None:
        await time.run([sweep() for _one in range(4)])

    asyncio.run(all_at_once())
    sent.sort()
    assert all(bisect_left(sent, begin + 1) - at <= 1000 for at, begin in enumerate(sent))


@given(st.lists(st.tuples(st.integers(1, 50), st.floats(0, 0.5)), min_size=1, max_size=80))
def test_sweeps_that_run_at_once_keep_one_total_rate(turns: list[tuple[int, float]]) -> None:
    time = Time()
    tempo = Tempo(1000, now=time.now)
    sent: list[tuple[float, int]] = []
    for packets, pause in turns:
        sent.append((tempo.reserve(packets), packets))
        time.at += pause
    assert [at for at, _packets in sent] == sorted(at for at, _packets in sent)
    for begin, _packets in sent:
        assert sum(packets for at, packets in sent if begin <= at < begin + 1) <= 1000 + 50


def test_a_lossy_sweep_slows_down_and_a_lifted_one_is_not_held() -> None:
    tempo = Tempo(1000, now=lambda: 0.0)
    tempo.slow_down(reached=900)
    assert tempo.rate == pytest.approx(700)
    for _turn in range(9):
        tempo.recover()
    assert tempo.rate == pytest.approx(1000)
    unlimited = Tempo(None, now=lambda: 5.0)
    assert [unlimited.reserve(1000), unlimited.reserve(1000)] == [5.0, 5.0]
    unlimited.slow_down(reached=200_000)
    assert unlimited.rate == pytest.approx(140_000)


def test_a_slow_segment_does_not_hold_up_the_others_and_all_keep_the_total() -> None:
    whole = Tempo(1000, now=lambda: 0.0)
    slow, quick = whole.part(), whole.part()
    slow.slow_down(reached=1000)
    assert (slow.rate, quick.rate) == (pytest.approx(700), 1000)
    moments = [slow.reserve(100), quick.reserve(100), quick.reserve(100), slow.reserve(100)]
    assert moments == pytest.approx([0.0, 0.1, 0.2, 0.3], rel=0.03)


@pytest.mark.parametrize("port", [515, 9100, 9103, 9107, 9112, 9116])
def test_raw_print_ports_are_guarded_whoever_the_device_is(port: int) -> None:
    assert all(guard.refusal(port, device_class) for device_class in DeviceClass)


def test_9999_is_guarded_unless_the_device_is_known_not_to_print() -> None:
    assert guard.refusal(9999, DeviceClass.UNKNOWN)
    assert guard.refusal(9999, DeviceClass.PRINTER)
    assert not guard.refusal(9999, DeviceClass.CAMERA)


@pytest.mark.parametrize("port", [80, 161, 631, 9108, 9111, 9117])
def test_other_ports_are_free(port: int) -> None:
    assert not guard.refusal(port, DeviceClass.PRINTER)


def permit_for(ip: str, devices: tuple[Device, ...] = ()) -> Permit:
    permit = Gate([Scope("127.0.0.0/8", "hq", "here")], devices).admit(ip, Touch.QUERY)
    assert isinstance(permit, Permit)
    return permit


def a_door() -> Door:
    return Door(Pace(10_000, 1_000), Limits(), 2, randomness=random.Random(1))


async def test_the_door_neither_connects_nor_writes_to_a_raw_print_port() -> None:
    heard: list[bytes] = []
    accepted = 0

    async def print_out(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal accepted
        accepted += 1
        heard.append(await reader.read())
        writer.close()

    async def talk(link: Link) -> None:
        await link.write(b"paper")

    server = await asyncio.start_server(print_out, "127.0.0.1", 9100)
    async with server:
        door, permit = a_door(), permit_for("127.0.0.1")
        got = await door.converse(permit, 9100, talk)
        assert isinstance(got, Failed)
        assert got.outcome is ProbeOutcome.NOT_TRIED
        assert await door.knock(permit, 9100) is ProbeOutcome.NOT_TRIED
        assert isinstance(await door.ask(permit, 9100, b"paper", wait=0.1), Failed)
        assert await door.is_alive(permit, 9100)
    assert (accepted, heard, dict(door.tally.packets)) == (0, [], {})


def test_nmap_is_told_of_every_guarded_port_and_both_caps() -> None:
    line = second_opinion.arguments([80], ScanSettings())
    excluded = line.split("--exclude-ports ")[1].split(" ")[0].split(",")
    assert {int(port) for port in excluded} == guard.RAW_PRINT_PORTS | guard.PRINTER_ONLY_PORTS
    assert "--max-rate 40 " in line
    assert "--max-parallelism 2 " in line
    assert "--script" not in line
    assert "-sC" not in line


async def test_nmap_is_not_started_for_a_device_with_raw_print_ports_alone() -> None:
    door = a_door()
    target = Target("127.0.0.1", None, "hq", "here")
    assert await second_opinion.ask(target, [515, 9100, 9999], ScanSettings(), door.tally) == ()
    assert not door.tally.packets
