"""What leaves the register: the forms are stable, and hostile device texts are harmless in each."""

import csv
import io
import json
import re
import unicodedata
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import inventory.export
from inventory.export import EXPORTERS, as_csv, as_html, as_json, as_xlsx
from inventory.export.columns import COLUMNS, empty_fields, last_confirmed
from inventory.export.harmless import looks_like_formula, spreadsheet_cell, visible
from inventory.export.sheets import SHEETS
from inventory.export.wording import article_name, pack_title_with_edition
from inventory.snapshot import Snapshot
from inventory.snapshot.canonical import from_bytes, to_bytes
from inventory.types import Attribute, Device, DeviceStatus, Held, each_alone, share
from tests.inventory.frozen_office import (
    ACCESS_POINT,
    CAMERA,
    HOSTILE,
    LIAR,
    OFFICE,
    ON,
    PRINTER,
    SCANNED,
    SENSOR,
    rendered,
)

GOLDEN = Path(__file__).parent / "golden"
ANY_TEXT = st.text(st.characters(), max_size=60) | st.sampled_from(
    [
        "=1+1",
        "+1",
        "-1",
        "@A1",
        "\t=1",
        "\r=1",
        "＝1",
        " =1",
        "\u202e=1",
        "#REF!",
        "_x003D_1",
        "\ud800",
        "\x00",
        "a\nb",
    ]
)


def one_device(text: str, attribute: Attribute = Attribute.MODEL) -> Snapshot:
    held = {attribute: Held(text, "http.title", SCANNED)}
    device = Device("d-1", DeviceStatus.DISCOVERED, "hq", "iot", SCANNED, SCANNED, held)
    return Snapshot("", ON, (device,), assessed_on=ON)


def test_the_registry_names_every_exporter_in_the_folder() -> None:
    folder = Path(inventory.export.__file__).parent
    named = {f"as_{exporter.name.replace('-', '_')}" for exporter in EXPORTERS}
    assert named == {path.stem for path in folder.glob("as_*.py")}


@pytest.mark.parametrize("exporter", EXPORTERS, ids=lambda exporter: exporter.name)
@pytest.mark.parametrize("language", ["en", "zh_TW"])
def test_a_loaded_snapshot_gives_the_bytes_of_the_one_that_was_saved(exporter, language) -> None:
    loaded = from_bytes(to_bytes(OFFICE), "snapshot.json")
    assert exporter.render(loaded, language) == exporter.render(OFFICE, language)


@pytest.mark.parametrize("exporter", EXPORTERS, ids=lambda exporter: exporter.name)
def test_an_empty_register_is_a_whole_file_too(exporter) -> None:
    assert exporter.render(Snapshot("", ON), "en")


@pytest.mark.parametrize("name", ["register.json", "register.csv"])
def test_the_public_forms_keep_their_bytes(name: str) -> None:
    """Others read these files: a change here is a change of docs/register-export.md."""
    form = as_json if name.endswith("json") else as_csv
    assert rendered(form, OFFICE, "en") == (GOLDEN / name).read_bytes()


def test_json_has_every_promised_key_and_the_source_of_each_attribute() -> None:
    devices = json.loads(rendered(as_json, OFFICE, "en"))
    promised = (
        "id device_class vendor model firmware serial hostname addresses services connection_method site "
        "segment location owner purpose in_scope first_seen last_seen sources"
    )
    for device in devices:
        assert set(promised.split()) <= device.keys()
    printer = next(device for device in devices if device["id"] == PRINTER.id)
    assert (
        printer["addresses"][0] | {"ip": "192.168.10.11", "mac": "00:00:5e:00:53:0b"}
        == printer["addresses"][0]
    )
    assert {"proto": "tcp", "port": 80, "name": "http", "product": "", "version": ""}.items() <= printer[
        "services"
    ][0].items()
    assert printer["sources"]["owner"] == {
        "source": "person:Lin",
        "at": "2026-11-18T01:30:00Z",
        "certainty": 1.0,
        "locked": True,
        "disagreeing": [],
    }


