"""The scanning process: one power, no register; whichever of the two dies, the other is sound."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.events import Identified, Noted, Phase, Progressed, ScanEvent
from agent.faults import BeingScanned, ScannerDied
from agent.scanner import messages, powers
from agent.scanner.messages import GarbledMessage, Order, Said, Stop, Took
from agent.service.plan import plan
from agent.service.resume import interrupted
from agent.service.roll_call import call_the_roll
from agent.transport.claim import claimed
from agent.vantage import vantage
from inventory.exits import StoreFault
from inventory.register import Register
from inventory.settings import ScanSettings
from inventory.types import Scope, Sighting, SystemClock
from inventory.vault import SnmpUser, with_secrets, without_secrets
from tests.agent.things import things
from tests.inventory.heard import MAC_1, heard

SCOPE = Scope("127.0.78.0/24", "hq", "office")
QUICK = ScanSettings(timeout=0.3, retries=0, rate=1000)
ROOT = Path(__file__).parents[2]


@pytest.fixture
def register(tmp_path):
    with Register.open(str(tmp_path / "register.sqlite"), SystemClock()) as opened:
        opened.add_scope(SCOPE, "tester")
        yield opened


def scanners_of(process: int) -> list[int]:
    """The scanning processes that this process started."""
    children = [
        int(child)
        for task in Path(f"/proc/{process}/task").glob("*/children")
        for child in task.read_text(encoding="ascii").split()
    ]
    return [child for child in children if b"agent.scanner" in Path(f"/proc/{child}/cmdline").read_bytes()]


def test_what_is_learned_comes_through_the_pipe_into_the_register(register):
    async def scan():
        planned = plan((SCOPE,), (), ["127.0.78.1-3"], QUICK, connect=True)
        async with things("127.0.78.1"):
            return await call_the_roll(planned, register, events.append, threading.Event())

    events: list[ScanEvent] = []
    finished = asyncio.run(scan())
    assert register.runs()[-1] == finished
    assert finished.finished is not None
    assert {device.addresses[0].ip for device in register.devices()} >= {"127.0.78.1"}
    assert any(isinstance(event, Identified) and event.ip == "127.0.78.1" for event in events)
    assert scanners_of(os.getpid()) == []


def test_a_scanner_that_is_killed_leaves_a_sound_register_and_a_scan_to_go_on_with(register):
    def kill_at_the_first(event: ScanEvent) -> None:
        if isinstance(event, Identified):
            for pid in scanners_of(os.getpid()):
                os.kill(pid, signal.SIGKILL)

    async def scan():
        planned = plan((SCOPE,), (), ["127.0.78.3-6"], QUICK, connect=True)
        async with things("127.0.78.3", "127.0.78.5"):
            with pytest.raises(ScannerDied, match=r"signal 9.*muster scan --resume"):
                await call_the_roll(planned, register, kill_at_the_first, threading.Event())
            assert register.runs()[-1].finished is None
            again = interrupted(register, vantage())
            return await call_the_roll(
                planned, register, lambda _event: None, threading.Event(), resumed=again
            )

    finished = asyncio.run(scan())
    assert [run.id for run in register.runs()] == [finished.id]
    assert finished.finished is not None
    assert {"127.0.78.3", "127.0.78.5"} <= {device.addresses[0].ip for device in register.devices()}


def test_a_scanner_whose_register_is_gone_ends_at_once(tmp_path):
    place = tmp_path / "register.sqlite"
    with Register.open(str(place), SystemClock()) as opened:
        opened.add_scope(Scope("127.0.79.0/24", "hq", "office"), "tester")
    words = [sys.executable, "-m", "muster", "--register", str(place), "scan", "--connect", "-q"]
    words += ["--rate", "1"]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as parent:
        scanner = until(lambda: next(iter(scanners_of(parent.pid)), None))
        until(lambda: begun(place))
        parent.kill()
    assert until(lambda: not Path(f"/proc/{scanner}").exists() or state_of(scanner) == "Z")


def begun(place: Path) -> bool:
    with Register.open(str(place), SystemClock()) as register:
        return bool(register.runs())


def state_of(process: int) -> str:
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return "Z"


def until(question, seconds: float = 20):
    """What `question` answers as soon as it answers anything."""
    deadline = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.02)
    return answer


def test_a_register_that_cannot_be_written_ends_the_scan_and_the_scanner(register, monkeypatch):
    def full(_sightings):
        raise StoreFault("the disk is full")

    async def scan():
        planned = plan((SCOPE,), (), ["127.0.78.7"], QUICK, connect=True)
        async with things("127.0.78.7"):
            await call_the_roll(planned, register, lambda _event: None, threading.Event())

    monkeypatch.setattr(register, "ingest", full)
    with pytest.raises(StoreFault, match="disk is full"):
        asyncio.run(scan())
    assert scanners_of(os.getpid()) == []


def test_a_stop_goes_through_the_pipe(register):
    stop = threading.Event()

    def stop_at_the_first(event: ScanEvent) -> None:
        if isinstance(event, Identified):
            stop.set()

    async def scan():
        planned = plan((SCOPE,), (), ["127.0.78.20-23"], QUICK, connect=True)
        async with things("127.0.78.20", "127.0.78.21"):
            return await call_the_roll(planned, register, stop_at_the_first, stop)

    finished = asyncio.run(scan())
    assert finished.stopped
    assert finished.finished is not None


_POWERS = """
import json, socket, sys
from agent.scanner import powers
getattr(powers, sys.argv[1])()
try:
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close()
    raw = True
