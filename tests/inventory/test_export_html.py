"""The report: it opens anywhere, says what was not reached or judged, and runs nothing that a device said."""

import re
import unicodedata
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings

from inventory.export import as_html
from inventory.snapshot import Snapshot
from inventory.types import each_alone, share
from tests.inventory.frozen_office import (
    ACCESS_POINT,
    ANY_TEXT,
    LIAR,
    OFFICE,
    ON,
    one_device,
    rendered,
)


def test_many_reasons_under_one_article_are_cut_and_counted() -> None:
    many = tuple(
        replace(OFFICE.findings[1], id=f"f-{number}", reason_en=f"Port {number} is not declared.")
        for number in range(as_html.MOST_REASONS + 7)
    )
    page = rendered(as_html, replace(OFFICE, findings=many), "en").decode()
    assert "7 more reasons stand in register.xlsx." in page


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


def test_the_report_names_a_person_nowhere_the_register_does_not() -> None:
    html = rendered(as_html, replace(OFFICE, devices=(LIAR, ACCESS_POINT)), "en").decode()
    assert "林美玲" not in html[html.index('id="devices"') :]


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