def test_documents_name_the_regulators_document_not_the_pack() -> None:
    page = rendered(as_html, OFFICE, "zh_TW").decode()
    assert "管控指引 第五章 物聯網設備安全控管（版本日期 2024-12-27）" in page
    book = openpyxl.load_workbook(io.BytesIO(rendered(as_xlsx, OFFICE, "en")))
    assert book["Articles"]["A2"].value == "Guideline, chapter 5: IoT devices"
    assert book["Findings"]["O2"].value == "Guideline, chapter 5: IoT devices"


def test_a_name_that_says_its_edition_does_not_say_it_twice() -> None:
    named = replace(
        OFFICE.articles[0], pack_title_en="Guideline (edition 2024-12-27)", pack_title_zh="指引（113.12.27）"
    )
    assert pack_title_with_edition(named, "en") == "Guideline (edition 2024-12-27)"
    assert pack_title_with_edition(named, "zh_TW") == "指引（113.12.27）"
    assert pack_title_with_edition(OFFICE.articles[0], "en").endswith("(edition 2024-12-27)")


def test_many_reasons_under_one_article_are_cut_and_counted() -> None:
    many = tuple(
        replace(OFFICE.findings[1], id=f"f-{number}", reason_en=f"Port {number} is not declared.")
        for number in range(as_html.MOST_REASONS + 7)
    )
    page = rendered(as_html, replace(OFFICE, findings=many), "en").decode()
    assert "7 more reasons stand in register.xlsx." in page


def test_json_shows_the_claim_that_disagrees_with_a_person() -> None:
    claim = Held("Kyocera", "snmp.sysdescr", SCANNED, 0.9)
    held = Held("Ricoh", "person:Lin", SCANNED, 1.0, locked=True, disagreeing=(claim,))
    device = replace(PRINTER, attributes={Attribute.VENDOR: held})
    (shown,) = json.loads(rendered(as_json, Snapshot("", ON, (device,)), "en"))
    assert [other["value"] for other in shown["sources"]["vendor"]["disagreeing"]] == ["Kyocera"]


def test_what_is_not_known_is_said_to_be_unknown_never_guessed() -> None:
    (shown,) = json.loads(rendered(as_json, Snapshot("", ON, (replace(SENSOR, attributes={}),)), "en"))
    assert (shown["device_class"], shown["connection_method"], shown["in_scope"]) == (
        "unknown",
        "unknown",
        "undetermined",
    )
    assert shown["addresses"] == shown["services"] == []
    assert shown["vendor"] == ""


@given(ANY_TEXT)
def test_json_gives_back_every_text_that_utf8_can_carry(text: str) -> None:
    written = rendered(as_json, one_device(text), "en")
    (device,) = json.loads(written)
    assert device["model"] == re.sub("[\ud800-\udfff]", "\ufffd", text)
    shown = written.decode()
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b-\u200f\x00-\x09\x7f-\x9f]", shown)


@given(ANY_TEXT)
def test_no_csv_cell_can_be_a_formula_or_hide_anything(text: str) -> None:
    written = rendered(as_csv, one_device(text), "en").decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(written, newline="")))
    assert len(rows) == 2
    cell = rows[1][[column.key for column in COLUMNS].index("model")]
    assert not looks_like_formula(cell)
    assert all(unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in cell)


@settings(max_examples=25, deadline=None)
@given(ANY_TEXT)
def test_no_xlsx_cell_is_a_formula_and_excel_may_open_it(text: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(rendered(as_xlsx, one_device(text), "en")))
    cell = book["Register"].cell(2, [column.key for column in COLUMNS].index("model") + 1)
    assert cell.data_type in ("s", "n")  # n: the empty cell
    assert cell.quotePrefix == looks_like_formula(visible(text))
    assert cell.value is None or all(unicodedata.category(c) not in ("Cc", "Cf", "Cs") for c in cell.value)


def test_a_text_that_excel_would_decode_is_shown_as_it_was() -> None:
    book = openpyxl.load_workbook(io.BytesIO(rendered(as_xlsx, one_device("_x003D_cmd"), "en")))
    cell = book["Register"].cell(2, [column.key for column in COLUMNS].index("model") + 1)
    assert cell.value == "_x005F_x003D_cmd"


