"""Nothing fails open: what is lost, old, later, spent or guessed never makes a verdict compliant."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.types import Attribute, CheckOutcome, Dossier, PlanStep, Verdict, VerdictOutcome
from policies.facts import fact_named
from policies.judge import Judge, judge
from policies.pack import chosen_packs, packs
from policies.rule import Example, Rule, rules
from policies.values import Kind, Value
from tests.policies.dossiers import (
    EXPOSURE_OK,
    FIRMWARE_ENDED,
    FIRMWARE_OK,
    ISOLATED,
    LOGIN_OK,
    NOW,
    REGISTERED,
    TODAY,
    WIRELESS_NONE,
    device,
    ended,
    exception,
    held,
    perfect,
    plan,
    result,
    sensor,
    signed,
)

(GUIDELINE,), (TWSE,) = (chosen_packs((name,)) for name in ("guideline-2024", "twse"))
COMPLIANT, BREACH, NOT_APPLICABLE, UNDETERMINED = (
    VerdictOutcome.COMPLIANT,
    VerdictOutcome.BREACH,
    VerdictOutcome.NOT_APPLICABLE,
    VerdictOutcome.UNDETERMINED,
)


def verdict(dossier: Dossier, rule: str, pack=GUIDELINE, on: date = TODAY) -> Verdict:
    return next(each for each in judge(dossier, pack, on) if each.rule == rule)


@dataclass
class Known:
    """Facts as they are, for a rule to be asked about."""

    on: date
    facts: dict[str, Value] = field(default_factory=dict)

    def value(self, name: str) -> Value | None:
        return self.facts.get(name)

    def without(self, *names: str) -> "Known":
        return Known(self.on, {name: value for name, value in self.facts.items() if name not in names})


def values(name: str) -> st.SearchStrategy[Value]:
    """What the fact may be, days to come and words of another version of a device's text included."""
    spec = fact_named(name)
    words = st.sampled_from(spec.vocabulary or ("a", "b"))
    return {
        Kind.WORD: words,
        Kind.WORDS: st.lists(words, max_size=3).map(lambda some: tuple(sorted(set(some)))),
        Kind.TEXT: st.sampled_from(["", "a", "not known"]),
        Kind.NUMBER: st.sampled_from([0, 3, 93, 364, 365, 366, 4000]),
        Kind.DATE: st.integers(-800, 800).map(lambda days: TODAY + timedelta(days=days)),
        Kind.SENTENCE: st.nothing(),
    }[spec.kind]


@pytest.mark.parametrize("rule", rules().values(), ids=lambda rule: rule.id)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_no_rule_is_kept_the_better_for_losing_a_fact(rule: Rule, data: st.DataObject) -> None:
    whole = Known(TODAY, {name: data.draw(values(name)) for name in rule.reads if data.draw(st.booleans())})
    less = whole.without(*(name for name in whole.facts if data.draw(st.booleans())))
    if rule.outcome(less) is not UNDETERMINED:
        assert rule.outcome(whole) is rule.outcome(less), "what is settled stays settled when more is known"


# The one fact of these examples that the others make needless: a guard is enough, and so is being seen.
NEEDLESS = {("not-on-the-internet", "check.exposure.public"), ("registration-found", "device.connection")}


def test_without_any_one_of_its_facts_no_compliant_example_is_compliant() -> None:
    def known(example: Example) -> Known:
        return Known(example.on, {name: example.value(name) for name in example.facts})

    still = {
        (rule.id, name)
        for rule in rules().values()
        for example in rule.examples.compliant
        for name in set(example.facts).intersection(rule.reads)
        if rule.outcome(known(example).without(name)) is COMPLIANT
    }
    assert still == NEEDLESS


def test_a_check_that_ends_unknown_proves_nothing_whatever_it_did_before() -> None:
    whole = perfect(results=(*perfect().results, ISOLATED))
    for spoilt in whole.results:
        less = replace(
            whole,
            results=tuple(
                replace(one, outcome=CheckOutcome.UNKNOWN, facts={}) if one is spoilt else one
                for one in whole.results
            ),
        )
        before = {
            (each.pack, each.article, each.rule): each for each in Judge(packs(), TODAY).verdicts(whole)
        }
        for after in Judge(packs(), TODAY).verdicts(less):
            if after.outcome in (COMPLIANT, NOT_APPLICABLE):
                assert before[after.pack, after.article, after.rule].outcome is after.outcome


