"""Logins without a lab: plans, when to stop, what protocols make of answers, and that secrets stay secret."""

import asyncio
import base64
import hashlib
import logging
import struct
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.logins import LOGINS
from agent.logins.families import Family, Pair, all_families, families_of, pairs_of
from agent.logins.plan import LoginPlan, Step, plan_for
from agent.logins.protocol import Answer, Credential, Login, Seen, Way, understood
from agent.logins.secrecy import Secret, sealed
from agent.logins.trial import LoginOutcome, Trial
from agent.permit import Gate, Permit
from agent.service.logins import LoginRun
from agent.transport.door import Door
from agent.transport.limits import Limits
from agent.transport.pace import Pace
from inventory.register import Register
from inventory.settings import Settings
from inventory.types import (
    Address,
    Attribute,
    Claim,
    Device,
    DeviceStatus,
    Fact,
    FixedClock,
    Held,
    LoginTry,
    Observation,
    ScanRun,
    Scope,
    Service,
    Sighting,
    Target,
    Touch,
    TryOutcome,
)

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
WINDOW = timedelta(hours=24)
EVIDENCE = timedelta(days=45)
MARKER = "m4rker-p4ssword"
HIDDEN = (MARKER, base64.b64encode(f"admin:{MARKER}".encode()).decode())

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def family(*pairs: tuple[str, str], on: tuple[str, ...] = ("web",), **more: Any) -> Family:
    return Family.model_validate(
        {
            "family": "acme-200",
            "vendor": "Acme",
            "models": "Copier 2.*",
            "pairs": [{"account": account, "password": password} for account, password in pairs],
            "on": on,
            "source": "https://acme.example/manual",
            "read": "2026-11-21",
            **more,
        }
    )


def device(*ports: tuple[str, int], vendor: str = "Acme", model: str = "Copier 200") -> Device:
    attributes = {
        Attribute.VENDOR: Held(vendor, "test", NOW),
        Attribute.MODEL: Held(model, "test", NOW),
        Attribute.SERIAL: Held("S123", "test", NOW),
    }
    services = tuple(Service("tcp", port, name, "", "", NOW, NOW) for name, port in ports)
    address = Address("127.0.0.1", "00:26:73:aa:bb:cc", "hq", "here", NOW, NOW)
    return Device("d-test", DeviceStatus.CONFIRMED, "hq", "here", NOW, NOW, attributes, (address,), services)


def tried(pair: str, account: str, outcome: TryOutcome, ago: timedelta) -> LoginTry:
    return LoginTry("d-test", "hq", "127.0.0.1", "", "web", "tcp/80", account, pair, NOW - ago, outcome)


def planned(rows: list[Family], *tries: LoginTry, of: Device | None = None) -> LoginPlan:
    known = of or device(("http", 80))
    return plan_for(known, (), tries, now=NOW, window=WINDOW, evidence=EVIDENCE, families=rows)


# -- the data ------------------------------------------------------------------------------------------------


def test_a_hundred_and_fifty_families_each_with_its_source() -> None:
    rows = all_families()
    assert len(rows) >= 150
    assert len({row.vendor for row in rows}) >= 50
    assert all(row.source.startswith(("http://", "https://")) and row.read.year >= 2026 for row in rows)


def test_a_family_speaks_of_its_models_only() -> None:
    rows = [family(("admin", "x"))]
    assert families_of(device(model="copier-200"), rows)
    assert families_of(device(model="Copier 210 PRO"), rows)
    assert not families_of(device(model="Copier 300"), rows)
    assert not families_of(device(vendor="Other"), rows)
    assert not families_of(device(model=""), rows)


def test_a_password_made_of_the_serial_is_filled_in_or_left_out() -> None:
    rows = [family(("admin", "{serial}"), ("root", "{mac}"), ("user", "{nothing}"))]
    pairs = {pair.account: pair.password.reveal() for pair in pairs_of(device(), rows)}
    assert pairs == {"admin": "S123", "root": "002673AABBCC"}


# -- plans ---------------------------------------------------------------------------------------------------


