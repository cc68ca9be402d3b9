"""Lists people kept, as they come: both languages, Big5, workbooks, our own export back."""

import sqlite3
from contextlib import closing, suppress
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from inventory.exits import BadInput, Conflict, StoreFault, UsageFault
from inventory.export import EXPORTERS
from inventory.imports import read_list
from inventory.register import Register
from inventory.snapshot.value import Snapshot
from inventory.store.database import Database
from inventory.store.moving import move
from inventory.types import Attribute, FixedClock, InScope, Kind, LineOutcome, today
from tests.inventory.heard import MAC_1, MAC_2, MONDAY, WEEK, heard

CLOCK = FixedClock(MONDAY + timedelta(days=1))
CHINESE = (
    "財產編號,設備類別,廠牌,IP位址,管理人員,存放位置,連線方式,備用欄\n"
    "A-17,印表機,理光,10.0.0.5,王小明,三樓文印室,有線,x\n"
)


@pytest.fixture
def clock():
    return CLOCK


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp950", "utf-16"])
def test_a_chinese_list_in_any_encoding(tmp_path, encoding):
    file = tmp_path / "清冊.csv"
    file.write_bytes(CHINESE.encode(encoding))
    listed = read_list(file, site="hq")
    (row,) = listed.rows
    assert (row.line, row.ip, row.site) == (2, "10.0.0.5", "hq")
    assert row.values == {
        Attribute.ASSET_TAG: "A-17",
        Attribute.DEVICE_CLASS: "printer",
        Attribute.VENDOR: "理光",
        Attribute.OWNER: "王小明",
        Attribute.LOCATION: "三樓文印室",
        Attribute.CONNECTION_METHOD: "wired",
    }
    assert [column.field for column in listed.columns][-1] == ""


def test_a_workbook_with_a_title_above(tmp_path):
    book = Workbook()
    book.active.append(["115 年設備清冊"])
    book.active.append(["Owner", "IP", "Rack"])
    book.active.append(["Wang", "10.0.0.5", 7])
    book.save(tmp_path / "list.xlsx")
    (row,) = read_list(tmp_path / "list.xlsx", custom=("rack",)).rows
    assert (row.line, row.values[Attribute.OWNER], row.custom) == (3, "Wang", {"rack": "7"})


def test_a_heading_of_the_firms_own_is_told(tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("who keeps it;IP\nWang;10.0.0.5\n")
    (row,) = read_list(file, columns={"who keeps it": "owner"}).rows
    assert row.values == {Attribute.OWNER: "Wang"}
    with pytest.raises(UsageFault):
        read_list(file, columns={"who keeps it": "keeper"})


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no rows"),
        (b"a,b\n1,2\n", "no heading"),
        (b"\xff\x81\x82", "neither"),
        (b'{"a": 1}', "not a list"),
        (b"[1, 2", "list.txt"),
        (b"PK\x03\x04nonsense", "no workbook"),
    ],
)
def test_what_is_no_list_is_one_line(tmp_path, content, says):
    file = tmp_path / "list.txt"
    file.write_bytes(content)
    with pytest.raises(BadInput, match=says) as raised:
        read_list(file)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_our_own_export_comes_back_as_no_change(register, tmp_path, form):
    printer = register.ingest([heard("10.0.0.5", MAC_1, vendor="Ricoh", model="=IM\u202e C3000")]).new[0]
    register.ingest([heard("10.0.0.6", MAC_2, vendor="AXIS", device_class="camera")])
    register.edit(
        [printer], {Attribute.OWNER: "王小明", Attribute.LOCATION: "-3F"}, "chen", custom={"rack": "=7"}
    )
    register.enter({Attribute.PURPOSE: "fax behind an adapter"}, "chen", site="hq")
    before, entries = register.devices(), register.audit()
    render = {exporter.name: exporter.render for exporter in EXPORTERS}[form]
    file = tmp_path / f"list.{form}"
    file.write_bytes(render(Snapshot(label="", on=today(CLOCK), devices=before), "zh_TW"))
    report = register.import_rows(read_list(file, custom=["rack"]).rows, "chen", name=file.name)
    assert {line.outcome for line in report.lines} == {LineOutcome.SAME}, report.lines
    assert (register.devices(), register.audit()) == (before, entries)


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_a_field_of_the_firms_own_goes_out_and_comes_in(register, tmp_path, form):
    kept = register.ingest([heard("10.0.0.5", MAC_1)]).new[0]
    register.edit([kept], {Attribute.OWNER: "Wang"}, "chen", custom={"Rack no.": "7", "倉庫": "北"})
    render = {exporter.name: exporter.render for exporter in EXPORTERS}[form]
    file = tmp_path / f"list.{form}"
    file.write_bytes(render(Snapshot(label="", on=today(CLOCK), devices=register.devices()), "en"))
    register.edit([kept], {}, "chen", custom={"Rack no.": "", "倉庫": ""})
    register.import_rows(read_list(file, custom=["Rack no.", "倉庫"]).rows, "chen", name=file.name)
    assert {name: held.value for name, held in register.device(kept).custom.items()} == {
        "Rack no.": "7",
        "倉庫": "北",
    }


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=20)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), min_size=1, max_size=5))
def test_any_export_of_ours_comes_back_as_no_change(tmp_path_factory, said):
    with Register.open(":memory:", CLOCK) as register:
        for number, (owner, purpose, rack) in enumerate(said):
            made = register.ingest([heard(f"10.0.0.{number + 1}", hostname=f"h{number}")]).new
            with suppress(UsageFault):  # what may not be stored
                words = {Attribute.OWNER: owner, Attribute.PURPOSE: purpose}
                register.edit(made, words, "chen", custom={"rack": rack})
        before, entries = register.devices(), register.audit()
        for form in ("csv", "xlsx", "json"):
            render = {exporter.name: exporter.render for exporter in EXPORTERS}[form]
            file = tmp_path_factory.mktemp("lists") / f"list.{form}"
            file.write_bytes(render(Snapshot(label="", on=today(CLOCK), devices=before), "zh_TW"))
            report = register.import_rows(read_list(file, custom=["rack"]).rows, "chen", name=file.name)
            assert {line.outcome for line in report.lines} == {LineOutcome.SAME}, (form, report.lines)
        assert (register.devices(), register.audit()) == (before, entries)


