"""SMB, MQTT and SMTP, heard from pretend devices, and from the real samba and mosquitto where they are."""

import os
import shutil
import signal
import subprocess
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from test_interview import Script, SilentDoor, host, interviewer
from test_probe_conversations import context, door, facts, permit, server

from agent.fingerprints import Fingerprinter
from agent.fingerprints.loading import load
from agent.probes import mqtt, probe_for
from agent.probes.reply import Reply
from inventory.types import Attribute, ProbeOutcome
from tests.lab.pretend_device import free_port, speaking

SMBD = shutil.which("smbd", path="/usr/sbin:/usr/bin")
MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/bin")


async def asked(port: int, usual: int) -> tuple[Reply, ...]:
    return await probe_for(usual).ask(door(), permit(), port, context())


async def test_a_file_server_names_itself_its_dialect_and_its_build_before_any_login() -> None:
    async with speaking("smb", name="FS7", domain="FIRM", signing="required", build="10.0.17763") as device:
        replies = await asked(device.port, 445)
    assert facts(replies) == {
        "smb.dialect": "3.1.1",
        "smb.signing": "required",
        "smb.name": "fs7".upper(),
        "smb.domain": "FIRM",
        "smb.dns-name": "fs7",
        "smb.build": "10.0.17763",
    }
    assert device.logins == []
    fingerprinter = Fingerprinter(load())
    concluded = fingerprinter.conclude(fingerprinter.claims(replies[0].facts, source="smb"))
    assert concluded[Attribute.HOSTNAME].value.upper() == "FS7"
    assert concluded[Attribute.OS].value == "Windows 10.0.17763"


async def test_an_old_file_server_is_known_to_speak_the_first_version() -> None:
    async with speaking("smb", newest="2.0.2", v1="yes") as device:
        told = facts(await asked(device.port, 445))
    assert (told["smb.dialect"], told["smb.v1"]) == ("2.0.2", "accepted")
    assert "smb.build" not in told  # 6.1.0 is what imitations say


async def test_a_file_server_of_the_first_version_alone_is_heard_too() -> None:
    async def only_the_first(reader: StreamReader, writer: StreamWriter) -> None:
        message = await reader.readexactly(int.from_bytes(await reader.readexactly(4)))
        if message.startswith(b"\xffSMB"):
            answer = message[:32] + b"\x11\0\0\x03" + bytes(32) + b"\0\0"
            writer.write(len(answer).to_bytes(4) + answer)
            await writer.drain()

    async with server(only_the_first) as port:
        assert facts(await asked(port, 445)) == {"smb.v1": "accepted"}


async def test_what_is_no_file_server_is_none() -> None:
    async def greet(_reader: StreamReader, writer: StreamWriter) -> None:
        writer.write(b"220 mail ESMTP\r\n")
        await writer.drain()

    async with server(greet) as port:
        (reply,) = await asked(port, 445)
    assert reply.outcome is ProbeOutcome.GARBLED


async def test_a_mail_server_greets() -> None:
    async with speaking("smtp", banner="RNP1 ESMTP RICOH FAX4430NF") as device:
        told = facts(await asked(device.port, 25))
    assert told == {"smtp_banners": "RNP1 ESMTP RICOH FAX4430NF"}


@pytest.mark.skipif(SMBD is None or os.geteuid() != 0, reason="samba is not installed, or we are not root")
@pytest.mark.parametrize(("oldest", "is_first_spoken"), [("SMB2", False), ("NT1", True)])
async def test_the_real_samba_is_understood(oldest: str, is_first_spoken: bool, tmp_path: Path) -> None:
    port = free_port("tcp")
    own = "".join(
        f"{name} = {tmp_path}\n"
        for name in ("private dir", "lock directory", "state directory", "cache directory", "ncalrpc dir",
                     "pid directory")
    )  # fmt: skip
    (tmp_path / "smb.conf").write_text(
        f"[global]\nnetbios name = NAS7\nworkgroup = FIRM\nserver min protocol = {oldest}\n{own}"
        f"log file = {tmp_path}/log\ninterfaces = 127.0.0.1\nbind interfaces only = yes\nsmb ports = {port}\n"
        "disable netbios = yes\nload printers = no\nprintcap name = /dev/null\n"
    )
    with running([str(SMBD), "-F", "-s", str(tmp_path / "smb.conf")], tmp_path):
        told = facts(await answered(port, 445))
    assert (told["smb.dialect"], told["smb.name"]) == ("3.1.1", "NAS7")
    assert ("smb.v1" in told) is is_first_spoken


@pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")
@pytest.mark.parametrize(("anonymous", "login"), [("true", "none"), ("false", "asked")])
async def test_the_real_mosquitto_says_whether_it_wants_a_login(
    anonymous: str, login: str, tmp_path: Path
) -> None:
    port = free_port("tcp")
    (tmp_path / "conf").write_text(f"listener {port} 127.0.0.1\nallow_anonymous {anonymous}\n")
    with running([str(MOSQUITTO), "-v", "-c", str(tmp_path / "conf")], tmp_path):
        told = facts(await answered(port, 1883))
        again = facts(await asked(port, 1883))
    assert told["mqtt.login"] == again["mqtt.login"] == login


@pytest.mark.parametrize(("what", "is_asked"), [("HP ETHERNET MULTI-ENVIRONMENT", True), ("a thing", False)])
async def test_a_broker_is_asked_only_where_the_kind_of_device_is_known(
    what: str, *, is_asked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Script(monkeypatch)
    script.says = {"snmp": (("snmp_sysdescr", what),)}
    await interviewer(SilentDoor(), []).interview(host(1883))
    assert (("mqtt", 1883) in script.asked) is is_asked


def test_a_broker_that_is_out_of_order_says_nothing_of_logins() -> None:
    assert mqtt.parse(b"\x20\x02\x00\x03") == (("mqtt.code", "3"),)
    assert mqtt.parse(b"\x20\x02\x00\x00") == (("mqtt.code", "0"), ("mqtt.login", "none"))


async def answered(port: int, usual: int) -> tuple[Reply, ...]:
    """The first replies that are no refusal; a daemon needs a moment to listen."""
    until = time.monotonic() + 20
    while True:
        replies = await asked(port, usual)
        if replies[0].outcome is not ProbeOutcome.REFUSED or time.monotonic() > until:
            return replies


@contextmanager
def running(command: list[str], folder: Path) -> Iterator[None]:
    with (folder / "said").open("wb") as said, subprocess.Popen(command, stdout=said, stderr=said) as child:
        try:
            yield
        finally:
            child.terminate()
            child.wait(10)
            with suppress(ProcessLookupError):
                os.killpg(
                    child.pid, signal.SIGKILL
                )  # the helpers of a daemon that leads a session of its own