def test_one_account_gets_one_try_though_two_passwords_are_published() -> None:
    plan = planned([family(("admin", "a"), ("Admin", "b"), ("user", "c"))])
    assert [step.pair.account for step in plan.steps] == ["admin", "user"]
    assert plan.waiting == ("acme-200/2",)


def test_an_account_tried_in_the_window_waits_and_after_it_the_next_password_has_its_turn() -> None:
    rows = [family(("admin", "a"), ("admin", "b"))]
    early = planned(rows, tried("acme-200/1", "admin", TryOutcome.REFUSED, timedelta(hours=1)))
    assert early.steps == ()
    assert early.waiting == ("acme-200/2",)
    later = planned(rows, tried("acme-200/1", "admin", TryOutcome.REFUSED, timedelta(hours=25)))
    assert [step.pair.name for step in later.steps] == ["acme-200/2"]
    assert later.refused == ("acme-200/1",)


@pytest.mark.parametrize("outcome", [TryOutcome.ACCEPTED, TryOutcome.LOCKED, TryOutcome.WARNED])
def test_after_a_hit_or_a_sign_of_a_lockout_the_window_is_over_for_every_account(outcome: TryOutcome) -> None:
    rows = [family(("admin", "a"), ("user", "b"))]
    assert planned(rows, tried("acme-200/1", "admin", outcome, timedelta(hours=1))).skip
    assert not planned(rows, tried("acme-200/1", "admin", outcome, timedelta(hours=30))).skip


def test_nothing_is_guessed_where_the_model_is_not_identified() -> None:
    plan = planned([family(("admin", "a"))], of=device(("http", 80), model=""))
    assert plan.steps == ()
    assert plan.skip


def test_a_raw_print_port_is_no_way_in_whatever_its_name() -> None:
    plan = planned([family(("admin", "a"))], of=device(("http", 9100), ("http", 80)))
    assert {way.port for step in plan.steps for way in step.ways} == {80}


# -- trials --------------------------------------------------------------------------------------------------


class Book:
    """A try log in memory, with the register's rule."""

    def __init__(self) -> None:
        self.rows: list[LoginTry] = []
        self.outcomes: list[TryOutcome] = []

    def begin_login(self, one: LoginTry, not_since: datetime) -> int | None:
        if any(row.account == one.account and row.at > not_since for row in self.rows):
            return None
        self.rows.append(one)
        return len(self.rows) - 1

    def settle_login(self, number: int, outcome: TryOutcome) -> None:
        assert number == len(self.outcomes)
        self.outcomes.append(outcome)


def permit(touch: Touch = Touch.LOGIN) -> Permit:
    admitted = Gate([Scope("127.0.0.0/8", "hq", "here", touch)]).admit("127.0.0.1", touch)
    assert isinstance(admitted, Permit)
    return admitted


def door() -> Door:
    limits = Limits(connect_seconds=1, read_seconds=0.3, conversation_seconds=5, goodbye_seconds=0.2)
    return Door(Pace(1e6, 1e6), limits, 1)


async def outcome_of(*answers: Answer | Exception, seconds: tuple[float, ...] = ()) -> tuple[Any, Book]:
    """The result of trying as many accounts as there are answers, on a pretended protocol."""
    left = list(answers)
    ticks = iter([0.0, 0.0, *seconds, *([0.0] * 50)])

    async def look(_door: Door, _permit: Permit, _way: Way) -> Seen:
        return Seen()

    async def attempt(*_arguments: Any) -> Answer:
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    way = Way("web", 80)
    steps = tuple(
        Step(Pair(f"f/{n}", "f", f"user{n}", Secret(MARKER), ("web",), "", ""), (way,))
        for n in range(len(answers))
    )
    book = Book()
    login = Login("web", "tcp", (80,), look, attempt)
    trial = Trial(door(), permit(), book, FixedClock(NOW), WINDOW, (login,), lambda: next(ticks))
    return await trial.run(LoginPlan(device(), steps, families=("f",))), book


REFUSED = Answer(TryOutcome.REFUSED, "no")


