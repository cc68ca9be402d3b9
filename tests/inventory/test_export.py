"""What leaves the register: the forms are stable, and hostile device texts are harmless in each."""

import csv
import io
import json
import re
import unicodedata
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import inventory.export
from inventory.export import EXPORTERS, as_csv, as_html, as_json, as_xlsx
from inventory.export.columns import COLUMNS, empty_fields, last_confirmed
from inventory.export.harmless import looks_like_formula, spreadsheet_cell, visible
from inventory.export.wording import article_name, pack_title_with_edition
from inventory.snapshot import Snapshot
from inventory.snapshot.canonical import from_bytes, to_bytes
from inventory.types import Attribute, DeviceStatus, Held
from tests.inventory.frozen_office import (
    ANY_TEXT,
    CAMERA,
    HOSTILE,
    OFFICE,
    ON,
    PRINTER,
    SCANNED,
    SENSOR,
    one_device,
    rendered,
)

GOLDEN = Path(__file__).parent / "golden"


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
        "value": "林美玲",
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


@settings(max_examples=60, deadline=None)
@given(ANY_TEXT, st.sampled_from([Attribute.OWNER, Attribute.NOTES, Attribute.HOSTNAME]))
def test_saving_and_loading_changes_no_export(text: str, attribute: Attribute) -> None:
    frozen = replace(one_device(text, attribute), versions={"form": "1"})
    loaded = from_bytes(to_bytes(frozen), "x")
    for form in (as_json, as_csv):
        assert rendered(form, loaded, "en") == rendered(form, frozen, "en")
    assert to_bytes(loaded) == to_bytes(frozen)