@pytest.mark.parametrize(
    "rule", ["login-required", "no-risky-services", "product-supported", "registration-found"]
)
def test_what_was_learned_later_proves_nothing_of_the_day_before(rule: str) -> None:
    assert verdict(perfect(), rule).outcome is COMPLIANT
    assert verdict(perfect(), rule, on=TODAY - timedelta(days=30)).outcome is UNDETERMINED


@pytest.mark.parametrize(
    ("rule", "fact"),
    [
        ("registration-yearly", "device.confirmed_on"),
        ("isolated-until-replaced", "check.isolation.measured_on"),
    ],
)
def test_a_day_to_come_is_not_within_the_days_before(rule: str, fact: str) -> None:
    known = {fact: TODAY + timedelta(days=1), "check.isolation.measured": "isolated"}
    assert rules()[rule].outcome(Known(TODAY, known)) is UNDETERMINED
    assert rules()[rule].outcome(Known(TODAY + timedelta(days=1), known)) is COMPLIANT


def test_a_plan_carried_out_replaces_nothing_while_the_device_is_still_there() -> None:
    done = ended(exception("23"), plans=(plan(state="retired"),))
    assert verdict(done, "replacement-planned").outcome is UNDETERMINED
    assert verdict(done, "exception-in-force").outcome is BREACH, "its exception rests on nothing any more"
    assert verdict(done, "product-supported").outcome is BREACH
    ending = result("firmware", CheckOutcome.PASS, state="ending", ends="2026-12-31")
    assert verdict(replace(done, results=(ending,)), "lifecycle-planned", TWSE).outcome is UNDETERMINED


def test_a_draft_that_nobody_approved_is_no_plan_in_hand() -> None:
    drafted = ended(exception("23"), plans=(plan(state="draft"),))
    assert verdict(drafted, "replacement-planned").outcome is UNDETERMINED
    both = replace(drafted, plans=(*drafted.plans, plan(id="p-2")))
    assert verdict(both, "replacement-planned").outcome is COMPLIANT
    assert verdict(drafted, "replacement-planned", on=date(2027, 1, 1)).outcome is BREACH


def test_an_exception_counts_no_longer_and_no_better_than_the_plan_that_ends_it() -> None:
    def said(on: date = TODAY, **of_plan: object) -> tuple[VerdictOutcome, Verdict]:
        excepted = ended(exception("23"), plans=(plan(**of_plan),))
        return verdict(excepted, "product-supported", on=on).outcome, verdict(
            excepted, "exception-in-force", on=on
        )

    for state in ("draft", "retired", "planned", ""):
        outcome, article_29 = said(state=state)
        assert (outcome, article_29.outcome) == (BREACH, BREACH), state
        assert "not yet done" in article_29.reason_en
    sooner = date(2026, 9, 30)
    outcome, article_29 = said(due=sooner)
    assert (outcome, article_29.outcome) == (VerdictOutcome.EXCEPTED, COMPLIANT)
    assert "in force until 2026-09-30" in article_29.reason_en
    excepted = verdict(ended(exception("23"), plans=(plan(due=sooner),)), "product-supported")
    assert "Excepted until 2026-09-30" in excepted.reason_en
    assert said(on=sooner, due=sooner)[0] is VerdictOutcome.EXCEPTED
    outcome, article_29 = said(on=sooner + timedelta(days=1), due=sooner)
    assert (outcome, article_29.outcome) == (BREACH, BREACH)
    assert "lapsed (last day 2026-09-30)" in article_29.reason_en


def test_an_exception_recorded_from_article_29_does_not_let_the_isolation_leak() -> None:
    leaking = result("isolation", CheckOutcome.FAIL, measured="leaking", measured_on="2026-06-20")
    for named in (("23", "29"), ("23", "guideline-2024/29", "22")):
        excepted = ended(exception(*named))
        excepted = replace(excepted, results=(*excepted.results, leaking))
        assert verdict(excepted, "isolated-until-replaced").outcome is BREACH
        assert verdict(excepted, "product-supported").outcome is VerdictOutcome.EXCEPTED
        assert "(articles: 23)" in verdict(excepted, "exception-in-force").reason_en
    missing = result("registration", CheckOutcome.FAIL, missing="owner")
    paper = replace(perfect(exceptions=(exception("22"),), plans=(plan(),)), results=(missing,))
    assert verdict(paper, "registration-fields").outcome is BREACH
    assert verdict(paper, "exception-in-force").outcome is UNDETERMINED


