"""Each check shows all five outcomes, and none passes without evidence."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from checked import (
    DECLARED,
    FILLED,
    HTTPS,
    MEASURES,
    NOW,
    RETIRED,
    SWEPT,
    TELNET,
    UNCONNECTED,
    device,
    heard,
    held,
    product,
    subject,
)

from agent.checks import CHECKS, Check
from agent.checks.runner import chosen, run
from agent.checks.subject import Subject
from agent.isolation.expected import Expected
from agent.isolation.matrix import Measured
from inventory.types import (
    Address,
    CheckOutcome,
    CheckResult,
    Crossing,
    CrossingState,
    Device,
    DeviceClass,
    Identifier,
    IdentifierKind,
)
from policies.facts import FACTS
from policies.values import read_value

PASS, FAIL, NOT_APPLICABLE, UNKNOWN, ERROR = (
    CheckOutcome.PASS,
    CheckOutcome.FAIL,
    CheckOutcome.NOT_APPLICABLE,
    CheckOutcome.UNKNOWN,
    CheckOutcome.ERROR,
)


def avoiding(given_device: Device, *vendors: str) -> Subject:
    return Subject(given_device, (), NOW, replace(MEASURES, watched=vendors))


def between(state: CrossingState, at: datetime = NOW) -> Subject:
    """A camera in a segment from which, and to which, TCP and UDP were measured."""
    ways = [
        Crossing("hq", source, target, service, 4, state, at, "laptop")
        for source, target in (("iot", "office"), ("office", "iot"))
        for service in ("tcp/80", "udp/161")
    ]
    measured = Measured(ways, Expected(), {"hq": frozenset({"iot", "office"})}, 92, NOW)
    measures = replace(MEASURES, isolation=measured)
    at_iot = Address("192.168.1.10", None, "hq", "iot", NOW, NOW)
    return Subject(device("camera", segment="iot", addresses=(at_iot,)), (SWEPT,), NOW, measures)


SOUND_TLS = heard("tls", "tcp/443", tls__version="TLSv1.3", tls__oldest="TLSv1.2", tls__broken_cipher="none")
SHOWN: dict[str, dict[CheckOutcome, Subject]] = {
    "firmware": {
        NOT_APPLICABLE: subject(device("environmental-sensor", UNCONNECTED, addresses=())),
        UNKNOWN: subject(product("Nobody", "Nothing 1")),
    },
    "default_login": {
        PASS: subject(device(), heard("login", "tcp/80", login__outcome="changed")),
        FAIL: subject(device(), heard("snmp", "udp/161", snmp__community="public")),
        NOT_APPLICABLE: subject(device(attributes=UNCONNECTED)),
        UNKNOWN: subject(device(), heard("http", "tcp/80", http__login="form")),
    },
    "exposure": {
        PASS: subject(device(attributes=DECLARED, services=(HTTPS,)), SWEPT),
        FAIL: subject(device(attributes=DECLARED, services=(HTTPS, TELNET)), SWEPT),
        NOT_APPLICABLE: subject(device(attributes=UNCONNECTED)),
        UNKNOWN: subject(device(services=(HTTPS,)), SWEPT),
    },
    "encryption": {
        PASS: subject(device(), SOUND_TLS, SWEPT),
        FAIL: subject(device(), heard("tls", "tcp/443", tls__version="TLSv1.1")),
        NOT_APPLICABLE: subject(device(attributes=UNCONNECTED)),
        UNKNOWN: subject(device(), heard("tls", "tcp/443", tls__version="TLSv1.3")),
    },
    "wireless": {
        PASS: subject(
            device("access-point"), heard("wifi", wifi__ssid="office", wifi__security="WPA3-PERSONAL")
        ),
        FAIL: subject(
            device("access-point"),
            heard("wifi", wifi__ssid="guest", wifi__security="WEP", wifi__weak="wep"),
        ),
        NOT_APPLICABLE: subject(device("switch")),
        UNKNOWN: subject(device("access-point")),
    },
    "isolation": {
        PASS: between(CrossingState.BLOCKED),
        FAIL: between(CrossingState.OPEN),
        NOT_APPLICABLE: subject(device("workstation")),
        UNKNOWN: subject(device("camera", segment="iot"), SWEPT),
    },
    "registration": {
        PASS: subject(device(attributes=FILLED)),
        FAIL: subject(device(attributes=DECLARED)),
        NOT_APPLICABLE: RETIRED,
        UNKNOWN: subject(
            device(attributes={key: held(value.value, by="import") for key, value in FILLED.items()})
        ),
    },
}
SHOWN["watch_list"] = {
    PASS: avoiding(product("AXIS", "P3245-LV"), "Hikvision"),
    FAIL: avoiding(product("HIKVISION", "DS-2CD2143G0-I"), "Dahua", "Hikvision"),
    NOT_APPLICABLE: RETIRED,
    UNKNOWN: subject(product("AXIS", "P3245-LV")),
}
CASES = [
    pytest.param(check, outcome, shown, id=f"{check.name}-{outcome}")
    for check in CHECKS
    for outcome, shown in SHOWN[check.name].items()
]


@pytest.mark.parametrize(("check", "outcome", "shown"), CASES)
def test_every_check_shows_each_outcome(check: Check, outcome: CheckOutcome, shown: Subject) -> None:
    result = check.judge(shown)
    assert result.outcome is outcome
    assert (result.device, result.check, result.at) == ("d-1", check.name, NOW)
    assert result.reason
    assert result.expires is not None
    assert result.expires >= NOW


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_crash_is_an_error_with_its_reason(check: Check) -> None:
    def crash(_subject: Subject) -> CheckResult:
        raise RuntimeError("disk on fire")

    (result,) = run([subject(device())], [replace(check, judge=crash)])
    assert result.outcome is ERROR
    assert result.check == check.name
    assert result.reason == "the check itself failed: RuntimeError: disk on fire"


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_without_evidence_nothing_passes(check: Check) -> None:
    for kind in DeviceClass:
        bare = Subject(device(kind.value, addresses=()), (), NOW)
        expected = (FAIL, UNKNOWN) if check.name == "registration" else (UNKNOWN, NOT_APPLICABLE)
        assert check.judge(bare).outcome in expected


@pytest.mark.parametrize("name", ["default_login", "exposure", "encryption", "wireless"])
def test_stale_evidence_does_not_pass(name: str) -> None:
    (check,) = chosen([name])
    passing = SHOWN[name][PASS]
    assert check.judge(replace(passing, at=NOW + timedelta(days=46))).outcome is UNKNOWN


def test_a_watched_maker_is_found_behind_another_brand() -> None:
    sold_as = product("Somebody", "Cam 1")
    mac = Identifier(IdentifierKind.MAC, "c0:56:e3:12:34:56")
    (check,) = chosen(["watch_list"])
    found = check.judge(avoiding(replace(sold_as, identifiers=(mac,)), "Hikvision"))
    assert (found.outcome, found.facts["matches"]) == (FAIL, "Hikvision (MAC c0:56:e3)")
    assert check.judge(avoiding(device(), "Hikvision")).outcome is UNKNOWN, "nobody knows its brand"


def test_every_fact_a_check_reports_is_one_rules_may_read() -> None:
    for check in CHECKS:
        for shown in (*SHOWN[check.name].values(), RETIRED, *map(subject, map(_of_row, _rows()))):
            for name, value in check.judge(shown).facts.items():
                spec = FACTS[f"check.{check.name}.{name}"]
                read_value(spec.kind, value, spec.vocabulary)


def _rows() -> list[tuple[str, str]]:
    return [("Fortinet", "FortiGate-60E"), ("Axis", "P3245-LV"), ("Cisco", "WS-C2960-24TT-L")]


def _of_row(row: tuple[str, str]) -> Device:
    return product(*row, version="1.0")
