"""Runs inside `unshare`: the screen served beyond loopback, and a visitor on another machine of the wire.

desk (us, 10.77.0.1: `muster tui --web`) ── veth ── office (10.77.0.2 and .3: the visitor, in a namespace of
its own). Arguments: a folder with `register.sqlite`, `cert.pem` and `key.pem`. Prints one JSON object.
"""

import asyncio
import json
import os
import shutil
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from tests.tui.browser import PATIENCE, browsing_chromium, log_in, visitor, working_as
from tui.web.gate import Accounts

DESK, OFFICE, OTHER, PORT = "10.77.0.1", "10.77.0.2", "10.77.0.3", 8022
ADDRESS = f"https://{DESK}:{PORT}"
PASSWORDS = {"chen": "correct horse battery", "audit": "staple wood ground hot"}
WIRE = f"""
link set lo up
netns add office
link add desk0 type veth peer name office0 netns office
addr add {DESK}/24 dev desk0
link set desk0 up
"""
FAR = f"""
link set lo up
addr add {OFFICE}/24 dev office0
addr add {OTHER}/24 dev office0
link set office0 up
"""


def ip(*arguments: str, batch: str) -> None:
    subprocess.run(["ip", *arguments, "-batch", "-"], input=batch, text=True, check=True)


def muster(folder: Path, *arguments: str) -> list[str]:
    own = ("--config", str(folder / "muster.toml"), "--register", str(folder / "register.sqlite"))
    return [sys.executable, "-m", "muster", "--lang", "en", *own, "tui", "--web", *arguments]


def refused(folder: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        muster(folder, "--host", DESK, *arguments), capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stderr


@asynccontextmanager
async def serving(folder: Path, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The screen served, from when its address is announced until the block ends."""
    server = await asyncio.create_subprocess_exec(
        *muster(folder, *arguments),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert server.stdout
        await asyncio.wait_for(server.stdout.readline(), PATIENCE)
        yield server
    finally:
        server.terminate()
        await asyncio.wait_for(server.communicate(), PATIENCE)


async def visit(folder: Path, what: str) -> asyncio.subprocess.Process:
    """This script as the visitor, in the other namespace."""
    return await asyncio.create_subprocess_exec(
        "ip", "netns", "exec", "office", sys.executable, __file__, str(folder), what,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def at_the_desk(folder: Path) -> dict[str, object]:
    keys = ("--cert", str(folder / "cert.pem"), "--key", str(folder / "key.pem"))
    told: dict[str, object] = {
        "without TLS": refused(folder),
        "without accounts": refused(folder, *keys),
    }
    accounts = Accounts(folder / "web-accounts.json")
    for name, password in PASSWORDS.items():
        accounts.add(name, password)
    told["without TLS, with accounts"] = refused(folder)
    async with serving(folder, "--port", str(PORT)):  # on loopback alone
        outside = await visit(folder, "knock")
        said, _errors = await asyncio.wait_for(outside.communicate(), PATIENCE)
        told["loopback from outside"] = said.decode().strip()
    async with serving(folder, "--host", DESK, "--port", str(PORT), *keys) as server:
        outside = await visit(folder, "visit")
        assert outside.stdout
        assert (await asyncio.wait_for(outside.stdout.readline(), PATIENCE)).strip() == b"inside"
        told["processes of"] = sorted(working_as(server.pid))
        said, _errors = await asyncio.wait_for(outside.communicate(b"go on\n"), 2 * PATIENCE)
    return told | json.loads(said)


# --- in the other namespace ---


async def knock() -> str:
    try:
        _reader, writer = await asyncio.open_connection(DESK, PORT)
    except ConnectionRefusedError:
        return "refused"
    writer.close()
    return "open"


async def status(session: aiohttp.ClientSession, method: str, path: str, **asked: object) -> int | str:
    """The status, or that TLS was not agreed on."""
    try:
        async with session.request(method, f"{ADDRESS}{path}", **asked) as answer:  # type: ignore[arg-type]
            return answer.status
    except (aiohttp.ClientConnectorError, aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
        return "no connection"


async def tried(folder: Path, name: str, passwords: Sequence[str], source: str) -> list[int | str]:
    """The answers to logins from one of the visitor's addresses."""
    trusted = ssl.create_default_context(cafile=str(folder / "cert.pem"))
    wire = aiohttp.TCPConnector(ssl=trusted, local_addr=(source, 0))
    async with aiohttp.ClientSession(connector=wire) as session:
        return [
            await status(
                session, "POST", "/login", data={"name": name, "password": one}, allow_redirects=False
            )
            for one in passwords
        ]


async def through_the_door(folder: Path) -> dict[str, object]:
    """What a visitor gets who has no browser: only what he logged in for, only over TLS he can verify."""
    told: dict[str, object] = {}
    async with aiohttp.ClientSession() as anybody:
        try:
            async with anybody.get(f"http://{DESK}:{PORT}/") as answer:
                told["plain HTTP"] = answer.status
        except aiohttp.ClientError:
            told["plain HTTP"] = "no connection"
        told["a certificate nobody knows"] = await status(anybody, "GET", "/login")
    trusted = ssl.create_default_context(cafile=str(folder / "cert.pem"))
    old = ssl.create_default_context(cafile=str(folder / "cert.pem"))
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    jar = aiohttp.CookieJar(unsafe=True)  # for an address, as browsers do
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusted), cookie_jar=jar) as session:
        told["TLS 1.1"] = await status(session, "GET", "/login", ssl=old)
        told["not logged in"] = [
            await status(session, "GET", path, allow_redirects=False) for path in ("/", "/ws", "/login")
        ]
        told["another host's name"] = await status(session, "GET", "/login", headers={"Host": "firm.example"})
        await status(session, "POST", "/login", data={"name": "chen", "password": PASSWORDS["chen"]})
        told["another site's socket"] = await status(
            session, "GET", "/ws", headers={"Origin": "https://firm.example"}
        )
        async with session.ws_connect(f"{ADDRESS}/ws?width=80&height=24", origin=ADDRESS) as screen:
            shown = b""
            async with asyncio.timeout(PATIENCE):
                while b"Register" not in shown:
                    said = await screen.receive()
                    shown += said.data if said.type is aiohttp.WSMsgType.BINARY else b""
        told["logged in"] = "Register"
    return told


