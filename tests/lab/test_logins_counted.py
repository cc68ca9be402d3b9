"""Each login protocol tried on a server that keeps its own book: the book has as many tries as were made."""

import getpass
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.logins import LOGINS
from agent.logins.protocol import Answer, Credential, Way
from agent.logins.secrecy import Secret
from agent.permit import Gate, Permit
from agent.transport.door import Door
from agent.transport.limits import Limits
from agent.transport.pace import Pace
from inventory.types import Scope, Touch, TryOutcome
from tests.lab.pretend_device import free_port, speaking

RIGHT, WRONG = "rightone", "wrongone"
BAD_COMMUNITIES = "1.3.6.1.2.1.11.4.0"  # snmpInBadCommunityNames: the agent's own count (RFC 3418)


def permitted() -> Permit:
    """Leave to log in on loopback."""
    gate = Gate([Scope("127.0.0.0/8", "hq", "here", Touch.LOGIN)])
    permit = gate.admit("127.0.0.1", Touch.LOGIN)
    assert isinstance(permit, Permit)
    return permit


async def tried(way: Way, account: str, password: str, *, patience: float = 0) -> Answer:
    """What looking, and one try where that leaves it open, comes to."""
    permit = permitted()
    limits = Limits(connect_seconds=1, read_seconds=0.5, conversation_seconds=5, goodbye_seconds=0.2)
    limits = limits.scaled(patience) if patience else limits
    door = Door(Pace(1e6, 1e6), limits, 1)
    login = next(one for one in LOGINS if one.name == way.protocol)
    seen = await login.look(door, permit, way)
    if seen.answer is not None:
        return seen.answer
    return await login.attempt(door, permit, way, seen, Credential(account, Secret(password)))


@pytest.mark.parametrize(
    ("protocol", "settings"),
    [("rtsp", {"accounts": {"admin": RIGHT}}), ("rtsp", {"accounts": {"admin": RIGHT}, "login": "basic"}),
     ("ftp", {"accounts": {"admin": RIGHT}})],
)  # fmt: skip
async def test_an_account_gets_the_try_that_stands_in_the_devices_book(
    protocol: str, settings: dict[str, object]
) -> None:
    async with speaking(protocol, **settings) as device:
        right = await tried(Way(protocol, device.port), "admin", RIGHT)
        wrong = await tried(Way(protocol, device.port), "admin", WRONG)
    assert (right.outcome, wrong.outcome) == (TryOutcome.ACCEPTED, TryOutcome.REFUSED)
    assert device.logins == [(protocol, "admin", "accepted"), (protocol, "admin", "refused")]


async def test_onvif_tries_its_digest_once() -> None:
    onvif = {"manufacturer": "V", "model": "M", "firmware": "1", "serial": "S", "accounts": {"root": RIGHT}}
    async with speaking("http", pages={"/": {"title": "x"}}, onvif=onvif) as device:
        right = await tried(Way("onvif", device.port), "root", RIGHT)
        wrong = await tried(Way("onvif", device.port), "root", WRONG)
    assert (right.outcome, wrong.outcome) == (TryOutcome.ACCEPTED, TryOutcome.REFUSED)
    assert device.logins == [("onvif", "root", "accepted"), ("onvif", "root", "refused")]


async def test_vnc_answers_one_challenge() -> None:
    async with speaking("vnc", password=RIGHT) as device:
        right = await tried(Way("vnc", device.port), "", RIGHT)
        wrong = await tried(Way("vnc", device.port), "", WRONG)
    async with speaking("vnc", asks="no") as free:
        nothing = await tried(Way("vnc", free.port), "", RIGHT)
    assert (right.outcome, wrong.outcome) == (TryOutcome.ACCEPTED, TryOutcome.REFUSED)
    assert nothing.outcome is TryOutcome.OPEN
    assert device.logins == [("vnc", "", "accepted"), ("vnc", "", "refused")]
    assert free.logins == []


@contextmanager
def daemon(log: Path, ready: str, *command: str) -> Iterator[None]:
    """A real server until the end of the block; skips where it is not installed."""
    program = shutil.which(command[0], path="/usr/sbin:/usr/bin:/sbin:/bin")
    if program is None:
        pytest.skip(f"{command[0]} is not installed")
    with log.open("wb") as book:
        running = subprocess.Popen([program, *command[1:]], stdout=book, stderr=book)
    try:
        for _ in range(100):
            if ready in log.read_text("utf-8", "replace"):
                break
            assert running.poll() is None, log.read_text("utf-8", "replace")
            with pytest.raises(subprocess.TimeoutExpired):
                running.wait(0.05)
        yield
    finally:
        running.terminate()
        running.wait(10)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """A real MQTT broker that knows one account: its port and its log."""
    port, log, users = free_port("tcp"), tmp_path / "log", tmp_path / "users"
    hashing = shutil.which("mosquitto_passwd")
    if hashing is None:
        pytest.skip("mosquitto_passwd is not installed")
    subprocess.run([hashing, "-c", "-b", str(users), "admin", RIGHT], check=True, capture_output=True)
    settings = tmp_path / "broker.conf"
    lines = [f"listener {port} 127.0.0.1", "allow_anonymous false", f"password_file {users}"]
    lines += ["log_dest stderr", f"user {getpass.getuser()}"]
    settings.write_text("\n".join(lines) + "\n")
    with daemon(log, "running", "mosquitto", "-c", str(settings), "-v"):
        yield port, log


@pytest.mark.lab
async def test_a_real_broker_counts_the_tries(broker: tuple[int, Path]) -> None:
    port, log = broker
    answers = [await tried(Way("mqtt", port), "admin", word) for word in (RIGHT, WRONG)]
    said = log.read_text()
    assert [one.outcome for one in answers] == [TryOutcome.ACCEPTED, TryOutcome.REFUSED]
    assert len(re.findall(r"New client connected .*u'admin'", said)) == 1
    assert (
        len(re.findall(r"not authori[sz]ed", said)) == 3
    )  # a look without an account each, and the wrong word
    assert RIGHT not in said
    assert WRONG not in said


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """A real SNMP agent that knows one community: its port and its log."""
    port, log, settings = free_port("udp"), tmp_path / "log", tmp_path / "snmpd.conf"
    settings.write_text(f"agentAddress udp:127.0.0.1:{port}\nrocommunity {RIGHT}\n")
    with daemon(log, "NET-SNMP", "snmpd", "-f", "-Lo", "-a", "-C", "-c", str(settings)):
        yield port, log


def bad_communities(port: int) -> str:
    """How many questions under a community it does not know the agent itself has counted."""
    asked = ["snmpget", "-v2c", "-c", RIGHT, "-Oqv", f"127.0.0.1:{port}", BAD_COMMUNITIES]
    return subprocess.run(asked, check=True, capture_output=True, text=True, timeout=10).stdout.strip()


@pytest.mark.lab
async def test_a_real_agent_counts_the_communities(
    agent: tuple[int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.logins.snmp._WAIT_SECONDS", 0.5)
    port, log = agent
    answers = [await tried(Way("snmp", port, transport="udp"), "read", word) for word in (RIGHT, WRONG)]
    received = log.read_text().count("Received SNMP packet(s) from UDP")
    assert [one.outcome for one in answers] == [TryOutcome.ACCEPTED, TryOutcome.REFUSED]
    assert received == 2 + 4 + 8  # one community each, and the discoveries before one and around the other
    assert bad_communities(port) == "1"
