"""Wireless presence, the wrong segment, and what the register itself lacks: checks that need no service."""

from dataclasses import replace
from datetime import date, timedelta
from importlib import import_module

import pytest
from checked import FILLED, NOW, SWEPT, UNCONNECTED, device, heard, held, subject

from agent.checks import isolation, registration, wireless
from agent.wireless.grade import Weakness, weaknesses
from inventory.types import Attribute, CheckOutcome

PASS, FAIL, UNKNOWN = CheckOutcome.PASS, CheckOutcome.FAIL, CheckOutcome.UNKNOWN


@pytest.mark.parametrize(
    ("kind", "connection", "offered", "used"),
    [
        ("access-point", "wired", "yes", "no"),
        ("printer", "wired", "no", "no"),
        ("printer", "", "no", None),
        ("printer", "wireless", "no", "yes"),
        ("router", "wired", None, "no"),
        ("switch", "", "no", "no"),
        ("unknown", "", None, None),
    ],
)
def test_wireless_presence_is_told_only_where_it_is_known(
    kind: str, connection: str, offered: str | None, used: str | None
) -> None:
    stated = {Attribute.CONNECTION_METHOD: held(connection)} if connection else {}
    facts = wireless.judge(subject(device(kind, stated))).facts
    assert (facts.get("offered"), facts.get("used")) == (offered, used)


def test_a_guess_at_what_a_device_is_says_nothing_of_its_wireless() -> None:
    guessed = replace(held("switch"), certainty=0.4)
    wired = replace(held("wired"), certainty=0.4)
    result = wireless.judge(
        subject(device("switch", {Attribute.DEVICE_CLASS: guessed, Attribute.CONNECTION_METHOD: wired}))
    )
    assert (result.outcome, result.facts) == (UNKNOWN, {"approval": "undeclared"})
    offers = replace(held("access-point"), certainty=0.4)
    assert "offered" not in wireless.judge(subject(device("", {Attribute.DEVICE_CLASS: offers}))).facts


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_a_weakness_counts_from_its_day_and_a_result_lasts_until_the_next(
    days: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = NOW.date() + timedelta(days=days)
    table = {"open": weaknesses()["open"], "no-mfp": replace_known(weaknesses()["no-mfp"], known)}
    monkeypatch.setattr(import_module("agent.wireless.grade"), "weaknesses", lambda: table)
    told = heard("wifi", wifi__ssid="x", wifi__security="WPA2-PERSONAL", wifi__weak="no-mfp")
    result = wireless.judge(subject(device("access-point"), told))
    assert result.outcome is (FAIL if days <= 0 else PASS)
    assert result.facts["weak"] == ("no-mfp" if days <= 0 else "")
    if days > 0:
        assert result.expires.date() == known, "from that day on it is judged anew"


def replace_known(weakness: Weakness, since: date) -> Weakness:
    return weakness.model_copy(update={"known_since": since, "fails": True})


def test_an_unrecognised_protection_is_not_sound() -> None:
    odd = heard("wifi", wifi__ssid="x", wifi__security="UNKNOWN")
    assert wireless.judge(subject(device("access-point"), odd)).outcome is UNKNOWN
    newer = heard("wifi", wifi__ssid="x", wifi__security="WPA3-PERSONAL", wifi__weak="a-weakness-of-2031")
    assert wireless.judge(subject(device("access-point"), newer)).outcome is UNKNOWN


def test_the_wrong_segment_fails_even_unmeasured() -> None:
    result = isolation.judge(subject(device("camera", segment="office"), SWEPT))
    assert (result.outcome, result.facts["segment_allowed"]) == (FAIL, "no")
    assert "segment_allowed" not in isolation.judge(subject(device("printer"), SWEPT)).facts


def test_registration_names_what_is_missing_and_what_is_stale() -> None:
    result = registration.judge(subject(device(attributes={Attribute.OWNER: held("王小明")})))
    assert result.facts["missing"] == "connection_method,location,ports,purpose"
    assert "confirmed_on" not in result.facts
    old = {**FILLED, Attribute.LOCATION: held("12F", at=NOW - timedelta(days=400))}
    result = registration.judge(subject(device(attributes=old)))
    assert (result.outcome, result.facts["stale"], result.facts["confirmed_on"]) == (
        FAIL,
        "location",
        "2025-05-27",
    )


def test_registered_but_not_found_is_unknown() -> None:
    gone = device(attributes=FILLED, last_seen=NOW - timedelta(days=60))
    assert registration.judge(subject(gone)).outcome is UNKNOWN
    unconnected = device(
        attributes={**FILLED, **UNCONNECTED}, last_seen=NOW - timedelta(days=60), addresses=()
    )
    assert registration.judge(subject(unconnected)).outcome is PASS
