"""Connections and services: what is open, what is risky, what was never registered."""

from dataclasses import replace
from datetime import timedelta

import pytest
from checked import DECLARED, HTTPS, NOW, SWEPT, TARGET, TELNET, UNCONNECTED, device, heard, held, subject

from agent.checks import default_login, exposure
from inventory.types import Address, Attribute, CheckOutcome

PASS, FAIL, UNKNOWN = CheckOutcome.PASS, CheckOutcome.FAIL, CheckOutcome.UNKNOWN


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


def test_a_sweep_over_ports_that_came_to_no_end_shows_nothing() -> None:
    some_open = heard("tcp-syn", "tcp/443", port__state="open")
    only_https = device(attributes=DECLARED, services=(HTTPS,))
    assert exposure.judge(subject(only_https, some_open, SWEPT)).outcome is PASS
    halfway = exposure.judge(subject(only_https, some_open))
    assert halfway.outcome is UNKNOWN
    assert "risky" not in halfway.facts


@pytest.mark.parametrize(
    ("left_out", "outcome"),
    [
        ("tcp/5900 tcp/8080", UNKNOWN),
        ("tcp/443", PASS),  # registered: it may be open
        ("tcp/23", UNKNOWN),  # risky, registered or not
    ],
)
def test_a_port_that_was_left_out_matters_where_it_might_be_wrong(
    left_out: str, outcome: CheckOutcome
) -> None:
    declared = {Attribute.DECLARED_PORTS: held("tcp/443 tcp/23")}
    partly = heard("ports", ports__left_out=left_out)
    result = exposure.judge(subject(device(attributes=declared, services=(HTTPS,)), partly))
    assert result.outcome is outcome
    if outcome is UNKNOWN:
        assert left_out.split(maxsplit=1)[0] in result.reason


def test_what_counts_is_the_last_sweep_of_each_address() -> None:
    only_https = device(attributes=DECLARED, services=(HTTPS,))
    broken_off = heard("ports", ports__left_out="tcp/5900")
    earlier = replace(broken_off, at=NOW - timedelta(hours=1))
    assert exposure.judge(subject(only_https, earlier, SWEPT)).outcome is PASS
    elsewhere = replace(broken_off, target=replace(TARGET, ip="192.0.2.11"))
    assert exposure.judge(subject(only_https, elsewhere, SWEPT)).outcome is UNKNOWN


def test_raw_print_ports_asked_at_one_address_need_not_be_asked_at_another() -> None:
    only_https = device(attributes=DECLARED, services=(HTTPS,))
    by_connections = heard("ports", ports__left_out="tcp/515 tcp/9100")
    assert exposure.judge(subject(only_https, by_connections)).outcome is UNKNOWN
    over_ipv6 = replace(by_connections, target=replace(TARGET, ip="2001:db8::10"))
    assert exposure.judge(subject(only_https, over_ipv6, SWEPT)).outcome is PASS


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
