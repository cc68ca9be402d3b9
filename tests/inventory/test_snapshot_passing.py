"""A snapshot written while its devices go by is the one written from memory, by however many processes."""

import errno
import hashlib
import multiprocessing
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pytest

from inventory.cli.register import EXPORT_FORMS
from inventory.exits import NotAllowed, StoreFault
from inventory.export import EXPORTER, listing
from inventory.query import EVERYTHING, parse
from inventory.register import Register
from inventory.snapshot import Snapshot, Unwritable, freezing, pressing
from inventory.snapshot import hands as hands_module
from inventory.snapshot.folder import load, write
from inventory.snapshot.freezing import build, freeze
from inventory.snapshot.hands import hands, in_turn
from inventory.snapshot.manifest import MANIFEST
from inventory.types import (
    Assessment,
    Attribute,
    CheckOutcome,
    CheckResult,
    DeviceStatus,
    FixedClock,
    each_alone,
    share,
)
from tests.inventory.frozen_office import OFFICE, SIGNER
from tests.inventory.heard import MAC_1, MONDAY, heard

ON = date(2026, 1, 6)
TEXTS = ("RICOH", "=cmd()", "\u202ecamera", "Axis", "A" * 3000, "三樓", "Moxa")
# Nothing here runs in a second thread; Python from 3.12 on cannot know that.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


@pytest.fixture
def judged(any_place) -> Iterator[Register]:
    """A register with something in each table a snapshot reads, of devices alive, retired and absorbed."""
    with Register.open(any_place, FixedClock(MONDAY)) as register:
        register.ingest(
            [
                heard(
                    f"10.0.0.{20 - number}",
                    None if number else MAC_1,
                    vendor=text,
                    device_class="camera" if number % 2 else "access-point",
                    serial=f"S-{number}",
                    ports=("tcp/443", "tcp/80"),
                )
                for number, text in enumerate(TEXTS)
            ]
        )
        ids = [device.id for device in register.devices()]
        register.edit(ids[:2], {Attribute.OWNER: "林美玲", Attribute.VENDOR: "Canon"}, by="Lin")
        register.edit(ids[1:2], {}, by="Lin", custom={"成本中心": "C-7", "leased": "no"})
        register.ingest([heard("10.0.0.20", MAC_1, at=MONDAY + timedelta(hours=1), vendor="Ricoh")])
        register.set_status(ids[2:3], DeviceStatus.RETIRED, by="Lin")
        register.join(ids[4:6], by="Lin")
        facts = {"state": "supported", "ends": "2027-01-01", "measured": "leaking"}
        register.save_results(
            CheckResult(each, check, CheckOutcome.FAIL, "said", MONDAY, None, ("row",), facts, "說明")
            for each in ids
            for check in ("firmware", "isolation", "wireless")
        )
        said = [replace(verdict, device=each) for verdict in each_alone(OFFICE.verdicts)[:3] for each in ids]
        found = [replace(OFFICE.findings[0], id=f"f-{each}", device=each) for each in ids]
        register.save_assessment(Assessment(ON, OFFICE.articles, share(said), tuple(found)))
        yield register


def digests(place: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in place.iterdir()}


def frozen_into(place: Path, register: Register) -> dict[str, str]:
    freeze(register, place, SIGNER, label="2026", on=ON, version="1")
    return digests(place)


def test_devices_that_go_by_give_the_bytes_of_those_in_memory(judged, tmp_path, monkeypatch) -> None:
    whole = build(judged, label="2026", on=ON, version="1")
    assert {device.id: device for device in whole.devices} == {d.id: d for d in judged.devices()}
    assert {result.device for result in whole.results} == {device.id for device in whole.devices}
    write(whole, tmp_path / "memory", SIGNER)
    monkeypatch.setattr(freezing, "AT_ONCE", 2)
    assert frozen_into(tmp_path / "passing", judged) == digests(tmp_path / "memory")
    assert load(tmp_path / "passing") == whole


