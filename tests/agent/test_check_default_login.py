"""Logins: open doors are told from closed ones; a login test counts by its own age, passes by refusals."""

from datetime import timedelta

import pytest
from checked import NOW, SWEPT, TARGET, device, heard, subject

from agent.checks.default_login import judge
from inventory.types import CheckOutcome, CheckResult, Fact, Observation

FAIL, UNKNOWN = CheckOutcome.FAIL, CheckOutcome.UNKNOWN


def login_test(ago: timedelta = timedelta(), **said: str) -> Observation:
    facts = tuple(Fact(f"login.{name}", value) for name, value in said.items())
    return Observation("login-1", "here", TARGET, "login", NOW - ago, facts, digest="d1")


def judged(*observations: Observation) -> CheckResult:
    return judge(subject(device(), *observations))


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


def test_what_was_refused_to_the_logins_of_another_model_passes_nobody() -> None:
    result = judged(login_test(outcome="changed", model="Copier 100"))
    assert (result.outcome, "Copier 100" in result.reason) == (UNKNOWN, True)
    assert judged(login_test(outcome="default", model="Copier 100")).outcome is FAIL


# -- without a login test ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("observation", "door"),
    [
        (heard("snmp", "udp/161", snmp__community="public"), "snmp-public"),
        (heard("snmp", "udp/161", snmp__community="private"), "snmp-default"),
        (heard("telnet", "tcp/23", telnet__prompt="shell"), "telnet-shell"),
        (heard("ftp", "tcp/21", ftp__anonymous="accepted"), "ftp-anonymous"),
        (heard("http", "tcp/80", http__login="none", html_title="NPort Web Console"), "http-admin"),
        (heard("http", "tcp/80", http__login="none", http__text="ioLogik E1212 Web Console."), "http-admin"),
        (heard("rtsp", "tcp/554", rtsp__login="none"), "rtsp-open"),
        (heard("mqtt", "tcp/1883", mqtt__login="none"), "mqtt-open"),
        (heard("https", "tcp/443", http__login="none", html_title="Polycom - Configuration Utility"), ""),
        (heard("login", "tcp/80", login__outcome="default"), "default-password"),
        (heard("snmp", "udp/161", snmp__community="***"), ""),
        (heard("telnet", "tcp/23", telnet__prompt="login"), ""),
        (heard("http", "tcp/80", http__login="none", html_title="Lobby menu"), ""),
        (heard("http", "tcp/80", http__login="form", html_title="Administration"), ""),
    ],
)
def test_open_doors_are_told_from_closed_ones(observation: Observation, door: str) -> None:
    result = judge(subject(device(), observation))
    assert result.facts.get("open", "") == door
    assert result.outcome is (FAIL if door else UNKNOWN)
    assert not door or result.evidence == (observation.digest,)


def test_what_was_not_heard_again_no_longer_counts() -> None:
    before = heard("snmp", "udp/161", at=NOW - timedelta(days=3), snmp__community="public")
    assert judge(subject(device(), before)).outcome is FAIL
    assert judge(subject(device(), before, SWEPT)).outcome is UNKNOWN
