"""One try per account and window for the box itself: under each of its addresses, names and records."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from logins import NOW, door, family, http, sighting

from agent.logins.trial import LoginOutcome, LoginResult
from agent.service.logins import LoginRun
from inventory.register import Register
from inventory.settings import Settings
from inventory.types import FixedClock, ScanRun, Scope, Touch

HERE, THERE = "127.0.0.2", "127.0.0.3"
ONE, OTHER = "00:26:73:aa:bb:cc", "00:26:73:00:00:01"


@dataclass
class Office:
    """A register, and servers at both addresses that refuse everybody and count who tried where."""

    register: Register
    port: int
    book: Counter[str] = field(default_factory=Counter)

    def met(self, ip: str, mac: str, at: datetime = NOW, serial: str = "") -> str:
        """Takes in that the box was met there; gives its record's id."""
        run = f"run-{at:%d%H%M}-{ip}"
        self.register.begin_scan(ScanRun(run, "here", at))
        self.register.ingest([sighting(self.port, ip=ip, mac=mac, at=at, run=run, serial=serial)])
        return next(
            each.id
            for each in self.register.devices()
            if any((one.ip, one.last_seen) == (ip, at) for one in each.addresses)
        )

    async def tested(self, *ids: str, at: datetime = NOW) -> dict[str, LoginResult]:
        run = LoginRun(self.register, Settings(), FixedClock(at), "here", door=door())
        return {one.device.id: one.result for one in await run.run(ids)}


@pytest.fixture
async def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    monkeypatch.setattr("agent.logins.families.all_families", lambda: (family(("admin", "x")),))
    with Register.open(str(tmp_path / "register.sqlite"), FixedClock(NOW)) as register:
        register.add_scope(Scope("127.0.0.2/32", "hq", "here", Touch.LOGIN), "tester")
        register.add_scope(Scope("127.0.0.3/32", "hq", "here", Touch.LOGIN), "tester")
        async with asking_at(HERE) as (port, here), asking_at(THERE, port) as (_port, there):
            made = Office(register, port)
            here.book, there.book = made.book, made.book
            yield made


class Asking:
    """A web server at one address that asks everybody for a login and takes none."""

    def __init__(self, ip: str) -> None:
        self.ip = ip
        self.book: Counter[str] = Counter()

    def answer(self, head: str, _body: str) -> str:
        self.book[self.ip] += "Authorization" in head
        return '401 No\nWWW-Authenticate: Basic realm="R"\n\n'


@asynccontextmanager
async def asking_at(ip: str, port: int = 0) -> AsyncIterator[tuple[int, Asking]]:
    asking = Asking(ip)
    handler = http(asking.answer)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handler(reader, writer)
        finally:
            writer.close()

    listening = await asyncio.start_server(handle, ip, port)
    try:
        yield listening.sockets[0].getsockname()[1], asking
    finally:
        listening.close()
        await listening.wait_closed()


async def test_a_box_with_two_addresses_gets_one_try(office: Office) -> None:
    office.met(HERE, ONE)
    device = office.met(THERE, ONE, NOW + timedelta(minutes=1))
    assert len(office.register.devices()) == 1
    for _again in range(2):
        await office.tested()
    assert office.book.total() == 1
    assert len(office.register.login_tries(office.register.device(device))) == 1


async def test_a_box_that_got_another_address_waits_and_so_does_who_has_its_old_one(office: Office) -> None:
    moved = office.met(HERE, ONE)
    await office.tested()
    office.met(THERE, ONE, NOW + timedelta(hours=1))
    new = office.met(HERE, OTHER, NOW + timedelta(hours=1))
    results = await office.tested(at=NOW + timedelta(hours=2))
    assert office.book == {HERE: 1}
    assert {result.outcome for result in results.values()} == {LoginOutcome.SKIPPED, LoginOutcome.CHANGED}
    assert results[new].outcome is LoginOutcome.SKIPPED  # what another box refused proves nothing of it
    assert moved != new
    await office.tested(new, at=NOW + timedelta(hours=25))
    assert office.book == {HERE: 2}


async def test_nobody_is_logged_in_to_at_an_address_that_another_holds_now(office: Office) -> None:
    gone = office.met(HERE, ONE)
    office.met(HERE, OTHER, NOW + timedelta(hours=1))
    assert len(office.register.devices()) == 2
    result = (await office.tested(gone, at=NOW + timedelta(hours=2)))[gone]
    assert (result.outcome, office.book.total()) == (LoginOutcome.SKIPPED, 0)


async def test_nor_at_an_address_that_it_left_for_one_where_logins_are_not_allowed(office: Office) -> None:
    office.register.change_scope(Scope("127.0.0.3/32", "hq", "here", Touch.QUERY), "tester")
    office.met(HERE, ONE)
    moved = office.met(THERE, ONE, NOW + timedelta(days=3))
    result = (await office.tested(moved, at=NOW + timedelta(days=3)))[moved]
    assert (result.outcome, office.book.total()) == (LoginOutcome.SKIPPED, 0)


async def test_two_records_joined_into_one_have_had_the_try_of_either(office: Office) -> None:
    first = office.met(HERE, ONE, serial="A")
    await office.tested()
    second = office.met(THERE, OTHER, NOW + timedelta(hours=1), serial="B")
    kept = office.register.join([first, second], "chen").id
    result = (await office.tested(kept, at=NOW + timedelta(hours=2)))[kept]
    assert (result.tried, office.book.total()) == (0, 1)


async def test_a_record_that_lost_its_address_brings_its_tries_along_when_it_is_joined(
    office: Office,
) -> None:
    older = office.met(THERE, "00:26:73:00:00:02", NOW - timedelta(hours=1))
    gone = office.met(HERE, ONE)
    await office.tested(gone)
    office.met(HERE, OTHER, NOW + timedelta(hours=1))
    assert office.register.device(gone).addresses == ()
    kept = office.register.join([older, gone], "chen").id
    assert kept == older
    result = (await office.tested(kept, at=NOW + timedelta(hours=2)))[kept]
    assert (result.tried, office.book) == (0, {HERE: 1})


async def test_a_record_parted_again_keeps_no_refusal_that_was_the_others(office: Office) -> None:
    first = office.met(HERE, ONE, serial="A")
    second = office.met(THERE, OTHER, NOW + timedelta(minutes=1), serial="B")
    kept = office.register.join([first, second], "chen").id
    await office.tested(kept)
    assert office.book == {THERE: 1}
    office.register.split(kept, "chen")
    results = await office.tested(at=NOW + timedelta(hours=1))
    assert office.book == {THERE: 1}, "the box that was tried waits under either record"
    assert results[kept].outcome is LoginOutcome.SKIPPED, "and proves nothing of the other"
    await office.tested(at=NOW + timedelta(hours=26))
    assert office.book == {THERE: 1, HERE: 1}