def test_the_workbook_is_one_an_auditor_can_file() -> None:
    book = openpyxl.load_workbook(io.BytesIO(rendered(as_xlsx, OFFICE, "zh_TW")))
    assert book.sheetnames == [sheet.title.zh for sheet in SHEETS]
    register = book["設備清冊"]
    headings = [cell.value for cell in register[1]]
    for asked in (
        "設備編號",
        "設備類別",
        "廠牌",
        "型號",
        "韌體版本",
        "序號",
        "IP 位址",
        "MAC 位址",
        "連線方式",
    ):
        assert asked in headings
    for asked in ("使用連接埠", "存放位置", "管理人員", "用途"):
        assert asked in headings
    assert register.freeze_panes == "B2"
    assert register.auto_filter.ref == register.dimensions  # every column and row can be filtered
    assert register.max_row == len(OFFICE.devices) + 1
    printer = dict(zip(headings, (cell.value for cell in register[2]), strict=True))
    assert printer["設備類別"] == "印表機／事務機"
    assert printer["使用連接埠"] == "tcp/80 http; tcp/443 https; tcp/9100 jetdirect; udp/161 snmp"
    assert printer["最近發現"].date() == SCANNED.date()


def test_the_workbook_tells_of_networks_nobody_scanned_and_addresses_left_out() -> None:
    book = openpyxl.load_workbook(io.BytesIO(rendered(as_xlsx, OFFICE, "zh_TW")))
    rows = [[cell.value for cell in row] for row in book["盤點涵蓋範圍"].iter_rows(min_row=2)]
    assert any(row[2] == "192.168.30.0/24" and row[-1] == "從未掃描" for row in rows)
    assert any(row[3] == "192.168.20.250" and row[-1] == "do-not-probe: life-safety panel" for row in rows)


def test_an_overdue_finding_and_a_lapsed_exception_are_said_so() -> None:
    lapsed = replace(OFFICE, on=ON.replace(year=2027))
    book = openpyxl.load_workbook(io.BytesIO(rendered(as_xlsx, lapsed, "zh_TW")))
    assert "未生效或已失效" in [cell.value for cell in book["例外管理"][2]]
    overdue = [row[10].value for row in book["待改善事項"].iter_rows(min_row=2)]
    assert overdue.count("逾期") == 3


def test_a_register_without_judgement_is_exported_without_empty_judgement_sheets() -> None:
    book = openpyxl.load_workbook(io.BytesIO(rendered(as_xlsx, replace(OFFICE, assessed_on=None), "en")))
    assert book.sheetnames == ["Register"]


