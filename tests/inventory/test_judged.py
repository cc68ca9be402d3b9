"""Results, verdicts and findings, as the register keeps them."""

from datetime import date, timedelta

from inventory.types import (
    Article,
    Assessment,
    CheckOutcome,
    CheckResult,
    Finding,
    FindingState,
    ObligationLevel,
    Severity,
    Verdict,
    VerdictOutcome,
    each_alone,
    share,
)
from tests.inventory.heard import MONDAY, WEEK, one_device


def verdict(device, outcome, on):
    return Verdict(
        device=device,
        pack="guideline",
        edition=date(2024, 12, 27),
        article="22",
        rule="22-owner",
        outcome=outcome,
        severity=Severity.HIGH,
        reason_en="The owner is missing",
        reason_zh="未填管理人員",
        judged_on=on,
        because=("device.owner",),
        due_days=30,
    )


def finding(device, state, on):
    return Finding(
        id="f-1",
        device=device,
        pack="guideline",
        article="22",
        rule="22-owner",
        state=state,
        severity=Severity.HIGH,
        opened=date(2026, 1, 5),
        last_judged=on,
        due=date(2026, 2, 4),
        reason_en="The owner is missing",
        reason_zh="未填管理人員",
    )


ARTICLE = Article(
    "guideline",
    "Guideline on emerging technologies",
    "新興科技資通安全管控指引",
    date(2024, 12, 27),
    "22",
    "Inventory",
    "設備盤點評估",
    "…",
    "…",
    ObligationLevel.MUST,
    "yearly",
)


class TestJudgement:
    def test_the_latest_result_of_each_check(self, register):
        device = one_device(register)
        first = CheckResult(
            device, "registration", CheckOutcome.FAIL, "no owner", MONDAY, facts={"owner": ""}
        )
        later = CheckResult(device, "registration", CheckOutcome.PASS, "complete", MONDAY + WEEK)
        register.save_results([first])
        assert register.results() == {device: (first,)}
        register.save_results([later])
        assert register.results([device]) == {device: (later,)}

    def test_an_assessment_comes_back_whole(self, register):
        device = one_device(register)
        day = date(2026, 1, 5)
        given = Assessment(
            day,
            (ARTICLE,),
            share([verdict(device, VerdictOutcome.BREACH, day)]),
            (finding(device, FindingState.OPEN, day),),
        )
        register.save_assessment(given)
        assert register.last_assessment() == given
        assert register.verdicts(device) == each_alone(given.verdicts)

    def test_judging_again_keeps_one_verdict_and_one_finding_for_each_rule(self, register):
        device = one_device(register)
        for week, (outcome, state) in enumerate(
            [
                (VerdictOutcome.BREACH, FindingState.OPEN),
                (VerdictOutcome.BREACH, FindingState.CONTINUING),
                (VerdictOutcome.COMPLIANT, FindingState.RESOLVED),
            ]
        ):
            day = date(2026, 1, 5) + timedelta(weeks=week)
            register.save_assessment(
                Assessment(
                    day, (ARTICLE,), share([verdict(device, outcome, day)]), (finding(device, state, day),)
                )
            )
        (now,) = register.verdicts()
        assert (now.outcome, now.judged_on) == (VerdictOutcome.COMPLIANT, date(2026, 1, 19))
        (kept,) = register.findings()
        assert (kept.state, kept.opened) == (FindingState.RESOLVED, date(2026, 1, 5))
        moves = [(c.before, c.after) for c in register.history(device) if c.what.startswith("finding")]
        assert moves == [("", "open"), ("open", "continuing"), ("continuing", "resolved")]

    def test_findings_are_asked_for_by_state_and_article(self, register):
        device = one_device(register)
        day = date(2026, 1, 5)
        register.save_assessment(Assessment(day, findings=(finding(device, FindingState.OPEN, day),)))
        assert len(register.findings(state=FindingState.OPEN, article="22", device=device)) == 1
        assert register.findings(state=FindingState.RESOLVED) == register.findings(article="24") == ()