except PermissionError:
    raw = False
print(json.dumps([sorted(powers.in_force()), raw]))
"""


@pytest.mark.skipif(powers.CAP_NET_RAW not in powers.in_force(), reason="this user has no CAP_NET_RAW")
@pytest.mark.parametrize(("done", "raw"), [("keep_raw_alone", True), ("lay_down_raw", False)])
def test_one_process_has_raw_sockets_alone_and_the_other_has_none(done, raw):
    ran = subprocess.run(
        [sys.executable, "-c", _POWERS, done], capture_output=True, text=True, cwd=ROOT, check=True
    )
    in_force, opened = json.loads(ran.stdout)
    assert opened is raw
    assert (powers.CAP_NET_RAW in in_force) is raw
    assert not raw or in_force == [powers.CAP_NET_RAW]


def test_messages_come_out_as_they_went_in():
    sighting = heard("10.0.0.7", MAC_1, vendor="理光", serial="X1")
    for message in (
        Took((sighting,)),
        Said(Progressed(Phase.PORTS, 1, 2, 3, 4.5)),
        Said(Noted("a note")),
        Stop(),
    ):
        framed = messages.written(message)
        assert messages.length_of(framed[:4]) == len(framed) - 4
        assert messages.understood(framed[4:]) == message
    (back,) = messages.understood(messages.written(Took((sighting,)))[4:]).sightings
    assert isinstance(back, Sighting)
    assert back == sighting


def test_an_order_shows_no_community():
    order = Order((), (), (), (), (), ScanSettings(), ("s3cret-community",), False, "v", "en")
    assert "s3cret-community" not in repr(order)
    assert messages.understood(messages.written(order)[4:]) == order


def test_users_of_the_vault_reach_the_scanner_and_show_themselves_nowhere():
    user = SnmpUser("reader", "sha256", "first s3cret", "aes", "second s3cret")
    order = Order((), (), (), (), (), ScanSettings(), ("own",), False, "v", "en", users=(user,))
    assert "s3cret" not in repr(order)
    told = messages.understood(messages.written(order)[4:])
    assert isinstance(told, Order)
    settings = with_secrets(told.settings, told.communities, told.users)
    assert (settings.snmp_communities, settings.snmp_users) == (("own",), (user,))
    assert "s3cret" not in repr(settings)
    bare = without_secrets(settings)
    assert bare.snmp_communities == ()
    assert "reader" not in bare.model_dump_json()


@given(st.binary(max_size=200))
def test_bytes_that_are_no_message_are_refused(body):
    with pytest.raises(GarbledMessage):
        messages.understood(body)


def test_a_length_beyond_all_bounds_is_refused():
    with pytest.raises(GarbledMessage):
        messages.length_of(b"\xff\xff\xff\xff")


def test_a_network_that_is_being_scanned_is_left_to_that_scan(register):
    planned = plan((SCOPE,), (), ["127.0.78.1"], QUICK, connect=True)
    with claimed([SCOPE.network]), pytest.raises(BeingScanned, match=SCOPE.network):
        asyncio.run(call_the_roll(planned, register, lambda _event: None, threading.Event()))
    assert register.runs() == ()
    with claimed([SCOPE.network]):  # it was given up
        pass