def test_the_bytes_are_the_same_however_many_processes_make_them(judged, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(freezing, "AT_ONCE", 1)
    monkeypatch.setattr(pressing, "_WORTH_A_PROCESS", 0)
    made = []
    for count in (0, 1, 3):
        monkeypatch.setattr(hands_module, "spare_hands", lambda count=count: count)
        made.append(frozen_into(tmp_path / str(count), judged))
    assert made[0] == made[1] == made[2]
    assert multiprocessing.active_children() == []


def test_what_is_asked_of_all_devices_is_known_when_they_have_gone_by(judged, tmp_path) -> None:
    frame, stored = freeze(judged, tmp_path / "2026", SIGNER, label="2026", on=ON, version="1")
    whole = load(stored.place)
    assert (frame.devices, frame.results) == ((), ())
    assert pressing.standing(frame) == pressing.standing(whole)
    assert hashlib.sha256((stored.place / MANIFEST).read_bytes()).hexdigest() == stored.digest


def test_a_register_that_does_not_give_all_its_devices_freezes_nothing(judged, tmp_path, monkeypatch) -> None:
    every = Register.raw_rows
    monkeypatch.setattr(Register, "raw_rows", lambda self, ids, at_once: every(self, ids[1:], at_once))
    with pytest.raises(StoreFault, match="nothing was frozen"):
        frozen_into(tmp_path / "2026", judged)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("count", [0, 2])
def test_a_damaged_row_is_one_line_from_any_process(judged, tmp_path, monkeypatch, count: int) -> None:
    every = Register.raw_rows

    def damaged(self, ids, at_once):
        for raw in every(self, ids, at_once):
            yield raw._replace(results=[(*row[:6], "[", *row[7:]) for row in raw.results])

    monkeypatch.setattr(Register, "raw_rows", damaged)
    monkeypatch.setattr(pressing, "_WORTH_A_PROCESS", 0)
    monkeypatch.setattr(hands_module, "spare_hands", lambda: count)
    with pytest.raises(StoreFault, match="a row of the register is damaged"):
        frozen_into(tmp_path / "2026", judged)
    assert list(tmp_path.iterdir()) == []
    assert multiprocessing.active_children() == []


def test_answers_come_in_the_order_of_the_questions() -> None:
    questions = [str(number).encode() * 100_000 for number in range(20)]
    for count in (1, 2, 30):
        with hands(count, lambda question: [b"", bytes(question)[::-1]]) as ours:
            told = [b"".join(answer) for answer in in_turn(ours, questions)]
        assert told == [question[::-1] for question in questions]


def test_what_has_no_room_is_sent_all_the_same(monkeypatch) -> None:
    monkeypatch.setattr(hands_module, "_ROOM", 4096)
    questions = [b"q" * 5000, b"r" * 10]
    with hands(1, lambda question: [bytes(question), b"s" * 4000, b"t" * 100]) as ours:
        told = [b"".join(answer) for answer in in_turn(ours, questions)]
    assert told == [question + b"s" * 4000 + b"t" * 100 for question in questions]


def test_a_process_that_somebody_ends_is_one_clear_line() -> None:
    def ended(_question: bytes) -> list[bytes]:
        os.kill(os.getpid(), signal.SIGKILL)
        return []

    with pytest.raises(Unwritable, match="ended from outside"), hands(2, ended) as ours:
        list(in_turn(ours, [b"1", b"2"]))
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("form", EXPORT_FORMS)
def test_a_list_that_goes_by_has_the_bytes_of_the_one_in_memory(judged, tmp_path, monkeypatch, form) -> None:
    monkeypatch.setattr(listing, "AT_ONCE", 1)
    file = tmp_path / "list"
    assert listing.Listing(EVERYTHING, form, "zh_TW", ON).save(judged, file) == len(judged.devices())
    whole = Snapshot("", ON, devices=judged.devices())
    assert file.read_bytes() == EXPORTER[form].render(whole, "zh_TW")
    assert list(tmp_path.iterdir()) == [file]


def test_every_part_of_the_list_has_the_same_columns(judged) -> None:
    heads = []
    for query in (EVERYTHING, parse("class:phone")):
        out = BytesIO()
        listing.Listing(query, "csv", "en", ON).write(judged, out.write)
        heads.append(out.getvalue().partition(b"\r\n")[0])
    assert heads[0] == heads[1]
    assert "custom.成本中心".encode() in heads[0]


def test_a_list_that_fails_half_way_leaves_the_file_as_it_was(judged, tmp_path, monkeypatch) -> None:
    def failing(self, ids, at_once, *, with_results):
        raise OSError(errno.ENOSPC, "No space left on device")
        yield

    monkeypatch.setattr(Register, "raw_rows", failing)
    file = tmp_path / "list.csv"
    file.write_text("of last year")
    with pytest.raises(NotAllowed, match=r"list\.csv cannot be written: No space left"):
        listing.Listing(EVERYTHING, "csv", "en", ON).save(judged, file)
    assert [one.read_text() for one in tmp_path.iterdir()] == ["of last year"]


def test_a_process_whose_answer_nobody_takes_ends_without_a_word(capfd) -> None:
    with hands(1, lambda question: [bytes(question)]) as (hand,):
        hand.ask(b"1")
        assert hand._connection.poll(10)
    assert capfd.readouterr() == ("", "")
    assert multiprocessing.active_children() == []


class Peculiar(NotAllowed):
    """What is not made from one text, or holds what no other process can have."""

    def __init__(self, place: str, number: int) -> None:
        super().__init__(f"{place} has {number}")
        self.held = lambda: number


@pytest.mark.parametrize(
    ("error", "kind", "says"),
    [
        (Peculiar("the desk", 3), NotAllowed, "the desk has 3"),
        (
            UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
            UnicodeDecodeError,
            "invalid start",
        ),
        (type("Local", (KeyError,), {})("what"), KeyError, "what"),
    ],
)
def test_what_fails_in_a_process_is_told_by_its_own_message(error, kind, says) -> None:
    def failing(_question: bytes) -> list[bytes]:
        raise error

    with pytest.raises(kind, match=says) as told, hands(1, failing) as ours:
        list(in_turn(ours, [b"1"]))
    assert told.type is kind
    assert multiprocessing.active_children() == []