async def test_it_stops_at_the_first_hit() -> None:
    result, book = await outcome_of(REFUSED, Answer(TryOutcome.ACCEPTED, "in"), REFUSED)
    assert (result.outcome, result.account, result.tried) == (LoginOutcome.DEFAULT, "user1", 2)
    assert book.outcomes == [TryOutcome.REFUSED, TryOutcome.ACCEPTED]


async def test_changed_is_said_only_when_everything_published_was_refused() -> None:
    assert (await outcome_of(REFUSED, REFUSED))[0].outcome is LoginOutcome.CHANGED
    result, _book = await outcome_of(REFUSED, Answer(TryOutcome.UNCLEAR, "silence"))
    assert result.outcome is LoginOutcome.NOT_EVALUABLE


@pytest.mark.parametrize("sign", [TryOutcome.LOCKED, TryOutcome.WARNED])
async def test_any_sign_of_a_lockout_ends_it(sign: TryOutcome) -> None:
    result, book = await outcome_of(Answer(sign, "locked"), REFUSED, REFUSED)
    assert result.outcome is LoginOutcome.LOCKED
    assert len(book.rows) == 1


async def test_an_answer_that_comes_much_later_ends_it() -> None:
    result, book = await outcome_of(REFUSED, REFUSED, seconds=(0.0, 9.0))
    assert result.outcome is LoginOutcome.LOCKED
    assert len(book.rows) == 1


async def test_a_crash_of_a_protocol_tells_its_kind_and_not_its_words() -> None:
    result, book = await outcome_of(RuntimeError(f"about {MARKER}"))
    assert result.outcome is LoginOutcome.NOT_EVALUABLE
    assert MARKER not in repr(result)
    assert book.outcomes == [TryOutcome.UNCLEAR]


@pytest.mark.parametrize(
    ("words", "outcome"),
    [("Your account is locked for 30 minutes", TryOutcome.LOCKED),
     ("Too many failed logins", TryOutcome.LOCKED),
     ("請稍後再試", TryOutcome.LOCKED), ("Wrong password, 2 attempts remaining", TryOutcome.WARNED),
     ("剩餘 3 次", TryOutcome.WARNED), ("Wrong user name or password", TryOutcome.REFUSED)],
)  # fmt: skip
def test_what_a_refusal_says_is_heeded(words: str, outcome: TryOutcome) -> None:
    assert understood(words, REFUSED).outcome is outcome


# -- protocols -----------------------------------------------------------------------------------------------


