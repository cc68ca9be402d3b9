"""The screen in a browser: nobody comes in without key or login, and whoever does sees the register."""

import asyncio
import os
import shutil
import socket
import stat
import sys
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from inventory.exits import NotAllowed, Unavailable, UsageFault
from inventory.types import FixedClock
from tests.tui import office
from tests.tui.browser import PATIENCE, browsing, free_port
from tui.web.gate import Accounts, Sessions, Turnstile
from tui.web.serve import Place, WebDesk, check_place

PASSWORD = "correct horse battery"


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    made = Accounts(tmp_path / "web-accounts.json")
    made.add("chen", PASSWORD)
    return made


def test_passwords_are_kept_as_hashes_in_a_private_file(accounts, tmp_path) -> None:
    file = tmp_path / "web-accounts.json"
    assert "$argon2id$" in file.read_text()
    assert PASSWORD not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = Accounts(file)
    assert again.is_right("chen", PASSWORD)
    assert not again.is_right("chen", "correct horse")
    assert not again.is_right("nobody", PASSWORD)
    with pytest.raises(UsageFault, match="12 characters"):
        accounts.add("lin", "short")


def test_wrong_tries_wait_longer_and_longer() -> None:
    clock = FixedClock(office.NOW)
    turnstile = Turnstile(clock)
    for _try in range(4):
        turnstile.wrong("from 192.0.2.1")
    assert not turnstile.wait("from 192.0.2.1")
    turnstile.wrong("from 192.0.2.1")
    first = turnstile.wait("from 192.0.2.1", "as chen")
    assert first > timedelta(0)
    turnstile.wrong("from 192.0.2.1")
    assert turnstile.wait("from 192.0.2.1") == 2 * first
    assert not turnstile.wait("from 192.0.2.2")
    clock.advance(timedelta(hours=2))
    assert not turnstile.wait("from 192.0.2.1")


def test_a_session_ends_by_itself_after_half_a_day() -> None:
    clock = FixedClock(office.NOW)
    sessions = Sessions(clock)
    secret = sessions.begin("chen")
    assert sessions.who(secret) == "chen"
    assert sessions.who(secret[:-1]) is None
    clock.advance(timedelta(hours=13))
    assert sessions.who(secret) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "muster.example"])
def test_beyond_this_machine_it_takes_tls_and_a_login(host, accounts, tmp_path) -> None:
    tls = {"certificate": tmp_path / "cert.pem", "key": tmp_path / "key.pem"}
    with pytest.raises(NotAllowed, match="--cert and --key"):
        check_place(Place(host), accounts)
    with pytest.raises(NotAllowed, match="--add-account"):
        check_place(Place(host, **tls), Accounts(tmp_path / "none.json"))
    check_place(Place(host, **tls), accounts)
    check_place(Place("127.0.0.1"), Accounts(tmp_path / "none.json"))


@asynccontextmanager
async def door(accounts: Accounts, clock: FixedClock):
    """A browser at the door, and the desk behind it."""
    place = Place(port=free_port())
    desk = WebDesk(
        place, lambda who: ("printf", f"__GANGLION__\n{who}"), accounts, clock, "lin", announce=print
    )
    server = TestServer(await desk._make_app(), host="127.0.0.1", port=desk.port)
    async with TestClient(server, cookie_jar=aiohttp.CookieJar(unsafe=True)) as browser:
        yield desk, browser


async def test_on_loopback_only_the_key_that_was_printed_opens(tmp_path) -> None:
    async with door(Accounts(tmp_path / "none.json"), FixedClock(office.NOW)) as (desk, browser):
        assert (await browser.get("/")).status == 403
        assert (await browser.get("/?key=guess")).status == 403
        assert (await browser.get("/ws")).status == 403
        assert (await browser.get("/static/js/textual.js")).status == 403
        came_in = await browser.get(URL(desk.entrance).path_qs)
        assert came_in.status == 200
        assert "frame-ancestors 'none'" in came_in.headers["Content-Security-Policy"]
        assert (await browser.get("/ws", headers={"Origin": "https://elsewhere.example"})).status == 403
        assert (await browser.get("/", headers={"Host": "elsewhere.example"})).status == 421


def test_an_address_somebody_else_listens_at_is_never_announced(tmp_path) -> None:
    announced: list[str] = []
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        place = Place(port=int(taken.getsockname()[1]))
        accounts = Accounts(tmp_path / "none.json")
        desk = WebDesk(
            place, lambda who: (who,), accounts, FixedClock(office.NOW), "lin", announce=announced.append
        )
        with pytest.raises(Unavailable):
            desk.serve()
    assert announced == []


async def test_a_login_is_asked_for_and_guessing_is_slowed(accounts) -> None:
    clock = FixedClock(office.NOW)
    async with door(accounts, clock) as (_desk, browser):
        page = await browser.get("/")
        assert page.url.path == "/login"
        for _try in range(5):
            assert (await browser.post("/login", data={"name": "chen", "password": "guess"})).status == 403
        right = {"name": "chen", "password": PASSWORD}
        assert (await browser.post("/login", data=right)).status == 429
        clock.advance(timedelta(minutes=1))
        came_in = await browser.post("/login", data=right)
        assert (came_in.status, came_in.url.path) == (200, "/")
        await browser.post("/logout")
        assert (await browser.get("/")).url.path == "/login"


@pytest.mark.skipif(not shutil.which("chromium"), reason="needs chromium")
async def test_in_chromium_the_register_is_seen_and_obeys_keys(offices, tmp_path) -> None:
    place = shutil.copy(offices("small"), tmp_path / "register.sqlite")
    port = free_port()
    home = {**os.environ, "XDG_STATE_HOME": str(tmp_path), "PYTHONUNBUFFERED": "1", "HOME": str(tmp_path)}
    muster = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "muster", "--lang", "en", "--register", str(place),
        "tui", "--web", "--port", str(port), stdout=asyncio.subprocess.PIPE, env=home,
    )  # fmt: skip
    chromium = await asyncio.create_subprocess_exec(
        "chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0",
        f"--user-data-dir={tmp_path / 'profile'}", "--window-size=1300,900", "about:blank",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, env=home,
    )  # fmt: skip
    try:
        line = (await asyncio.wait_for(muster.stdout.readline(), PATIENCE)).decode()
        address = next(word for word in line.split() if word.startswith("http"))
        async with browsing(tmp_path / "profile") as page:
            await page.call("Network.enable")
            await page.call("Page.navigate", url=address)
            await page.sees("Register", "Judge now")
            await page.click()
            await page.press("2")
            await page.sees("24 devices", "RICOH")
            assert not [url for url in page.asked if urlhost(url) not in {f"127.0.0.1:{port}", ""}]
    finally:
        for process in (chromium, muster):
            if process.returncode is None:
                process.terminate()
            await asyncio.wait_for(process.communicate(), PATIENCE)


def urlhost(url: str) -> str:
    return URL(url).authority if url.startswith(("http", "ws")) else ""
