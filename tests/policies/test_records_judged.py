"""What people sign and except, as the rules see it: items are named, entries confirmed, exceptions lapse."""

from datetime import timedelta

from inventory.types import CheckOutcome, Dossier, Tick, Ticked, Verdict, VerdictOutcome, share
from policies.findings import find
from policies.judge import judge
from policies.pack import chosen_packs
from tests.policies.dossiers import FIRMWARE_ENDED, TODAY, device, exception, plan, result, signed

(GUIDELINE,) = chosen_packs(("guideline-2024",))


def of_rule(rule: str, *attestations, **parts) -> Verdict:
    judged = judge(Dossier(device(), attestations=attestations, **parts), GUIDELINE, TODAY)
    return next(each for each in judged if each.rule == rule)


def test_a_contract_without_a_term_names_it_in_both_languages() -> None:
    ticks = (Ticked("service-commitment", Tick.YES), Ticked("update-period", Tick.NO))
    judged = of_rule("contract-terms", signed("27", False, ticks=ticks))
    assert judged.outcome is VerdictOutcome.BREACH
    assert "items answered no: period of security updates" in judged.reason_en
    assert "未符合項目：安全性更新期間" in judged.reason_zh


def test_a_yes_that_answers_no_checklist_proves_nothing_and_says_so() -> None:
    bare = of_rule("contract-terms", signed("27", ticks=()))
    assert bare.outcome is VerdictOutcome.UNDETERMINED
    assert bare.reason_en.startswith("Signed, but the checklist is not answered (record of ")
    assert "檢核表未逐項作答" in bare.reason_zh
    assert bare.because == ("attestation.a-27",)
    some = (Ticked("service-commitment", Tick.YES), Ticked("update-period", Tick.YES))
    assert of_rule("contract-terms", signed("27", ticks=some)).outcome is VerdictOutcome.UNDETERMINED
    assert of_rule("privileges-reviewed", signed("24")).outcome is not VerdictOutcome.UNDETERMINED


def test_a_confirmation_of_the_register_is_no_assessment_of_the_place() -> None:
    confirmation = signed("22", id="confirm-22-20260601-d-1", device="d-1")
    assert of_rule("environment-assessed", confirmation).outcome is VerdictOutcome.UNDETERMINED
    assert of_rule("environment-assessed", signed("22")).outcome is VerdictOutcome.COMPLIANT


def test_a_confirmation_keeps_an_entry_confirmed() -> None:
    entered = result("registration", CheckOutcome.FAIL, missing="", stale="owner", confirmed_on="2025-01-10")
    rule = "registration-yearly"
    assert of_rule(rule, results=(entered,)).outcome is VerdictOutcome.BREACH
    confirmation = signed("22", id="confirm-22-20260601-d-1", device="d-1")
    fresh = of_rule(rule, confirmation, results=(entered,))
    assert fresh.outcome is VerdictOutcome.COMPLIANT
    assert fresh.because == ("attestation.confirm-22-20260601-d-1",)
    elsewhere = signed("22", id="confirm-22-20260601-d-2", device="d-2")
    assert of_rule(rule, elsewhere, results=(entered,)).outcome is VerdictOutcome.BREACH


def test_an_exception_lapses_into_the_breach_by_itself_the_day_after_its_last() -> None:
    last = TODAY + timedelta(days=10)
    dossier = Dossier(
        device(),
        results=(FIRMWARE_ENDED,),
        exceptions=(exception("23", expiry=last, cause="weakness"),),
        plans=(plan(),),
    )
    findings = ()
    states = {}
    for on in (TODAY, last, last + timedelta(days=1)):
        verdicts = share(judge(dossier, GUIDELINE, on))
        findings = find(findings, verdicts, on)
        states[on] = next(each for each in findings if each.rule == "product-supported")
    assert [each.state.value for each in states.values()] == ["excepted", "excepted", "continuing"]
    assert {each.opened for each in states.values()} == {TODAY}, "it is the same finding all along"
    assert {each.due for each in states.values()} == {states[TODAY].due}, "an exception gains no time"