def test_xlsx_carries_no_moment_but_the_snapshots_day() -> None:
    with zipfile.ZipFile(io.BytesIO(rendered(as_xlsx, OFFICE, "zh_TW"))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2026, 11, 20, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert set(re.findall(r"W3CDTF\">([^<]*)<", core)) == {"2026-11-20T00:00:00Z"}


class Page(HTMLParser):
    """Collects the tags, references and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.references: list[str] = []
        self.ids: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append(tag)
        self.references += [
            value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "action")
        ]
        self.ids += [value or "" for name, value in attrs if name == "id"]

    def handle_data(self, data) -> None:
        self.text += data


@pytest.fixture(params=["en", "zh_TW"])
def report(request) -> str:
    return rendered(as_html, OFFICE, request.param).decode()


def test_the_report_opens_without_a_network(report: str) -> None:
    page = Page(report)
    assert all(reference.startswith("#") for reference in page.references)
    assert not {"script", "link", "img", "iframe", "object"} & set(page.tags)
    assert not re.search(r"url\((?!#)|@import", report)


def test_the_report_has_its_plots_and_each_id_once(report: str) -> None:
    page = Page(report)
    assert page.tags.count("svg") == 8  # two packs, trend, coverage, classes, fields, support, replacement
    assert len(page.ids) == len(set(page.ids))
    assert all(f"#{anchor}" in report for anchor in ("posture", "findings", "coverage", "devices"))
    assert "#0001" not in report  # every placeholder became a colour of the page


def test_markup_and_reordering_in_device_texts_stay_text(report: str) -> None:
    page = Page(report)
    assert "script" not in page.tags
    assert "<script>alert(1)</script>" in page.text
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00\ud800]", report)
    assert "A" * 200 not in report  # cut, and the cut is counted
    assert "⟨+" in report


def test_page_one_says_what_the_look_did_not_reach(report: str) -> None:
    first_page = report[: report.index("<nav")]
    assert "192.168.30.0/24" in first_page  # never scanned
    assert ">2 <small>/ 508" in first_page  # not settled


def test_undetermined_and_not_judged_are_never_counted_as_compliant() -> None:
    html = rendered(as_html, OFFICE, "en").decode()
    row = html[html.index("Art. 24 Access rights</th>") :]
    numbers = re.findall(r'<td class="number[^"]*">(\d+)</td>', row)[:6]
    assert numbers == [
        "0",
        "1",
        "0",
        "0",
        "0",
        "4",
    ]  # breach, undetermined, excepted, compliant, n/a, not judged


def test_a_longer_register_than_a_page_holds_says_where_the_rest_is(monkeypatch) -> None:
    monkeypatch.setattr(as_html, "MOST_ROWS", 2)
    assert "The first 2 devices; 3 more stand in register.xlsx." in rendered(as_html, OFFICE, "en").decode()


def test_retired_devices_are_in_the_register_and_not_in_the_posture() -> None:
    retired = replace(OFFICE, devices=(*OFFICE.devices[:-1], replace(SENSOR, status=DeviceStatus.RETIRED)))
    assert "Devices: 4." in rendered(as_html, retired, "en").decode()
    assert SENSOR.id in rendered(as_csv, retired, "en").decode()


def test_empty_fields_are_those_of_article_22() -> None:
    assert empty_fields(PRINTER) == ("declared_ports",)  # open ports that a scan saw are no declaration
    assert empty_fields(CAMERA) == ("purpose", "declared_ports", "location", "owner")
    assert empty_fields(SENSOR) == ("purpose", "ip", "declared_ports", "owner")
    alone = Held("none", "person:Lin", SCANNED)
    unconnected = replace(SENSOR, attributes={**SENSOR.attributes, Attribute.CONNECTION_METHOD: alone})
    assert empty_fields(unconnected) == ("purpose", "owner")


def test_who_confirmed_a_device_is_the_latest_person_never_a_scan() -> None:
    assert last_confirmed(PRINTER) == "Lin 2026-11-18"
    assert last_confirmed(CAMERA) == ""


@pytest.mark.parametrize("text", [HOSTILE, "=1", "  =1", "＝1", "-1", "+886", "@x"])
def test_a_formula_gets_an_apostrophe(text: str) -> None:
    assert spreadsheet_cell(text).startswith("'")


@pytest.mark.parametrize("text", ["Ricoh", "1.07", "三樓", "", "a=b", "00:00:5e:00:53:01"])
def test_an_ordinary_text_stays_as_it_is(text: str) -> None:
    assert spreadsheet_cell(text) == text
    assert visible(text) == text


def test_a_long_text_is_cut_and_the_rest_counted() -> None:
    assert visible("x" * 2100) == "x" * 2000 + "…⟨+100⟩"


def test_the_report_names_a_person_nowhere_the_register_does_not() -> None:
    html = rendered(as_html, replace(OFFICE, devices=(LIAR, ACCESS_POINT)), "en").decode()
    assert "林美玲" not in html[html.index('id="devices"') :]


@pytest.mark.parametrize(
    ("number", "en", "zh"),
    [
        ("22", "Art. 22", "第22條"),
        ("7-1", "Art. 7(1)", "第7條第1款"),
        ("m-a", "m(a)", "m(a)"),
        ("CC-14000", "CC-14000", "CC-14000"),
        ("guideline-2024/23", "Guideline 2024 Art. 23", "113年指引 第23條"),
        ("training", "training", "training"),
    ],
)
def test_an_article_is_called_as_its_regulator_calls_it(number: str, en: str, zh: str) -> None:
    assert (article_name(number, "en"), article_name(number, "zh_TW")) == (en, zh)


def test_what_could_not_be_judged_is_told_once_for_each_rule_with_its_reason() -> None:
    other = replace(
        next(v for v in each_alone(OFFICE.verdicts) if v.rule == "rule-23" and v.device == "d-0022"),
        reason_en="Its firmware 1.2 is not known to the maker's list.",
    )
    html = rendered(as_html, replace(OFFICE, verdicts=(*OFFICE.verdicts, *share([other]))), "en").decode()
    told = html[html.index('id="questions"') : html.index('id="findings"')]
    assert told.count("<tr>") == 1 + 2  # the heading; rule-23 for three devices, rule-24's privileges
    assert "(reasons like it: 1 more)" in told


def test_a_bare_list_of_devices_claims_nothing_of_scans_or_judgements() -> None:
    """The register may well have been scanned and judged: the list alone cannot say."""
    text = Page(rendered(as_html, Snapshot("", ON, OFFICE.devices), "en").decode()).text
    assert "which networks were looked at is not part of it" in text
    assert "No judgement is part of this document." in text
    assert "No network in scope has been scanned" not in text


def test_scopes_without_any_scan_are_said_to_be_unscanned() -> None:
    text = Page(rendered(as_html, replace(OFFICE, coverage=()), "en").decode()).text
    assert "No network in scope has been scanned" in text
    assert "192.168.10.0/24" in text


def test_the_register_tells_of_each_device_whether_the_law_means_it_and_why() -> None:
    ruling = replace(
        each_alone(OFFICE.verdicts)[0],
        device=CAMERA.id,
        article="21",
        reason_zh="已認定適用範圍（適用）：網路攝影機。",
    )
    older = replace(ruling, edition=ON.replace(year=2022), reason_zh="舊版之認定。")
    book = openpyxl.load_workbook(
        io.BytesIO(rendered(as_xlsx, replace(OFFICE, verdicts=share([older, ruling])), "zh_TW"))
    )
    rulings = {row[0].value: row[-1].value for row in book["設備清冊"].iter_rows(min_row=2)}
    assert rulings == dict.fromkeys(device.id for device in OFFICE.devices) | {
        CAMERA.id: "已認定適用範圍（適用）：網路攝影機。"
    }


@settings(max_examples=15, deadline=None)
@given(ANY_TEXT)
def test_no_device_text_changes_the_build_of_the_report(text: str) -> None:
    plain = Page(rendered(as_html, one_device("plain"), "en").decode())
    written = rendered(as_html, one_device(text), "en").decode()
    assert Page(written).tags == plain.tags
    assert all(unicodedata.category(c) not in ("Cc", "Cf", "Cs") for c in written.replace("\n", ""))


def test_hostile_names_stay_text_in_the_plots_too() -> None:
    """Segment names are drawn: matplotlib would take `$…$` for mathematics, a browser `<…>` for a tag."""
    named = replace(OFFICE.coverage[0].segment, segment='"><script>x</script>$\\frac$\u202e&')
    html = rendered(as_html, replace(OFFICE, coverage=(replace(OFFICE.coverage[0], segment=named),)), "en")
    drawings = re.findall(r"<svg .*?</svg>", html.decode(), re.DOTALL)
    assert len(drawings) == 8
    texts = [text for drawing in drawings for text in ET.fromstring(drawing).itertext()]
    assert any("<script>x</script>$\\frac$⟨U+202E⟩" in text for text in texts)
    assert "script" not in Page(html.decode()).tags


@settings(max_examples=60, deadline=None)
@given(ANY_TEXT, st.sampled_from([Attribute.OWNER, Attribute.NOTES, Attribute.HOSTNAME]))
def test_saving_and_loading_changes_no_export(text: str, attribute: Attribute) -> None:
    frozen = replace(one_device(text, attribute), versions={"form": "1"})
    loaded = from_bytes(to_bytes(frozen), "x")
    for form in (as_json, as_csv):
        assert rendered(form, loaded, "en") == rendered(form, frozen, "en")
    assert to_bytes(loaded) == to_bytes(frozen)
