"""The small office of tests/lab/office, really brought up: addresses, rules, silence, fragility."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pydantic
import pytest

from lab.state import start_ticks
from tests.lab.conftest import REPOSITORY, TWO_ROOMS, Lab, environment

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("namespaces")]

# Runs at the vantage: tells of each address:port whether it is open, closed or silent. The patience
# spans two repeats of a first packet that a busy machine lost.
KNOCK = """
import asyncio, sys
async def knock(place):
    ip, _, port = place.partition(":")
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(ip, int(port)), 4)
    except ConnectionRefusedError:
        return f"{place} closed"
    except OSError:
        return f"{place} silent"
    writer.close()
    return f"{place} open"
async def main():
    for words in await asyncio.gather(*map(knock, sys.argv[1:])):
        print(words)
asyncio.run(main())
"""
FLOOD = """
import socket, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
    for port in range(40000, 40200):
        try:
            client.sendto(b"", (sys.argv[1], port))
        except ConnectionRefusedError:
            pass
"""
KILL_A_PLAYER = """
import os, signal, time
from pathlib import Path
for entry in Path("/proc").iterdir():
    if entry.name.isdigit() and int(entry.name) not in (1, os.getpid()):
        if b"-m\\0lab" in (entry / "cmdline").read_bytes():
            os.kill(int(entry.name), signal.SIGKILL)
            break
time.sleep(0.1)
"""
LOG_IN = """
import sys, urllib.error, urllib.request
manager = urllib.request.HTTPPasswordMgrWithDefaultRealm()
manager.add_password(None, sys.argv[1], "admin", sys.argv[2])
opener = urllib.request.build_opener(
    urllib.request.ProxyHandler({}), urllib.request.HTTPBasicAuthHandler(manager)
)
try:
    print(opener.open(sys.argv[1], timeout=5).status)
except urllib.error.HTTPError as error:
    print(error.code)
"""
HOLD = """
import socket, sys
held = []
for _ in range(int(sys.argv[2])):
    client = socket.socket()
    client.settimeout(2)
    try:
        client.connect((sys.argv[1], 80))
        print("open")
    except OSError:
        print("silent")
    held.append(client)
for client in held:
    client.close()