def test_what_a_rule_makes_of_a_device_stays_beneath_a_persons_word(register):
    first = register.ingest([heard("10.0.0.5", MAC_1)]).new[0]
    second = register.ingest([heard("10.0.0.6", MAC_2)]).new[0]
    register.edit([second], {Attribute.IN_SCOPE: InScope.OUT}, "chen")
    for _again in range(2):
        register.keep_ruling(Attribute.IN_SCOPE, {first: "in", second: "in"}, "article-21")
    register.ingest([heard("10.0.0.5", MAC_1, run="run-2", at=MONDAY + WEEK)])
    held = register.device(first).attributes[Attribute.IN_SCOPE]
    assert (held.value, held.source, held.locked) == ("in", "rule:article-21", False)
    assert register.device(second).text(Attribute.IN_SCOPE) == "out"
    assert [change.what for change in register.history(first)].count("in_scope") == 1


class TestMove:
    def test_there_and_back_and_equal(self, register, tmp_path):
        printer = register.ingest([heard("10.0.0.5", MAC_1, vendor="Ricoh")]).new[0]
        register.edit([printer], {Attribute.OWNER: "王小明"}, "chen")
        register.note(Kind.OWNER, "王小明", {"contact": "6101"}, "chen")
        beside = tmp_path / "moved.sqlite"
        target = Database.open(str(beside))
        count = move(register._database, target)
        target.close()
        assert count > 8
        with Register.open(str(beside), CLOCK) as moved:
            assert moved.devices() == register.devices()
            assert moved.history(printer) == register.history(printer)
            assert moved.audit() == register.audit()
            assert moved.audit_break() is None

    def test_from_a_file_to_a_server_which_goes_on_counting(self, postgresql, tmp_path):
        with Register.open(str(tmp_path / "old.sqlite"), CLOCK) as old:
            printer = old.ingest([heard("10.0.0.5", MAC_1, vendor="Ricoh")]).new[0]
            old.edit([printer], {Attribute.OWNER: "Wang"}, "chen")
            url = postgresql()
            target = Database.open(url)
            move(old._database, target)
            target.close()
            with Register.open(url, CLOCK) as moved:
                moved.edit([printer], {Attribute.OWNER: "Lin"}, "chen")
                moved.ingest([heard("10.0.0.6", MAC_2, run="run-2", at=MONDAY + WEEK)])
                assert moved.audit_break() is None
                assert len(moved.devices()) == 2

    def test_a_fault_names_the_register_it_is_of(self, tmp_path):
        place, beside = tmp_path / "old.sqlite", tmp_path / "moved.sqlite"
        old, target = Database.open(str(place)), Database.open(str(beside))
        with closing(sqlite3.connect(place)) as raw:
            raw.execute("DROP TABLE finding")
        with pytest.raises(StoreFault, match=r"old\.sqlite"):
            move(old, target)
        for each in (old, target):
            each.close()

    def test_a_place_that_holds_anything_is_left_alone(self, register, tmp_path):
        beside = tmp_path / "moved.sqlite"
        with Register.open(str(beside), CLOCK) as other:
            other.ingest([heard("10.0.0.5", MAC_1)])
            with pytest.raises(Conflict, match="not empty"):
                move(register._database, other._database)
