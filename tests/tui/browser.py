"""Chromium over the DevTools protocol, as far as one asks a screen in it."""

import asyncio
import base64
import json
import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

PATIENCE = 60.0


class BrowserPage:
    """One page: what came through its WebSocket is what its terminal shows."""

    def __init__(self, socket_: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket_
        self._number = 0
        self._shown = ""
        self.asked: list[str] = []  # addresses that were answered

    async def call(self, method: str, **parameters: object) -> None:
        """Sends a command; its answer is not waited for."""
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": parameters})

    async def press(self, *keys: str) -> None:
        """Presses letters, or `ctrl+` and a letter."""
        for key in keys:
            letter = key.removeprefix("ctrl+")
            held = {"modifiers": 2} if letter != key else {"text": key}
            for kind in ("rawKeyDown" if letter != key else "keyDown", "keyUp"):
                number = ord(letter.upper())
                await self.call(
                    "Input.dispatchKeyEvent", type=kind, key=letter, windowsVirtualKeyCode=number, **held
                )

    async def click(self, x: int = 400, y: int = 600) -> None:
        """Clicks, which gives the terminal the focus."""
        for kind in ("mousePressed", "mouseReleased"):
            await self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    async def sees(self, *texts: str) -> None:
        """Waits until all of the texts were drawn since the last time."""
        self._shown = ""
        async with asyncio.timeout(PATIENCE):
            while not all(text in self._shown for text in texts):  # frames come in order
                said = await self._next()
                if said.get("method") == "Network.webSocketFrameReceived":
                    frame = said["params"]["response"]
                    if frame["opcode"] == 2:  # binary, RFC 6455; pongs are text
                        self._shown += base64.b64decode(frame["payloadData"]).decode(errors="replace")

    async def is_at(self, path: str) -> None:
        """Waits until a page of this path was answered."""
        async with asyncio.timeout(PATIENCE):
            while not any(url.partition("://")[2].partition("/")[2] == path for url in self.asked):
                await self._next()
        self.asked.clear()

    async def _next(self) -> Mapping[str, dict]:
        said = json.loads((await self._socket.receive()).data)
        if said.get("method") == "Network.responseReceived":
            self.asked.append(said["params"]["response"]["url"])
        return said


async def log_in(page: BrowserPage, address: str, name: str, password: str) -> None:
    """Fills the form of the login page."""
    await page.call("Page.navigate", url=address)
    await page.is_at("login")
    await page.call(
        "Runtime.evaluate",
        expression=(
            "new Promise(done => { const fill = () => { const name = document.querySelector('#name');"
            " if (!name || document.readyState != 'complete') { return requestAnimationFrame(fill); }"
            f" name.value = {name!r}; document.querySelector('#password').value = {password!r};"
            " document.querySelector('form').submit(); done(); }; fill(); })"
        ),
    )


def working_as(parent: int) -> set[str]:
    """Whose screens run as children of the server, by the name each was started for."""
    names = set()
    for place in Path("/proc").glob("[0-9]*"):
        try:
            status = (place / "status").read_text()
            environment = (place / "environ").read_text()
        except OSError:
            continue
        if f"PPid:\t{parent}\n" in status:
            names |= {each[16:] for each in environment.split("\0") if each.startswith("MUSTER_OPERATOR=")}
    return names


@asynccontextmanager
async def browsing_chromium(folder: Path) -> AsyncIterator[Path]:
    """A Chromium that takes any certificate, for as long as the block lasts; gives its profile."""
    profile = folder / "profile"
    chromium = await asyncio.create_subprocess_exec(
        "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0",
        "--ignore-certificate-errors", f"--user-data-dir={profile}", "--window-size=1300,900", "about:blank",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "HOME": str(folder)},
    )  # fmt: skip
    try:
        yield profile
    finally:
        if chromium.returncode is None:
            chromium.terminate()
        await asyncio.wait_for(chromium.communicate(), PATIENCE)


@asynccontextmanager
async def browsing(profile: Path) -> AsyncIterator[BrowserPage]:
    """The first page of the browser with that profile."""
    port = await _port(profile)
    async with aiohttp.ClientSession() as session:
        async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
            pages = [each for each in await answer.json() if each["type"] == "page"]
        async with session.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0) as socket_:
            yield BrowserPage(socket_)


@asynccontextmanager
async def visitor(profile: Path) -> AsyncIterator[BrowserPage]:
    """A page with cookies of its own, as another person's browser would have."""
    port = await _port(profile)
    async with aiohttp.ClientSession() as session:
        async with session.get(f"http://127.0.0.1:{port}/json/version") as answer:
            door = (await answer.json())["webSocketDebuggerUrl"]
        async with session.ws_connect(door, max_msg_size=0) as browser:
            context = await _ask(browser, 1, "Target.createBrowserContext")
            target = await _ask(browser, 2, "Target.createTarget", url="about:blank", **context)
            place = f"ws://127.0.0.1:{port}/devtools/page/{target['targetId']}"
            async with session.ws_connect(place, max_msg_size=0) as socket_:
                page = BrowserPage(socket_)
                await page.call("Network.enable")
                yield page


async def _ask(
    browser: aiohttp.ClientWebSocketResponse, number: int, method: str, **parameters: object
) -> dict[str, str]:
    await browser.send_json({"id": number, "method": method, "params": parameters})
    async with asyncio.timeout(PATIENCE):
        while True:
            said = json.loads((await browser.receive()).data)
            if said.get("id") == number:
                return said["result"]


async def _port(profile: Path) -> str:
    port_file = profile / "DevToolsActivePort"
    async with asyncio.timeout(PATIENCE):
        while not port_file.exists() or not port_file.read_text().strip():  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    return port_file.read_text().split()[0]


def free_port() -> int:
    """A port of loopback nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
