"""One protocol of one pretend device on loopback, and what it wrote down while it spoke."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from lab.speaks import ArpEntry, Attached, Host, speaks

MAC = "00:26:73:0a:0b:0c"


@dataclass
class Spoken:
    """Where the device listens and what it has noted so far."""

    ip: str
    port: int
    logins: list[tuple[str, str, str]] = field(default_factory=list)
    paper: list[bytes] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def at(self) -> str:
        """`127.0.0.1:40001`."""
        return f"{self.ip}:{self.port}"


@asynccontextmanager
async def speaking(protocol: str, *, mac: str = MAC, **settings: object) -> AsyncIterator[Spoken]:
    """The protocol spoken on a free port of 127.0.0.1; the device must end without a fault."""
    spoken = Spoken("127.0.0.1", free_port(speaks(protocol).transport))
    host = Host(
        name="probe-1",
        persona="test",
        ip=spoken.ip,
        mac=mac,
        hostname="probe-1",
        serial="S-1",
        interface="lo",
        attached=(
            Attached(3, "00:11:22:33:44:55", "phone-1", "A phone", lldp=True),
            Attached(7, "00:11:22:33:44:66", "pc-1", vlan=20),
        ),
        arp=(ArpEntry(2, "10.1.2.3", "00:11:22:33:44:55"),),
        log_login=lambda *entry: spoken.logins.append(entry),
        log_paper=spoken.paper.append,
        log_fault=spoken.faults.append,
    )
    model = speaks(protocol).settings.model_validate({"port": str(spoken.port), **settings})
    server = await speaks(protocol).serve(host, model)
    try:
        yield spoken
    finally:
        await server.close()
    assert spoken.faults == []


async def run(*command: str, stdin: bytes = b"", within: float = 20) -> tuple[int, str]:
    """An installed client's exit code and output (both streams); skips when it is missing."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(stdin), within)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    return process.returncode or 0, output.decode("utf-8", "replace")


async def ask_udp(spoken: Spoken, *sent: bytes, within: float = 5) -> bytes:
    """The first answer to datagrams sent one after the other.

    Silence on the first of two is shown without waiting: the answer is the second one's.
    """
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.setblocking(False)
        asker.connect((spoken.ip, spoken.port))
        for data in sent:
            await loop.sock_sendall(asker, data)
        return await asyncio.wait_for(loop.sock_recv(asker, 65_535), within)


async def ask_tcp(spoken: Spoken, *sent: bytes, within: float = 5) -> bytes:
    """Everything the device says on one connection to whoever sends this and then falls silent."""
    reader, writer = await asyncio.open_connection(spoken.ip, spoken.port)
    heard = b""
    try:
        for part in sent:
            writer.write(part)
            await writer.drain()
        writer.write_eof()
        while part := await asyncio.wait_for(reader.read(65_536), within):
            heard += part
    except OSError:
        pass  # the device hung up first
    finally:
        writer.close()
    return heard


def free_port(transport: str) -> int:
    """A port that nobody holds at the moment."""
    kind = socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
