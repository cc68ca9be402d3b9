"""Coverage is kept as codes and numbers, and worded where it is shown; what older versions wrote stays."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from inventory.coverage_words import OVER_UDP, details_of, known_line, reason_of, size_of, told
from inventory.export.rows import coverage_rows
from inventory.export.statement import coverage_statement
from inventory.language import speaking
from inventory.snapshot.redaction import Names, named_in, without_names
from inventory.store.scan_mapping import run_of, run_values
from inventory.types import (
    AddressState,
    Exemption,
    Known,
    ScanRun,
    SegmentCoverage,
    Unanswered,
    Unsettled,
    Why,
)
from tests.inventory.frozen_office import OFFICE

AT = datetime(2026, 11, 20, tzinfo=UTC)
KNOWN = Known(
    4, 2, 1, 1, 3,
    (Unanswered("192.168.20.9", ("declared", "leased")),),
    ("class:printer",),
    (Exemption("192.168.20.7", "asked for by Wang", "Wang", AT),),
)  # fmt: skip
COUNTS = dict.fromkeys(AddressState, 0) | {AddressState.REFUSED: 1}
BARRED = Unsettled("192.168.20.8", AddressState.REFUSED, "192.168.20.8", Why.ADDRESS_BARRED)
PART = SegmentCoverage("hq", "iot", "192.168.20.8/32", 1, COUNTS, "arp", (BARRED,), KNOWN)


@pytest.mark.parametrize("why", Why)
def test_every_code_has_its_sentence_whatever_completes_it(why: Why) -> None:
    sentence = told(why, "a {brace} and 100%")
    assert sentence
    assert sentence != why.value
    assert "{detail}" not in sentence


def test_reasons_are_worded_in_the_readers_language_when_they_are_shown() -> None:
    assert reason_of(BARRED) == "do not probe: address 192.168.20.8"
    with speaking("zh_TW"):
        assert reason_of(BARRED) != "do not probe: address 192.168.20.8"
    assert "the questions over UDP" in told(Why.FELL_SILENT, OVER_UDP)


def test_a_run_is_kept_with_codes_and_what_is_known() -> None:
    run = ScanRun("run-1", "here", AT, AT, coverage=(PART,))
    assert run_of(SimpleNamespace(**run_values(run))) == run


def test_a_run_of_before_there_were_codes_says_what_it_said() -> None:
    values = run_values(ScanRun("run-1", "here", AT, AT, coverage=(PART,)))
    (written,) = json.loads(values["coverage"])
    del written["known"]
    written["unsettled"] = [["192.168.20.8", "refused", "do not probe: {address}"]]
    (part,) = run_of(SimpleNamespace(**values | {"coverage": json.dumps([written])})).coverage
    assert part.known is None
    assert [reason_of(one) for one in part.unsettled] == ["do not probe: {address}"]


def test_what_is_known_stands_in_documents_and_a_redacted_copy_names_nobody() -> None:
    (record, *_others) = OFFICE.coverage
    snapshot = replace(OFFICE, coverage=(replace(record, segment=PART),))
    rows = ["|".join(map(str, row)) for row in coverage_rows(snapshot, "en")]
    assert any("192.168.20.9 did not answer; known as: declared, leased" in row for row in rows)
    assert any("asked for by Wang (Wang)" in row for row in rows)
    assert any("Known in these networks: 4 addresses" in text for text in coverage_statement(snapshot, "en"))
    copy = without_names(snapshot, Names(named_in(snapshot)), "0" * 64)
    assert "Wang" not in "".join(map(str, coverage_rows(copy, "en")))


def test_numbers_of_a_large_ipv6_network_are_of_known_addresses() -> None:
    assert size_of(PART) == "1"
    assert size_of(replace(PART, network="2001:db8::/64", addresses=1200)) == "1,200 known"
    assert "4 addresses are known: 2 declared, 1 leased" in known_line("192.168.20.0/24", KNOWN)
    assert len(list(details_of("192.168.20.0/24", KNOWN))) == 3
