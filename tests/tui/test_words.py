"""Every outcome has a sign that needs no colour, and what is shown is what people can read."""

from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

import pytest

from inventory.types import Attribute, FindingState, VerdictOutcome
from tui import words


@pytest.mark.parametrize("vocabulary", list(words.SYMBOLS), ids=lambda vocabulary: vocabulary.__name__)
def test_every_outcome_has_a_sign_and_an_ascii_one(vocabulary: type[StrEnum]) -> None:
    signs = words.SYMBOLS[vocabulary]
    assert set(signs) == set(vocabulary)
    assert all(plain.isascii() and len(plain) == 1 for _sign, plain in signs.values())


def test_verdicts_are_told_apart_without_colour() -> None:
    for only_ascii in (False, True):
        words.use_ascii(only_ascii)
        assert len({words.symbol(outcome) for outcome in VerdictOutcome}) == len(VerdictOutcome)


def test_the_same_word_in_two_vocabularies_keeps_both_names() -> None:
    assert words.marked(VerdictOutcome.EXCEPTED) == words.marked(FindingState.EXCEPTED) == "⊘ excepted"
    assert words.name(FindingState.OPEN) == "new"


def test_a_held_word_is_shown_by_name_and_an_unknown_one_as_it_stands() -> None:
    assert words.value(Attribute.DEVICE_CLASS, "access-point") == "access point"
    assert words.value(Attribute.DEVICE_CLASS, "toaster") == "toaster"
    assert words.value(Attribute.VENDOR, "printer") == "printer"


def test_what_a_terminal_might_obey_is_only_shown() -> None:
    assert words.value(Attribute.MODEL, "X\x1b[2Jy\u202e") == "X·[2Jy·"


def test_a_persons_word_is_told_from_a_scans() -> None:
    assert words.source("person:chen") == "✎ chen"
    assert words.source("snmp.ricoh.model") == "snmp.ricoh.model"


def test_times_are_shown_in_the_zone_asked_for() -> None:
    at = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
    assert words.moment(at, timezone(timedelta(hours=8))) == "2026-11-21 02:30"
    assert words.day(at, timezone(timedelta(hours=8))) == "2026-11-21"