@asynccontextmanager
async def server(handler: Handler) -> AsyncIterator[int]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handler(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()
        await listening.wait_closed()


async def asked(protocol: str, handler: Handler, account: str, password: str, **more: Any) -> Answer:
    """What looking, and where that leaves it open trying, comes to."""
    login = next(one for one in LOGINS if one.name == protocol)
    async with server(handler) as port:
        way = Way(protocol, port, **more)
        seen = await login.look(door(), permit(), way)
        if seen.answer is not None:
            return seen.answer
        return await login.attempt(door(), permit(), way, seen, Credential(account, Secret(password)))


def http(answer: Callable[[str, str], str]) -> Handler:
    """A web server: `answer(head, body)` gives status line and the rest."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        size = next((int(line[15:]) for line in head.split("\r\n") if line.startswith("Content-Length:")), 0)
        body = (await reader.readexactly(size)).decode()
        text = answer(head, body)
        start, _blank, page = text.partition("\n\n")
        lines = start.replace("\n", "\r\n")
        writer.write(f"HTTP/1.1 {lines}\r\nContent-Length: {len(page)}\r\n\r\n{page}".encode())
        await writer.drain()

    return handle


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@pytest.mark.parametrize(
    ("password", "outcome"), [("right", TryOutcome.ACCEPTED), ("wrong", TryOutcome.REFUSED)]
)
async def test_digest(password: str, outcome: TryOutcome) -> None:
    def answer(head: str, _body: str) -> str:
        if "Authorization: Digest" in head:
            given = head.split("Authorization: Digest ")[1].split("\r\n", maxsplit=1)[0]
            fields = dict(part.strip().replace('"', "").split("=", 1) for part in given.split(","))
            middle = f"{fields['nonce']}:{fields['nc']}:{fields['cnonce']}:auth"
            wanted = md5(f"{md5('admin:R:right')}:{middle}:{md5('GET:/')}")
            if fields["response"] == wanted:
                return "200 OK\n\nhello"
        return '401 No\nWWW-Authenticate: Digest realm="R", nonce="n1", qop="auth"\n\n'

    assert (await asked("web", http(answer), "admin", password)).outcome is outcome


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [("401 No\n\n", TryOutcome.REFUSED), ("429 Slow down\n\n", TryOutcome.LOCKED),
     ("423 Locked\n\n", TryOutcome.LOCKED),
     ("503 Busy\nRetry-After: 60\n\n", TryOutcome.LOCKED), ("500 Oops\n\n", TryOutcome.UNCLEAR),
     ("401 No\n\nAccount locked", TryOutcome.LOCKED), ("401 No\n\n1 attempt left", TryOutcome.WARNED),
     ("302 Found\nLocation: /login\n\n", TryOutcome.UNCLEAR)],
)  # fmt: skip
async def test_basic_and_what_its_refusals_mean(reply: str, outcome: TryOutcome) -> None:
    def answer(head: str, _body: str) -> str:
        return reply if "Authorization" in head else '401 No\nWWW-Authenticate: Basic realm="R"\n\n'

    assert (await asked("web", http(answer), "admin", "x")).outcome is outcome


FORM = '<form method="post" action="/go"><input name="u"><input type="password" name="p"></form>'


def form_site(*, script: str = "") -> Callable[[str, str], str]:
    def answer(head: str, body: str) -> str:
        if head.startswith("POST /go"):
            if "u=admin" in body and "p=right" in body:
                return "302 Found\nLocation: /home\nSet-Cookie: sid=7; path=/\n\n"
            return f"200 OK\n\n<html>{FORM}</html>"
        if head.startswith("GET /home") and "Cookie: sid=7" in head:
            return "200 OK\n\n<html>Welcome</html>"
        return f"200 OK\n\n<html>{script}{FORM}</html>"

    return answer


async def test_a_form_is_filled_in_as_it_stands_on_the_page() -> None:
    assert (await asked("web", http(form_site()), "admin", "right")).outcome is TryOutcome.ACCEPTED
    assert (await asked("web", http(form_site()), "admin", "wrong")).outcome is TryOutcome.REFUSED


async def test_a_refusal_proves_nothing_where_a_script_may_write_the_password() -> None:
    site = http(form_site(script="<script>encode()</script>"))
    assert (await asked("web", site, "admin", "wrong")).outcome is TryOutcome.UNCLEAR


async def test_an_answer_that_nobody_understands_is_neither() -> None:
    def answer(head: str, _body: str) -> str:
        return '200 OK\n\n{"result": 7}' if head.startswith("POST") else f"200 OK\n\n<html>{FORM}</html>"

    assert (await asked("web", http(answer), "admin", "x")).outcome is TryOutcome.UNCLEAR


def talking(*turns: tuple[bytes, bytes]) -> Handler:
    """A server that says the first of each pair and waits for the second before it goes on."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for said, awaited in turns:
            writer.write(said)
            await writer.drain()
            if awaited:
                await reader.readuntil(awaited)

    return handle


@pytest.mark.parametrize(
    ("last", "outcome"),
    [(b"530 Login incorrect.\r\n", TryOutcome.REFUSED), (b"230 In.\r\n", TryOutcome.ACCEPTED),
     (b"421 Too many.\r\n", TryOutcome.LOCKED), (b"530 Account locked.\r\n", TryOutcome.LOCKED),
     (b"", TryOutcome.UNCLEAR)],
)  # fmt: skip
async def test_ftp(last: bytes, outcome: TryOutcome) -> None:
    turns = [(b"220 hi\r\n", b"USER admin\r\n"), (b"331 and?\r\n", b"PASS x\r\n"), (last, b"")]
    assert (await asked("ftp", talking(*turns), "admin", "x")).outcome is outcome


async def test_ftp_that_wants_no_password_is_open() -> None:
    turns = [(b"220 hi\r\n", b"USER admin\r\n"), (b"230 come in\r\n", b"")]
    assert (await asked("ftp", talking(*turns), "admin", "x")).outcome is TryOutcome.OPEN


@pytest.mark.parametrize(
    ("last", "outcome"),
    [(b"\r\nLogin incorrect\r\nlogin: ", TryOutcome.REFUSED), (b"\r\nbox> ", TryOutcome.ACCEPTED),
     (b"\r\nLocked out. Try again later\r\n", TryOutcome.LOCKED), (b"\r\nhm\r\n", TryOutcome.UNCLEAR)],
)  # fmt: skip
async def test_telnet(last: bytes, outcome: TryOutcome) -> None:
    turns = [(b"\xff\xfb\x01login: ", b"admin\r\n"), (b"Password: ", b"x\r\n"), (last, b"\0never")]
    assert (await asked("telnet", talking(*turns), "admin", "x")).outcome is outcome


async def test_a_telnet_shell_gets_nothing_typed() -> None:
    assert (await asked("telnet", talking((b"box# ", b"\0")), "admin", "x")).outcome is TryOutcome.OPEN


@pytest.mark.parametrize(
    ("code", "outcome"),
    [(0, TryOutcome.OPEN), (5, TryOutcome.REFUSED), (4, TryOutcome.REFUSED), (3, TryOutcome.UNCLEAR)],
)
async def test_mqtt(code: int, outcome: TryOutcome) -> None:
    assert (
        await asked("mqtt", talking((b"", b"MQTT"), (bytes((0x20, 2, 0, code)), b"\0")), "a", "x")
    ).outcome is outcome


@pytest.mark.parametrize(
    ("types", "result", "outcome"),
    [(b"\1\1", b"", TryOutcome.OPEN), (b"\1\2", b"\0\0\0\0", TryOutcome.ACCEPTED),
     (b"\1\2", b"\0\0\0\1\0\0\0\2no", TryOutcome.REFUSED), (b"\1\2", b"\0\0\0\2", TryOutcome.LOCKED),
     (b"\1\2", b"\0\0\0\1\0\0\0\x1aToo many security failures", TryOutcome.LOCKED),
     (b"\0\0\0\0\x1aToo many security failures", b"", TryOutcome.LOCKED)],
)  # fmt: skip
async def test_vnc(types: bytes, result: bytes, outcome: TryOutcome) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"RFB 003.008\n")
        await reader.readexactly(12)
        writer.write(types)
        if result:
            await reader.readexactly(1)
            writer.write(bytes(16))
            response = await reader.readexactly(16)
            assert response != bytes(16)
            writer.write(result)
        await writer.drain()

    assert (await asked("vnc", handle, "", "secret")).outcome is outcome