def test_a_plan_approved_later_carries_nothing_on_the_day_before() -> None:
    came = (("draft", NOW - timedelta(days=9)), ("approved", NOW))
    steps = tuple(PlanStep(at, "amy", state, date(2026, 12, 31)) for state, at in came)
    excepted = ended(exception("23"), plans=(plan(steps=steps),))
    for days, outcome, state in ((0, VerdictOutcome.EXCEPTED, COMPLIANT), (1, BREACH, UNDETERMINED)):
        day = TODAY - timedelta(days=days)
        on_it = replace(excepted, results=(replace(FIRMWARE_ENDED, at=NOW - timedelta(days=30)),))
        assert verdict(on_it, "product-supported", on=day).outcome is outcome
        assert verdict(on_it, "replacement-planned", on=day).outcome is state
    assert "plan: not known" in verdict(excepted, "replacement-planned", on=date(2026, 6, 1)).reason_en


def test_article_29_is_not_waved_off_while_the_wireless_connection_is_open_or_weak() -> None:
    def plans_asked(wireless, **parts) -> VerdictOutcome:
        kept = (FIRMWARE_OK, LOGIN_OK, EXPOSURE_OK, REGISTERED)
        return verdict(perfect(results=(*kept, wireless), **parts), "replacement-planned").outcome

    weak = result("wireless", CheckOutcome.FAIL, used="yes", grade="weak", weak="wep")
    assert plans_asked(WIRELESS_NONE) is NOT_APPLICABLE
    assert plans_asked(weak) is UNDETERMINED
    assert plans_asked(result("wireless", CheckOutcome.UNKNOWN)) is UNDETERMINED
    lapsed = (exception("25", expiry=date(2026, 6, 1)),)
    assert plans_asked(WIRELESS_NONE, exceptions=lapsed) is NOT_APPLICABLE, "mended: the exception is history"
    assert plans_asked(weak, exceptions=lapsed, plans=(plan(),)) is COMPLIANT
    assert plans_asked(WIRELESS_NONE, exceptions=(exception("25"),)) is UNDETERMINED


def test_only_a_persons_word_unplugs_a_device() -> None:
    guessed = device({Attribute.CONNECTION_METHOD: held("none")}, addresses=())
    said = device({Attribute.CONNECTION_METHOD: held("none", by="person:amy")}, addresses=())
    for connection, outcome in ((guessed, UNDETERMINED), (said, NOT_APPLICABLE)):
        assert verdict(ended(device=connection), "isolated-until-replaced").outcome is outcome


