"""Step 8: verdicts follow from facts, and losing evidence never makes one compliant."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.types import (
    WORST_FIRST,
    Attribute,
    CheckOutcome,
    DeviceStatus,
    Dossier,
    InScope,
    VerdictOutcome,
    share,
)
from policies.explain import explain
from policies.judge import Judge, judge
from policies.pack import chosen_packs, packs
from policies.scope_of_law import rule_scope
from tests.policies.dossiers import (
    EXPOSURE_OK,
    FIRMWARE_ENDED,
    FIRMWARE_OK,
    ISOLATED,
    LOGIN_OK,
    NOW,
    REGISTERED,
    TODAY,
    device,
    ended,
    exception,
    held,
    perfect,
    plan,
    result,
    sensor,
    service,
    signed,
)

GUIDELINE, TWSE, OLD = (chosen_packs((name,))[0] for name in ("guideline-2024", "twse", "guideline-2022"))
ALL_ARTICLES = [str(number) for number in range(21, 31)]
COMPLIANT, BREACH, EXCEPTED, NOT_APPLICABLE, UNDETERMINED = (
    VerdictOutcome.COMPLIANT,
    VerdictOutcome.BREACH,
    VerdictOutcome.EXCEPTED,
    VerdictOutcome.NOT_APPLICABLE,
    VerdictOutcome.UNDETERMINED,
)


def outcomes(dossier: Dossier, pack=GUIDELINE, on: date = TODAY) -> dict[str, VerdictOutcome]:
    """The gravest outcome under each article."""
    said = sorted(judge(dossier, pack, on), key=lambda verdict: WORST_FIRST.index(verdict.outcome))
    return {verdict.article: verdict.outcome for verdict in reversed(said)}


def verdict(dossier: Dossier, rule: str, pack=GUIDELINE, on: date = TODAY):
    return next(each for each in judge(dossier, pack, on) if each.rule == rule)


def test_a_device_about_which_all_is_known_and_right_keeps_every_article() -> None:
    settled = outcomes(perfect())
    assert settled == {**dict.fromkeys(ALL_ARTICLES, COMPLIANT), "29": NOT_APPLICABLE, "30": NOT_APPLICABLE}
    assert outcomes(replace(perfect(), results=(*perfect().results, ISOLATED)), TWSE) == {
        "m-a": NOT_APPLICABLE,
        "m-b": NOT_APPLICABLE,
        "a-j": COMPLIANT,
        "c-d": UNDETERMINED,
        "CC-14000": COMPLIANT,
        "CC-14000-5": UNDETERMINED,
        "b-f": COMPLIANT,
        "b-g": COMPLIANT,
        "b-h": COMPLIANT,
    }


def test_a_device_just_found_is_in_breach_only_of_what_is_known_to_be_missing() -> None:
    found = Dossier(
        device(), results=(result("registration", CheckOutcome.FAIL, missing="location,owner,purpose"),)
    )
    settled = outcomes(found)
    assert settled.pop("21") is COMPLIANT
    assert settled.pop("22") is BREACH
    assert settled.pop("30") is NOT_APPLICABLE
    assert set(settled.values()) == {UNDETERMINED}
    said = verdict(found, "registration-fields")
    assert said.reason_en == "Missing in the register: storage location, manager, purpose."
    assert said.reason_zh == "清冊缺漏欄位：存放位置、管理人員、設備用途。"
    assert said.because == ("check.registration",)


def test_every_verdict_names_what_it_must_name() -> None:
    for each in Judge(packs(), TODAY).verdicts(perfect()):
        assert each.device == "d-1"
        assert each.judged_on == TODAY
        assert each.edition in {pack.edition for pack in packs() if pack.id == each.pack}
        assert each.reason_en
        assert each.reason_zh
        assert each.remedy_zh
        assert each.due_days > 0
        assert each.because or each.outcome is UNDETERMINED


@pytest.mark.parametrize(
    ("given_device", "in_scope"),
    [
        (device({Attribute.DEVICE_CLASS: "printer"}), InScope.IN),
        (device({Attribute.DEVICE_CLASS: held("printer", certainty=0.2)}), InScope.IN),
        (device({Attribute.DEVICE_CLASS: "workstation"}), InScope.OUT),
        (device({Attribute.DEVICE_CLASS: held("server", certainty=0.3)}), InScope.UNDETERMINED),
        (device({Attribute.DEVICE_CLASS: "unknown"}), InScope.UNDETERMINED),
        (device({Attribute.DEVICE_CLASS: "a word of the next version"}), InScope.UNDETERMINED),
        (device({Attribute.DEVICE_CLASS: "other"}), InScope.UNDETERMINED),
        (
            device({Attribute.DEVICE_CLASS: "server", Attribute.IN_SCOPE: held("in", by="person:amy")}),
            InScope.IN,
        ),
        (device({Attribute.IN_SCOPE: held("out", by="person:amy")}), InScope.OUT),
        (device({Attribute.IN_SCOPE: held("out", by="a-fingerprint")}), InScope.IN),
        (device({Attribute.CONNECTION_METHOD: held("none", by="person:amy")}), InScope.OUT),
        (device({Attribute.CONNECTION_METHOD: "none"}), InScope.IN),
        (
            device(
                {
                    Attribute.DEVICE_CLASS: "environmental-sensor",
                    Attribute.CONNECTION_METHOD: held("none", by="person:amy"),
                }
            ),
            InScope.IN,
        ),
        (device(status=DeviceStatus.RETIRED), InScope.OUT),
    ],
)
def test_scope_of_article_21(given_device, in_scope: InScope) -> None:
    ruling = rule_scope(given_device)
    assert ruling.in_scope is in_scope
    assert ruling.reason.en
    assert ruling.reason.zh


def test_out_of_scope_is_settled_under_article_21_and_not_applicable_elsewhere() -> None:
    settled = outcomes(perfect(device=device({Attribute.DEVICE_CLASS: "workstation"})))
    assert settled == {**dict.fromkeys(ALL_ARTICLES, NOT_APPLICABLE), "21": COMPLIANT}
    assert outcomes(perfect(device=device({Attribute.DEVICE_CLASS: "server"})), TWSE)["a-j"] is COMPLIANT


def test_where_the_scope_is_open_breaches_stand_and_nothing_is_compliant() -> None:
    unknown = perfect(device=device({Attribute.DEVICE_CLASS: "unknown"}))
    settled = outcomes(unknown)
    assert settled.pop("29") is NOT_APPLICABLE  # it meets 23 to 25, whatever it is
    assert set(settled.values()) == {UNDETERMINED}
    open_snmp = result("default_login", CheckOutcome.FAIL, open="snmp-public")
    said = verdict(replace(unknown, results=(open_snmp,)), "login-required")
    assert said.outcome is BREACH
    assert "taken to be in scope" in said.reason_en
    assert "視為適用" in said.reason_zh


def test_a_device_nobody_has_placed_for_a_year_is_a_breach_of_article_21() -> None:
    unknown = Dossier(device({Attribute.DEVICE_CLASS: "unknown"}))
    assert outcomes(unknown)["21"] is UNDETERMINED
    assert outcomes(unknown, on=TODAY + timedelta(days=366))["21"] is BREACH


def test_sensors_without_management_follow_all_but_software_and_access() -> None:
    settled = outcomes(sensor())
    assert settled["23"] is NOT_APPLICABLE
    assert settled["24"] is NOT_APPLICABLE
    assert settled["30"] is COMPLIANT
    before = outcomes(sensor(), OLD)
    assert before["24"] is NOT_APPLICABLE
    assert before["25"] is UNDETERMINED  # the older edition asks sensors for access rights too


def test_a_sensor_that_is_silent_is_not_thereby_without_management() -> None:
    silent = replace(sensor(), attestations=())
    assert outcomes(silent)["23"] is UNDETERMINED
    assert outcomes(silent)["30"] is UNDETERMINED
    speaking = replace(silent, device=replace(silent.device, services=(service("snmp", 161, "udp"),)))
    assert outcomes(speaking)["30"] is NOT_APPLICABLE


def test_an_exception_covers_its_articles_while_it_is_in_force() -> None:
    assert outcomes(ended())["23"] is BREACH
    assert outcomes(ended(exception("24")))["23"] is BREACH
    covered = ended(exception("23"))
    said = verdict(covered, "product-supported")
    assert said.outcome is EXCEPTED
    assert "2026-12-31" in said.reason_en
    assert "李經理" in said.reason_zh
    assert "exception.e-1" in said.because
    assert verdict(covered, "product-supported", on=date(2026, 12, 31)).outcome is EXCEPTED
    assert verdict(covered, "product-supported", on=date(2027, 1, 1)).outcome is BREACH
    to_come = exception("23", start=TODAY + timedelta(days=1))
    assert verdict(ended(to_come), "product-supported").outcome is BREACH
    assert outcomes(ended(exception("23", device="d-2")))["23"] is BREACH
    for half in (ended(exception("23", approver=" ")), ended(exception("23"), plans=())):
        assert outcomes(half)["23"] is BREACH
        assert "without an approver or a replacement plan" in verdict(half, "exception-in-force").reason_en


def test_an_exception_covers_the_same_article_of_other_packs() -> None:
    covered = ended(exception("23"))
    assert verdict(covered, "product-supported", OLD).outcome is EXCEPTED
    assert verdict(covered, "lifecycle-planned", TWSE).outcome is EXCEPTED
    only_twse = ended(exception("twse/a-j"))
    assert verdict(only_twse, "lifecycle-planned", TWSE).outcome is EXCEPTED
    assert verdict(only_twse, "product-supported").outcome is BREACH


def test_article_29_asks_for_plan_isolation_and_exception_once_the_rules_cannot_be_met() -> None:
    assert outcomes(ended())["29"] is UNDETERMINED
    in_order = ended(exception("23"))
    in_order = replace(in_order, results=(*in_order.results, ISOLATED))
    assert outcomes(in_order)["29"] is COMPLIANT
    assert outcomes(in_order, on=TODAY + timedelta(days=120))["29"] is UNDETERMINED  # the measurement is old
    assert outcomes(replace(in_order, plans=(plan(due=date(2026, 1, 1)),)))["29"] is BREACH
    leaking = result("isolation", CheckOutcome.FAIL, measured="leaking", measured_on="2026-06-20")
    assert outcomes(replace(in_order, results=(*in_order.results, leaking)))["29"] is BREACH


@pytest.mark.parametrize("outcome", [CheckOutcome.UNKNOWN, CheckOutcome.ERROR])
def test_an_unknown_or_crashed_check_is_no_evidence(outcome: CheckOutcome) -> None:
    crashed = perfect(results=(FIRMWARE_OK, replace(EXPOSURE_OK, outcome=outcome), LOGIN_OK, REGISTERED))
    assert verdict(crashed, "no-risky-services").outcome is UNDETERMINED


def test_an_expired_result_is_no_evidence() -> None:
    expiring = perfect(results=(replace(LOGIN_OK, expires=NOW + timedelta(days=5)), REGISTERED))
    assert verdict(expiring, "login-required").outcome is COMPLIANT
    assert verdict(expiring, "login-required", on=TODAY + timedelta(days=6)).outcome is UNDETERMINED


def test_paper_counts_only_when_it_is_signed_current_and_answers_yes() -> None:
    def training(*records) -> VerdictOutcome:
        return verdict(perfect(attestations=records), "training-given").outcome

    assert training(signed("28")) is COMPLIANT
    assert training(signed("guideline-2024/28")) is COMPLIANT
    assert training(signed("training")) is COMPLIANT
    assert training() is UNDETERMINED
    assert training(signed("28", signer=" ")) is UNDETERMINED
    assert training(signed("28", signed=TODAY + timedelta(days=1))) is UNDETERMINED
    assert training(signed("28", device="d-2")) is UNDETERMINED
    assert training(signed("28", answer=False)) is BREACH
    assert training(signed("28", next_due=date(2026, 6, 30))) is BREACH
    assert training(signed("28", signed=date(2025, 1, 1))) is BREACH, "a year is over, though no day was set"
    for_ever = signed("28", signed=date(2025, 1, 1), next_due=date(2090, 1, 1))
    assert training(for_ever) is BREACH, "no day that people set outlasts the cycle of the article"
    older_no = signed("28", id="a-0", answer=False, signed=date(2025, 9, 1))
    assert training(signed("28"), older_no) is COMPLIANT
    assert training(signed("28"), signed("28", id="a-9", answer=False)) is BREACH
    assert training(signed("28"), signed("28", id="a-9", device="d-1", answer=False)) is BREACH


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_one_judge_for_many_says_what_a_judge_for_each_would(data: st.DataObject) -> None:
    kinds = st.sampled_from(["printer", "server", "environmental-sensor", "unknown"])
    results = st.lists(
        st.sampled_from([FIRMWARE_OK, FIRMWARE_ENDED, LOGIN_OK, EXPOSURE_OK, REGISTERED]), max_size=3
    )
    records = st.lists(
        st.sampled_from([signed("28"), signed("28", id="a-2"), signed("27", answer=False)]), max_size=2
    )
    many = [
        Dossier(
            device({Attribute.DEVICE_CLASS: data.draw(kinds)}, id=f"d-{number}"),
            results=tuple({each.check: each for each in data.draw(results)}.values()),
            attestations=tuple(data.draw(records)),
            exceptions=data.draw(st.sampled_from([(), (exception("23", device=f"d-{number}"),)])),
            plans=(plan(),),
        )
        for number in range(4)
    ]
    shared = Judge(packs(), TODAY)
    alone = [judge(dossier, pack, TODAY) for dossier in many for pack in packs()]
    for dossier in many:
        assert shared.verdicts(dossier) == tuple(v for pack in packs() for v in judge(dossier, pack, TODAY))
    assert shared.shared(many) == share(verdict for verdicts in alone for verdict in verdicts)


def test_judging_again_gives_the_same() -> None:
    assert Judge(packs(), TODAY).verdicts(perfect()) == Judge(packs(), TODAY).verdicts(perfect())


def test_texts_from_devices_are_shown_and_never_interpreted() -> None:
    hostile = device({Attribute.FIRMWARE: "{device.model} {0} {missing}", Attribute.MODEL: "X"})
    said = verdict(Dossier(hostile), "product-supported")
    assert "{device.model} {0} {missing}" in said.reason_en


def test_an_explanation_shows_each_fact_in_both_languages_and_where_it_comes_from() -> None:
    parts = explain(ended(), GUIDELINE, "23", TODAY)
    assert [part.verdict.rule for part in parts] == [
        "product-supported",
        "firmware-current",
        "update-mechanism",
    ]
    state = next(fact for fact in parts[0].facts if fact.name == "check.firmware.state")
    assert (state.value.en, state.value.zh, state.origin) == ("support ended", "已終止支援", "check.firmware")
    behind = next(fact for fact in parts[1].facts if fact.name == "check.firmware.behind")
    assert (behind.value.zh, behind.origin) == ("不明", "")


def test_a_retired_device_is_nobodys_business_any_more() -> None:
    retired = perfect(
        device=device({Attribute.OWNER: held("王小明", by="person:amy")}, status=DeviceStatus.RETIRED)
    )
    assert outcomes(retired) == {**dict.fromkeys(ALL_ARTICLES, NOT_APPLICABLE), "21": COMPLIANT}
    assert set(outcomes(retired, TWSE).values()) == {NOT_APPLICABLE}


def test_a_registered_device_that_is_not_found_for_a_year_is_a_breach() -> None:
    wired = perfect()
    assert verdict(wired, "registration-found").outcome is COMPLIANT
    assert verdict(wired, "registration-found", on=TODAY + timedelta(days=100)).outcome is UNDETERMINED
    assert verdict(wired, "registration-found", on=TODAY + timedelta(days=400)).outcome is BREACH


def test_a_stated_lack_of_connection_is_believed_until_the_device_is_seen_again() -> None:
    stated = held("none", by="person:amy", at=NOW - timedelta(days=400))
    silent = device({Attribute.CONNECTION_METHOD: stated}, addresses=())
    assert (
        verdict(Dossier(silent), "registration-found", OLD).outcome is NOT_APPLICABLE
    )  # out of scope: unconnected
    seen = device({Attribute.DEVICE_CLASS: "environmental-sensor", Attribute.CONNECTION_METHOD: stated})
    assert verdict(Dossier(seen), "isolated-until-replaced").outcome is UNDETERMINED