def test_vnc_answers_a_challenge_under_des_with_the_bits_of_the_password_mirrored() -> None:
    from agent.logins.vnc import _response

    # `openssl enc -des-ecb -K 0e86ceceeef64e26` of eight zero bytes, twice.
    assert _response(bytes(16), Credential("", Secret("password"))).hex() == "ff97502e9422f089" * 2


async def test_rtsp() -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        if "YWRtaW46cmlnaHQ=" in head:
            writer.write(b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n")
        else:
            writer.write(b'RTSP/1.0 401 No\r\nCSeq: 1\r\nWWW-Authenticate: Basic realm="c"\r\n\r\n')
        await writer.drain()

    assert (await asked("rtsp", handle, "admin", "right")).outcome is TryOutcome.ACCEPTED
    assert (await asked("rtsp", handle, "admin", "wrong")).outcome is TryOutcome.REFUSED


async def test_onvif() -> None:
    def answer(_head: str, body: str) -> str:
        if "GetSystemDateAndTime" in body:
            return "400 No\n\n"
        if "<Username>admin</Username>" in body:
            return "200 OK\n\n<tds:GetUsersResponse/>"
        return "400 No\n\n<s:Value>ter:NotAuthorized</s:Value>"

    assert (await asked("onvif", http(answer), "admin", "x")).outcome is TryOutcome.ACCEPTED
    assert (await asked("onvif", http(answer), "other", "x")).outcome is TryOutcome.REFUSED
    opened = http(lambda _head, _body: "200 OK\n\n<tds:GetUsersResponse/>")
    assert (await asked("onvif", opened, "admin", "x")).outcome is TryOutcome.OPEN


@pytest.mark.parametrize("protocol", [login.name for login in LOGINS if login.transport == "tcp"])
@pytest.mark.parametrize(
    "said",
    [b"", b"\0" * 400, b"SSH-2.0-x\r\n" + struct.pack(">IB", 35_001, 4), b"\xff" * 90, b"RFB 003.008\n\xff"],
)
async def test_hostile_bytes_are_never_a_login(protocol: str, said: bytes) -> None:
    async def handle(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        await writer.drain()

    answer = await asked(protocol, handle, "admin", "x")
    assert answer.outcome in (TryOutcome.UNCLEAR, TryOutcome.REFUSED, TryOutcome.LOCKED)


# -- secrecy -------------------------------------------------------------------------------------------------


def test_a_secret_shows_itself_nowhere() -> None:
    import pickle

    secret = Secret(MARKER)
    assert MARKER not in f"{secret} {secret!r} {Credential('a', secret)!r}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    try:
        raise ValueError(secret)
    except ValueError:
        assert MARKER not in traceback.format_exc()


def test_no_core_is_written_while_passwords_are_in_memory() -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_CORE)
    with sealed():
        assert resource.getrlimit(resource.RLIMIT_CORE)[0] == 0
        assert Path("/proc/self/status").exists()
    assert resource.getrlimit(resource.RLIMIT_CORE) == before


def sighting(port: int) -> Sighting:
    target = Target("127.0.0.1", "00:26:73:aa:bb:cc", "hq", "here")
    facts = (Fact("http.status", "401"), Fact("http.login", "basic"), Fact("http.path", "/"))
    heard = Observation("run-1", "here", target, "http", NOW, facts, f"tcp/{port}", "ab", "")
    claims = (
        Claim(Attribute.VENDOR, "Acme", 0.9, "t", "http"),
        Claim(Attribute.MODEL, "Copier 200", 0.9, "t", "http"),
        Claim(Attribute.SERVICE_NAME, "http", 0.9, "t", "http", f"tcp/{port}"),
    )
    return Sighting("run-1", target, NOW, (heard,), claims)


async def test_marker_passwords_are_in_no_file_log_or_repr(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr("agent.logins.families.all_families", lambda: (family(("admin", MARKER)),))
    seen: list[str] = []

    def answer(head: str, _body: str) -> str:
        seen.append(head)
        return '401 No\nWWW-Authenticate: Basic realm="R"\n\necho ' + head.replace("\r\n", " ")

    clock = FixedClock(NOW)
    with Register.open(str(tmp_path / "register.sqlite"), clock) as register:
        async with server(http(answer)) as port:
            register.add_scope(Scope("127.0.0.0/8", "hq", "here", Touch.LOGIN), "tester")
            register.begin_scan(ScanRun("run-1", "here", NOW))
            register.ingest([sighting(port)])
            run = LoginRun(register, Settings(), clock, "here", door=door())
            (first,) = await run.run()
            (second,) = await run.run()
            (found,) = register.devices()
            kept = register.observations(found.id)
            tries = register.login_tries(found)
    assert first.result.outcome is LoginOutcome.CHANGED
    assert second.result.tried == 0
    assert sum("Authorization" in head for head in seen) == 1
    assert [one.outcome for one in tries] == [TryOutcome.REFUSED]
    assert any(fact.name == "login.outcome" for each in kept for fact in each.facts)
    shown = caplog.text + "".join(capsys.readouterr()) + repr((first, second, kept, tries, run))
    assert not [word for word in HIDDEN if word in shown]
    assert not written_with(HIDDEN, tmp_path)


def written_with(words: tuple[str, ...], folder: Path) -> list[Path]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [path for path in files if any(word.encode() in path.read_bytes() for word in words)]
