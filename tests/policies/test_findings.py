"""Step 9: the life of a breach."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from inventory.types import FindingState, Severity, SharedVerdict, VerdictOutcome
from policies.findings import find

DAY = date(2026, 7, 1)
LATER = DAY + timedelta(days=30)


def verdict(outcome: str, device: str = "d-1", on: date = DAY) -> SharedVerdict:
    return SharedVerdict(
        "guideline-2024", date(2024, 12, 27), "23", "product-supported", VerdictOutcome(outcome),
        Severity.HIGH, "Ended.", "已終止。", on, (), "Replace it.", "汰換。", 30, (device,),
    )  # fmt: skip


def test_a_breach_opens_a_finding_with_a_due_date() -> None:
    (found,) = find((), [verdict("breach")], DAY)
    assert (found.state, found.opened, found.due) == (FindingState.OPEN, DAY, LATER)
    assert found.reason_zh == "已終止。"


def test_the_same_breach_continues_under_the_same_id_and_due_date() -> None:
    first = find((), [verdict("breach")], DAY)
    again = find(first, [verdict("breach")], DAY)
    assert again == first
    (later,) = find(first, [verdict("breach", on=LATER)], LATER)
    assert later == replace(first[0], state=FindingState.CONTINUING, last_judged=LATER)


def test_ids_differ_by_device_and_rule() -> None:
    both = [
        verdict("breach"),
        verdict("breach", device="d-2"),
        replace(verdict("breach"), rule="firmware-current"),
    ]
    assert len({finding.id for finding in find((), both, DAY)}) == 3


@pytest.mark.parametrize("outcome", ["compliant", "undetermined", "not-applicable"])
def test_without_a_breach_nothing_is_opened(outcome: str) -> None:
    assert find((), [verdict(outcome)], DAY) == ()


@pytest.mark.parametrize("outcome", ["compliant", "not-applicable"])
def test_a_rule_kept_or_no_longer_applying_resolves(outcome: str) -> None:
    first = find((), [verdict("breach")], DAY)
    (resolved,) = find(first, [verdict(outcome, on=LATER)], LATER)
    assert (resolved.state, resolved.resolved) == (FindingState.RESOLVED, LATER)
    assert find([resolved], [verdict(outcome, on=LATER)], LATER + timedelta(days=1)) == (resolved,)


def test_an_unseen_device_and_an_undetermined_verdict_resolve_nothing() -> None:
    first = find((), [verdict("breach")], DAY)
    assert find(first, [], LATER) == first
    (kept,) = find(first, [verdict("undetermined", on=LATER)], LATER)
    assert kept.state is FindingState.CONTINUING
    assert kept.resolved is None


def test_an_exception_is_seen_in_the_finding_and_its_lapse_too() -> None:
    first = find((), [verdict("breach")], DAY)
    (excepted,) = find(first, [verdict("excepted", on=LATER)], LATER)
    assert (excepted.state, excepted.due) == (FindingState.EXCEPTED, first[0].due)
    lapsed = LATER + timedelta(days=1)
    for outcome in ("breach", "undetermined"):
        (back,) = find([excepted], [verdict(outcome, on=lapsed)], lapsed)
        assert back.state is FindingState.CONTINUING
        assert back.due == first[0].due


def test_a_breach_that_returns_is_opened_anew_under_its_old_id() -> None:
    first = find((), [verdict("breach")], DAY)
    resolved = find(first, [verdict("compliant", on=LATER)], LATER)
    back = LATER + timedelta(days=5)
    (again,) = find(resolved, [verdict("breach", on=back)], back)
    assert (again.id, again.state, again.opened, again.resolved) == (
        first[0].id,
        FindingState.OPEN,
        back,
        None,
    )
    assert again.due == back + timedelta(days=30)
