"""Connections and services: what is open, what is risky, what was never registered."""

from dataclasses import replace
from datetime import timedelta

import pytest
from checked import DECLARED, HTTPS, NOW, SWEPT, TELNET, UNCONNECTED, device, heard, subject

from agent.checks import default_login, exposure
from inventory.types import Address, CheckOutcome

PASS, FAIL = CheckOutcome.PASS, CheckOutcome.FAIL


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        ("tcp/80, 443 udp/161", {"tcp/80", "tcp/443", "udp/161"}),
        ("TCP/80、443", {"tcp/80", "tcp/443"}),
        ("", None),
        ("  ,", None),
        ("80, all", None),
        ("http", None),
    ],
)
def test_declared_ports_are_read_as_people_write_them(text: str, ports: set[str] | None) -> None:
    assert exposure.declared_ports(text) == ports


def test_unregistered_services_and_public_addresses_fail() -> None:
    more = device(attributes=DECLARED, services=(HTTPS, replace(HTTPS, port=8443)))
    result = exposure.judge(subject(more, SWEPT))
    assert (result.outcome, result.facts["undeclared"], result.facts["risky"]) == (FAIL, "tcp/8443", "")
    public = device(attributes=DECLARED, addresses=(Address("8.8.8.8", None, "hq", "dmz", NOW, NOW),))
    result = exposure.judge(subject(public, SWEPT))
    assert (result.outcome, result.facts["public"]) == (FAIL, "8.8.8.8")


def test_a_port_found_closed_is_not_a_service() -> None:
    closed = heard("tcp-syn", "tcp/23", port__state="closed")
    result = exposure.judge(subject(device(attributes=DECLARED, services=(HTTPS,)), SWEPT, closed))
    assert result.outcome is PASS
    assert result.facts["services"] == "tcp/443"


def test_a_service_gone_since_the_last_roll_call_is_not_counted() -> None:
    gone = replace(TELNET, last_seen=NOW - timedelta(days=2))
    result = exposure.judge(subject(device(attributes=DECLARED, services=(HTTPS, gone)), SWEPT))
    assert result.outcome is PASS


def test_a_sweep_that_the_device_did_not_live_to_see_the_end_of_shows_nothing() -> None:
    silent = heard("tcp-syn", None, sweep="fell-silent")
    only_https = device(attributes=DECLARED, services=(HTTPS,))
    assert exposure.judge(subject(only_https, SWEPT)).outcome is PASS
    halfway = exposure.judge(subject(only_https, SWEPT, silent))
    assert halfway.outcome is CheckOutcome.UNKNOWN
    assert "risky" not in halfway.facts
    again = exposure.judge(subject(only_https, replace(silent, run="r-0"), SWEPT))
    assert again.outcome is PASS, "a later sweep went over all of them"


def test_a_risky_service_is_known_by_what_it_says_on_any_port() -> None:
    banner = heard("telnet", "tcp/2001", telnet_banners="login:")
    assert exposure.judge(subject(device(), banner)).facts["risky"] == "telnet"
    assert "risky" not in exposure.judge(subject(device())).facts


def test_a_device_said_to_be_unconnected_that_speaks_is_checked() -> None:
    later = heard(
        "telnet", "tcp/23", at=NOW + timedelta(hours=1), telnet_banners="login:", telnet__prompt="shell"
    )
    speaking = subject(device(attributes=UNCONNECTED), later, at=NOW + timedelta(hours=2))
    assert exposure.judge(speaking).outcome is FAIL
    assert default_login.judge(speaking).outcome is FAIL
