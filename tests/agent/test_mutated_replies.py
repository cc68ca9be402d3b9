"""Ten thousand damaged replies for each parser, and every beginning of a whole one."""

import pytest
from fuzz import FUZZ_SEED, troubles
from fuzzed_logins import logins_without_a_conversation
from parsers import PARSERS, Parser, probes_without_a_parser

from agent.fingerprints import Fingerprinter
from agent.fingerprints.loading import load
from agent.logins import forms
from inventory.types import Attribute, Fact

EACH = 10_000
FEW = 500  # of the slow ones; all ten thousand of theirs are with the slow tests
NAMING = (Attribute.VENDOR, Attribute.MODEL, Attribute.FIRMWARE, Attribute.SERIAL, Attribute.SERVICE_VERSION)

of_each = pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
of_each_slow = pytest.mark.parametrize(
    "parser", [one for one in PARSERS if one.is_slow], ids=lambda parser: parser.name
)
of_each_that_tells = pytest.mark.parametrize(
    "parser", [one for one in PARSERS if list(one.facts(one.data))], ids=lambda parser: parser.name
)


@pytest.fixture(scope="module")
def fingerprinter() -> Fingerprinter:
    return Fingerprinter(load())


def test_every_probe_has_a_reply_and_every_login_an_answer_that_is_fuzzed() -> None:
    assert not probes_without_a_parser()
    assert not logins_without_a_conversation()


@of_each
def test_no_damaged_reply_raises_or_keeps_the_parser_busy(parser: Parser) -> None:
    assert troubles(parser, FUZZ_SEED, FEW if parser.is_slow else EACH) == []


@pytest.mark.slow
@of_each_slow
def test_no_damaged_reply_raises_or_keeps_a_slow_parser_busy(parser: Parser) -> None:
    assert troubles(parser, FUZZ_SEED, EACH) == []


@of_each_that_tells
def test_no_fact_is_the_beginning_of_a_value_that_was_cut_off(parser: Parser) -> None:
    whole = set(parser.facts(parser.data))
    for size in range(len(parser.data)):
        for name, value in set(parser.facts(parser.data[:size])) - whole:
            longer = [
                text for known, text in whole if known == name and text.startswith(value) and value.strip()
            ]
            ends_whole = all(text[len(value) :][:1] in ("", "\n", "\r", " ") for text in longer)
            assert ends_whole, (size, name, value, longer)


@of_each_that_tells
def test_no_claim_is_made_from_a_value_that_was_cut_off(parser: Parser, fingerprinter: Fingerprinter) -> None:
    def claimed(data: bytes) -> set[tuple[Attribute, str]]:
        facts = [Fact(name, value) for name, value in parser.facts(data) if value]
        said = fingerprinter.claims(facts, source=parser.probe or parser.name)
        return {(claim.attribute, claim.value) for claim in said if claim.attribute in NAMING}

    whole = claimed(parser.data)
    for size in range(len(parser.data)):
        for attribute, value in claimed(parser.data[:size]) - whole:
            assert not any(
                one is attribute and text != value and text.startswith(value) for one, text in whole
            ), (size, attribute, value)


@pytest.mark.parametrize(
    "page", ["<![CD<form method=post><input type=password name=p></form>", "<![CDATr[<form>"]
)
def test_a_page_that_the_html_parser_stumbles_over_has_no_form(page: str) -> None:
    assert forms.on_page(page) is None