def test_a_device_said_to_be_unplugged_is_in_scope_again_once_it_is_seen() -> None:
    said = {Attribute.CONNECTION_METHOD: held("none", by="person:amy", at=NOW - timedelta(days=1))}
    for addresses, outcome in (((), NOT_APPLICABLE), (device().addresses, BREACH)):
        camera = device({Attribute.DEVICE_CLASS: "camera", **said}, addresses=addresses)
        assert verdict(ended(device=camera), "product-supported").outcome is outcome


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_dropping_evidence_never_turns_a_verdict_compliant(data: st.DataObject) -> None:
    parts = [FIRMWARE_OK, FIRMWARE_ENDED, LOGIN_OK, EXPOSURE_OK, WIRELESS_NONE, ISOLATED, REGISTERED]
    parts += [result("exposure", CheckOutcome.FAIL, risky="telnet", public="198.51.100.4")]
    parts += [result("default_login", CheckOutcome.FAIL, open="snmp-public")]
    parts += [result("wireless", CheckOutcome.FAIL, offered="yes", grade="weak", weak="wep")]
    by_check = {each.check: each for each in data.draw(st.lists(st.sampled_from(parts)))}
    numbers = ("22", "24", "26", "26.mark", "27", "28", "no_management", "internet_guard", "m-b")
    records = [
        signed(number, answer=data.draw(st.booleans()))
        for number in data.draw(st.sets(st.sampled_from(numbers)))
    ]
    kind = data.draw(
        st.sampled_from(["printer", "environmental-sensor", "server", "unknown", "access-point"])
    )
    whole = Dossier(
        device({Attribute.DEVICE_CLASS: kind, Attribute.VENDOR: "Ricoh", Attribute.MODEL: "M1"}),
        results=tuple(by_check.values()),
        attestations=tuple(records),
        exceptions=data.draw(
            st.sampled_from([(), (exception("23"),), (exception("25", expiry=date(2026, 2, 1)),)])
        ),
        plans=data.draw(st.sampled_from([(), (plan(),)])),
    )
    keep = st.booleans()
    less = Dossier(
        replace(
            whole.device,
            attributes={key: value for key, value in whole.device.attributes.items() if data.draw(keep)},
        ),
        results=tuple(
            replace(each, facts={name: text for name, text in each.facts.items() if data.draw(keep)})
            for each in whole.results
            if data.draw(keep)
        ),
        attestations=tuple(each for each in whole.attestations if data.draw(keep)),
        exceptions=whole.exceptions if data.draw(keep) else (),
        plans=whole.plans if data.draw(keep) else (),
    )
    before = {(each.pack, each.article, each.rule): each for each in Judge(packs(), TODAY).verdicts(whole)}
    for after in Judge(packs(), TODAY).verdicts(less):
        if after.outcome is COMPLIANT:
            was = before[after.pack, after.article, after.rule]
            assert was.outcome is COMPLIANT, (was, after)


@pytest.mark.parametrize(
    ("parts", "outcome"),
    [
        ({"wireless": result("wireless", CheckOutcome.FAIL, used="yes", grade="weak", weak="wep")}, BREACH),
        ({"wireless": result("wireless", CheckOutcome.UNKNOWN, used="yes")}, UNDETERMINED),
        ({"wireless": result("wireless", CheckOutcome.PASS, used="yes", grade="sound")}, UNDETERMINED),
        ({"paper": signed("26", answer=False)}, BREACH),
        ({"paper": signed("22", answer=False)}, BREACH),
        ({"paper": signed("28", signed=date(2025, 1, 1))}, BREACH),
    ],
)
def test_a_sensor_keeps_article_30_only_if_it_keeps_each_it_names(parts, outcome: VerdictOutcome) -> None:
    kept = sensor()
    results = {one.check: one for one in (*kept.results, parts.get("wireless", WIRELESS_NONE))}
    papers = {one.article: one for one in (*kept.attestations, parts.get("paper", signed("22")))}
    worse = replace(kept, results=tuple(results.values()), attestations=tuple(papers.values()))
    assert verdict(worse, "sensor-follows-its-articles").outcome is outcome


def test_what_the_firm_signed_of_its_devices_says_nothing_of_one_found_later() -> None:
    old, new = perfect(), perfect(device=replace(perfect().device, id="d-2", first_seen=NOW))
    of_devices = ("environment-assessed", "privileges-reviewed", "purchase-evaluated", "contract-terms")
    for rule in (*of_devices, "security-mark"):
        assert verdict(old, rule).outcome is COMPLIANT
        assert verdict(new, rule).outcome is UNDETERMINED
    assert verdict(new, "training-given").outcome is COMPLIANT, "people are trained, not devices"
    refused = replace(new, attestations=(signed("26", answer=False),))
    assert verdict(refused, "purchase-evaluated").outcome is BREACH
    own = replace(new, attestations=(*new.attestations, signed("26", id="a-2", device="d-2")))
    assert verdict(own, "purchase-evaluated").outcome is COMPLIANT
    judge_of_all = Judge((GUIDELINE,), TODAY)
    for dossier in (old, new, own, old, new):
        assert judge_of_all.verdicts(dossier) == judge(dossier, GUIDELINE, TODAY)


def test_thin_evidence_makes_no_sensor_that_is_let_off() -> None:
    thin = device({Attribute.DEVICE_CLASS: held("environmental-sensor", certainty=0.3)}, addresses=())
    guessed = replace(sensor(), device=thin)
    for rule in ("product-supported", "login-required", "sensor-follows-its-articles"):
        assert verdict(guessed, rule).outcome is UNDETERMINED
