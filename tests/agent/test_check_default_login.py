"""What the login check makes of a login test: it counts by its own age, and only a whole refusal passes."""

from datetime import UTC, datetime, timedelta

import pytest

from agent.checks.default_login import judge
from agent.checks.subject import Subject
from inventory.types import CheckOutcome, CheckResult, Device, DeviceStatus, Fact, Observation, Target

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
TARGET = Target("192.0.2.7", None, "hq", "office")


def login_test(ago: timedelta = timedelta(), **said: str) -> Observation:
    facts = tuple(Fact(f"login.{name}", value) for name, value in said.items())
    return Observation("login-1", "here", TARGET, "login", NOW - ago, facts, digest="d1")


def judged(*observations: Observation) -> CheckResult:
    device = Device("d-1", DeviceStatus.CONFIRMED, "hq", "office", NOW, NOW)
    return judge(Subject(device, observations, NOW))


@pytest.mark.parametrize(
    ("outcome", "verdict", "tested"),
    [("default", "fail", "yes"), ("no-login-asked", "fail", "yes"), ("changed", "pass", "yes"),
     ("locked", "unknown", "no"), ("not-evaluable", "unknown", "no"), ("something-new", "unknown", "no")],
)  # fmt: skip
def test_each_outcome_of_a_login_test(outcome: str, verdict: str, tested: str) -> None:
    result = judged(login_test(outcome=outcome, reason="because"))
    assert (result.outcome.value, result.facts["tested"]) == (verdict, tested)


def test_the_reason_names_account_and_port() -> None:
    said = {"account": "admin", "protocol": "form", "service": "tcp/80"}
    result = judged(login_test(outcome="default", **said))
    assert "'admin'" in result.reason
    assert "tcp/80" in result.reason
    assert result.facts["open"] == "default-password"


def test_a_login_test_outlives_the_next_roll_call_and_ends_with_its_oldest_try() -> None:
    test = login_test(timedelta(days=10), outcome="changed", since=(NOW - timedelta(days=40)).isoformat())
    later = Observation("run-2", "here", TARGET, "http", NOW, (Fact("http.status", "200"),), "tcp/80")
    result = judged(test, later)
    assert result.outcome is CheckOutcome.PASS
    assert result.expires == NOW + timedelta(days=5)


def test_a_login_test_that_rests_on_old_tries_counts_no_more() -> None:
    old = login_test(outcome="changed", since=(NOW - timedelta(days=46)).isoformat())
    assert judged(old).outcome is CheckOutcome.UNKNOWN
    assert judged(login_test(timedelta(days=46), outcome="changed")).outcome is CheckOutcome.UNKNOWN
