"""`assess --explain` tells every rule of every pack in plain words of either language: no raw name leaks."""

import re
from collections.abc import Iterator

import pytest

from agent.wireless.grade import weaknesses
from inventory.facts import WORDS
from inventory.types import Attribute, CheckOutcome, Dossier, VerdictOutcome
from policies.explain import explain
from policies.facts import FACTS
from policies.pack import packs
from policies.rule import rules
from tests.policies.dossiers import (
    FIRMWARE_ENDED,
    ISOLATED,
    TODAY,
    device,
    exception,
    held,
    perfect,
    plan,
    result,
    service,
    signed,
)

RAW = re.compile(r"\b(?:check|device|record|plan|exception|attestation|attribute|article)s?\.[a-z_]+|[{}]")
# What a Chinese text must not say in English: each word of a vocabulary that has a Chinese name.
ENGLISH = re.compile(
    "|".join(
        rf"(?<![\w.-]){re.escape(word)}(?![\w.-])"
        for word in {word for spec in FACTS.values() for word in spec.vocabulary}
        if WORDS[word][1] != word and not WORDS[word][1].startswith(WORDS[word][0])
    )
)

REGISTRATION_WRONG = result("registration", CheckOutcome.FAIL, missing="owner,ports", stale="purpose")
WRONG = (
    FIRMWARE_ENDED,
    result("default_login", CheckOutcome.FAIL, open="default-password,telnet-shell", tested="yes"),
    result("exposure", CheckOutcome.FAIL, risky="telnet", undeclared="tcp/23", services="tcp/23", public="1"),
    result("encryption", CheckOutcome.FAIL, weak="sslv3,null", versions="SSLv3"),
    result("wireless", CheckOutcome.FAIL, offered="yes", used="no", grade="weak", weak="open", approval="no"),
    result("isolation", CheckOutcome.FAIL, measured="leaking", measured_on="2026-06-20"),
    result("watch_list", CheckOutcome.FAIL, matches="Acme (brand)"),
    REGISTRATION_WRONG,
)
QUESTIONS = ("22", "24", "25", "26", "26.mark", "27", "28", "30", "twse/m-b", "twse/b-f", "twse/b-h")
SUPPLY = tuple(f"supply-chain/{number}" for number in ("4", "4-2-2", "5", "7", "10", "12", "13"))

DOSSIERS = {
    "nothing known": Dossier(device({Attribute.DEVICE_CLASS: held("unknown")})),
    "all right": perfect(results=(*perfect().results, ISOLATED)),
    "all wrong": Dossier(
        device({Attribute.CONNECTION_METHOD: "wireless"}, services=(service("telnet", 23),)),
        results=WRONG,
        attestations=tuple(signed(number, answer=False) for number in (*QUESTIONS, *SUPPLY)),
        exceptions=(exception("24", expiry=TODAY.replace(year=2025), start=TODAY.replace(year=2024)),),
        plans=(plan(due=TODAY.replace(year=2025)),),
    ),
    "excepted": Dossier(
        device(), results=WRONG, exceptions=(exception("23", "24", "25", reason="無更新"),), plans=(plan(),)
    ),
    "sensor": Dossier(
        device({Attribute.DEVICE_CLASS: "environmental-sensor", Attribute.CONNECTION_METHOD: "none"}),
        attestations=(signed("30"),),
        results=(REGISTRATION_WRONG,),
    ),
    "confirmed": Dossier(device(), attestations=(signed("22", id="confirm-22-1", device="d-1"),)),
}


def told(dossier: Dossier) -> Iterator[tuple[str, str, str]]:
    """Every text that explaining every article shows: whose, in English, in Chinese."""
    for pack in packs():
        for article in pack.articles:
            for part in explain(dossier, pack, article.number, TODAY):
                whose = f"{pack.id}/{article.number} {part.verdict.rule}"
                yield whose, part.verdict.reason_en, part.verdict.reason_zh
                yield whose, part.verdict.remedy_en, part.verdict.remedy_zh
                for fact in part.facts:
                    yield whose, fact.label.en, fact.label.zh
                    yield whose, fact.value.en, fact.value.zh
                    yield whose, fact.place.en, fact.place.zh


@pytest.mark.parametrize("name", DOSSIERS)
def test_no_raw_name_leaks_from_any_rule_in_either_language(name: str) -> None:
    texts = set(told(DOSSIERS[name]))
    assert [(whose, en) for whose, en, _zh in texts if RAW.search(en)] == []
    assert [(whose, zh) for whose, _en, zh in texts if RAW.search(zh) or ENGLISH.search(zh)] == []


def test_the_examples_of_every_rule_are_told_in_plain_words_too() -> None:
    said = [
        (rule.id, rule.sentence(outcome, example))
        for rule in rules().values()
        for outcome in (VerdictOutcome.COMPLIANT, VerdictOutcome.BREACH, VerdictOutcome.UNDETERMINED)
        for example in getattr(rule.examples, outcome.value)
    ]
    assert [one for one in said if RAW.search(one[1].en + one[1].zh) or ENGLISH.search(one[1].zh)] == []


def test_the_dossiers_above_show_every_rule_kept_broken_or_open() -> None:
    seen = {
        (part.verdict.rule, part.verdict.outcome)
        for dossier in DOSSIERS.values()
        for pack in packs()
        for article in pack.articles
        for part in explain(dossier, pack, article.number, TODAY)
    }
    outcomes = {outcome for _rule, outcome in seen}
    assert outcomes == set(VerdictOutcome)
    broken = {rule for rule, outcome in seen if outcome in (VerdictOutcome.BREACH, VerdictOutcome.EXCEPTED)}
    of_time = {name for name in rules() if name.startswith(("scope-", "registration-"))}
    assert set(rules()) - broken <= of_time | {"firmware-current", "update-mechanism"}


def test_what_a_wireless_check_may_call_weak_has_words() -> None:
    assert set(FACTS["check.wireless.weak"].vocabulary) == set(weaknesses())


def test_where_it_is_open_whether_an_article_applies_nobody_is_told_to_act_on_it() -> None:
    sensor = device({Attribute.DEVICE_CLASS: "environmental-sensor"}, addresses=())
    for part in explain(
        Dossier(sensor), next(pack for pack in packs() if pack.id == "guideline-2024"), "29", TODAY
    ):
        assert part.verdict.outcome is VerdictOutcome.UNDETERMINED
        assert part.verdict.remedy_en.startswith("Settle first")
        assert part.verdict.remedy_zh.startswith("請先查明")