"""


def at_vantage(lab: Lab, script: str, *arguments: str, at: str = "admin") -> list[str]:
    ran = lab("exec", "--at", at, "--", sys.executable, "-c", script, *arguments)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


def test_each_device_answers_at_its_own_address_with_its_own_mac(two_rooms: Lab) -> None:
    places = ["10.20.10.1:23", "10.20.10.11:80", "10.20.10.12:80", "10.20.10.12:81"]
    assert at_vantage(two_rooms, KNOCK, *places) == [
        "10.20.10.1:23 open",
        "10.20.10.11:80 open",
        "10.20.10.12:80 open",
        "10.20.10.12:81 closed",
    ]
    neighbours = two_rooms("exec", "--", "ip", "neigh", "show", "10.20.10.12").stdout
    assert "00:26:73:00:00:12" in neighbours


def test_the_manager_reaches_every_segment_and_a_stranger_only_what_the_rules_forgot(
    two_rooms: Lab,
) -> None:
    assert at_vantage(two_rooms, KNOCK, "10.20.20.23:80") == ["10.20.20.23:80 open"]
    seen = at_vantage(two_rooms, KNOCK, "10.20.10.11:80", "10.20.10.11:23", at="stranger")
    assert seen == ["10.20.10.11:80 open", "10.20.10.11:23 silent"]


def test_a_mute_sensor_answers_arp_only_and_a_ghost_not_even_that(two_rooms: Lab) -> None:
    places = ("10.20.20.21:80", "10.20.20.22:80")
    assert at_vantage(two_rooms, KNOCK, *places, at="stranger") == [
        "10.20.20.21:80 silent",
        "10.20.20.22:80 silent",
    ]
    neighbours = two_rooms("exec", "--at", "stranger", "--", "ip", "neigh").stdout.splitlines()
    mute = next(line for line in neighbours if line.startswith("10.20.20.21 "))
    ghost = next(line for line in neighbours if line.startswith("10.20.20.22 "))
    assert "lladdr 00:0d:6f" in mute
    assert "lladdr" not in ghost


def test_a_second_office_is_refused_while_one_is_up(two_rooms: Lab) -> None:
    again = two_rooms("up", *TWO_ROOMS)
    assert again.returncode == 2
    assert "up already" in again.stderr


def test_status_tells_of_paper_and_the_fragile(two_rooms: Lab) -> None:
    report = json.loads(two_rooms("status", "--format", "json").stdout)
    assert report["paper_bytes"] == 0
    assert report["fragile"] == {"eggshell-1": "alive"}
    assert report["faults"] == []


def test_logins_are_noted_by_the_device_and_their_passwords_are_not(two_rooms: Lab) -> None:
    page = "http://10.20.10.13/"
    assert at_vantage(two_rooms, LOG_IN, page, "a-wrong-guess") == ["401"]
    assert at_vantage(two_rooms, LOG_IN, page, "factory-secret") == ["200"]
    told = two_rooms("logins", "--format", "json").stdout
    tried = [(one["device"], one["account"], one["outcome"]) for one in json.loads(told)]
    assert tried == [("login-1", "admin", "refused"), ("login-1", "admin", "accepted")]
    assert "guess" not in told
    assert "secret" not in told


def test_run_ends_with_the_commands_own_code_and_writes_truth_and_health(lab: Lab, tmp_path: Path) -> None:
    truth, health = tmp_path / "truth.json", tmp_path / "health.json"
    ran = lab(
        *("run", *TWO_ROOMS, "--write-truth", str(truth), "--health", str(health)),
        *("--", "sh", "-c", "exit 7"),
    )
    assert ran.returncode == 7
    assert "paper used: 0 bytes" in ran.stderr
    assert json.loads(health.read_text())["well"] is True
    assert json.loads(truth.read_text())["devices"][0]["device"] == "gw"


def test_a_command_that_is_not_there_is_said_plainly(lab: Lab) -> None:
    ran = lab("run", "-q", *TWO_ROOMS, "--", "no-such-command")
    assert ran.returncode == 127
    assert ran.stderr.strip() == "lab: no-such-command: No such file or directory"


def test_devices_that_died_of_the_lab_itself_are_told_of(lab: Lab, tmp_path: Path) -> None:
    health = tmp_path / "health.json"
    ran = lab(
        *("run", "-q", *TWO_ROOMS, "--health", str(health)),
        *("--", sys.executable, "-c", KILL_A_PLAYER),
    )
    assert "ended too early" in ran.stderr
    assert len(json.loads(health.read_text())["faults"]) == 1


def test_gentle_use_leaves_the_fragile_device_alive(lab: Lab, tmp_path: Path) -> None:
    assert fragile_after(lab, tmp_path, HOLD, "10.20.20.23", "3") == "alive"


@pytest.mark.parametrize(
    ("script", "arguments"),
    [
        pytest.param(FLOOD, ("10.20.20.23",), id="haste"),
        pytest.param(HOLD, ("10.20.20.23", "5"), id="crowding"),
    ],
)
def test_haste_and_crowding_kill_the_fragile_device(
    lab: Lab, tmp_path: Path, script: str, arguments: tuple[str, ...]
) -> None:
    assert fragile_after(lab, tmp_path, script, *arguments) != "alive"


def fragile_after(lab: Lab, folder: Path, script: str, *arguments: str) -> str:
    health = folder / "health.json"
    ran = lab(
        *("run", "-q", *TWO_ROOMS, "--health", str(health)),
        *("--", sys.executable, "-c", script, *arguments),
    )
    assert ran.returncode == 0, ran.stderr
    state: str = json.loads(health.read_text())["fragile"]["eggshell-1"]
    return state


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_is_left_however_the_lab_is_ended(how: signal.Signals, tmp_path: Path) -> None:
    marker = f"muster-lab-marker-{os.getpid()}-{int(how)}"
    command = [sys.executable, "-m", "lab", "run", "-q", *TWO_ROOMS, "--"]
    command += [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)", marker]
    with subprocess.Popen(
        command,
        cwd=REPOSITORY,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"up\n"
        spaces = {network_of(pid) for pid in processes_with(marker)} - {network_of(os.getpid())}
        ours = {pid: start_ticks(pid) for pid in in_networks(spaces)}
        assert len(ours) >= 4  # PID 1, the command and a player for each of the segments
        if how is signal.SIGINT:
            os.killpg(running.pid, how)  # as a terminal does
        else:
            running.send_signal(how)
        running.wait(timeout=30)
    deadline = time.monotonic() + 10
    while (left := still_there(marker, ours)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert left == []


@pytest.mark.usefixtures("two_rooms")
@pytest.mark.parametrize("at", ["admin", "stranger"])
def test_whoever_ends_exec_ends_its_command(two_rooms_traces: Path, at: str) -> None:
    script = "import time; print('up', flush=True); time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-m", "lab", "exec", "--at", at, "--", sys.executable, "-c", script],
        cwd=REPOSITORY,
        env=environment(two_rooms_traces),
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "up\n"
        running.terminate()
        assert running.communicate(timeout=20) == ("", None)  # nobody holds the pipe any more


@pytest.mark.skipif(os.geteuid() != 0, reason="the other tests ran as an ordinary user already")
def test_an_ordinary_user_has_a_lab_too() -> None:
    nobody = 65534
    python = shutil.which("python3", path="/usr/bin:/bin")
    packages = Path(pydantic.__file__).parents[1]
    with tempfile.TemporaryDirectory(dir="/tmp") as home:  # pytest's own folders are root's alone
        os.chown(home, nobody, nobody)
        as_nobody = ["setpriv", f"--reuid={nobody}", f"--regid={nobody}", "--clear-groups", "env", "-i"]
        as_nobody += ["PATH=/usr/bin:/bin", f"TMPDIR={home}", "PYTHONDONTWRITEBYTECODE=1"]
        as_nobody += [f"PYTHONPATH={REPOSITORY}:{packages}", str(python)]
        tried = subprocess.run(
            [*as_nobody, "-c", "import lab.cli, lab.persona"], cwd=home, capture_output=True, check=False
        )
        if tried.returncode:
            pytest.skip("the system's Python cannot be run by an ordinary user with our packages")
        ran = subprocess.run(
            [*as_nobody, "-m", "lab", "run", *TWO_ROOMS, "--", str(python), "-c", KNOCK, "10.20.10.11:80"],
            cwd=home,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert ran.stdout == "10.20.10.11:80 open\n", ran.stderr
        assert ran.returncode == 0
        assert list(Path(home).glob("muster-lab-*/run-*")) == []


def processes_with(marker: str) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and marker.encode() in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def still_there(marker: str, ours: dict[int, str]) -> list[int]:
    """By pid and start time: the kernel gives the numbers of gone namespaces out again."""
    return processes_with(marker) + [pid for pid, began in ours.items() if start_ticks(pid) == began]


def network_of(pid: int) -> str:
    try:
        return str(Path(f"/proc/{pid}/ns/net").readlink())
    except OSError:
        return ""


def in_networks(spaces: set[str]) -> list[int]:
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in pids if network_of(pid) in spaces - {""}]