async def in_a_browser(folder: Path) -> dict[str, object]:
    """Two people at once in Chromium on that machine; says "inside", and waits until the desk has looked."""
    async with browsing_chromium(folder) as profile, visitor(profile) as chen, visitor(profile) as audit:
        for name, page, role in (
            ("chen", chen, "chen, administrator"),
            ("audit", audit, "audit, auditor"),
        ):
            await log_in(page, ADDRESS, name, PASSWORDS[name])
            await page.sees("Register")
            await page.click()
            await page.press("P")
            await page.sees(role)
        print("inside", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
    return {"in Chromium": "two people"}


async def visiting(folder: Path) -> dict[str, object]:
    if shutil.which("chromium"):
        told = await in_a_browser(folder)
    else:
        print("inside", flush=True)
        told = {"in Chromium": "not installed"}
    told |= await through_the_door(folder)
    wrong = ["guess"] * 5
    told["guessing"] = await tried(folder, "chen", [*wrong, PASSWORDS["chen"]], OFFICE)
    told["somebody else elsewhere"] = await tried(folder, "audit", [PASSWORDS["audit"]], OTHER)
    told["the same account elsewhere"] = await tried(folder, "chen", [PASSWORDS["chen"]], OTHER)
    return told


def main() -> None:
    folder = Path(sys.argv[1])
    if sys.argv[2:] == ["knock"]:
        print(asyncio.run(knock()))
    elif sys.argv[2:] == ["visit"]:
        print(json.dumps(asyncio.run(visiting(folder))))
    else:
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
        ip(batch=WIRE)
        ip("-n", "office", batch=FAR)
        print(json.dumps(asyncio.run(at_the_desk(folder))))


if __name__ == "__main__":
    main()
