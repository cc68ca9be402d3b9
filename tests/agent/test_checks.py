"""Each check shows all five outcomes, and none passes without evidence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.checks import (
    CHECKS,
    Check,
    default_login,
    encryption,
    exposure,
    isolation,
    registration,
    wireless,
)
from agent.checks.runner import chosen, run
from agent.checks.subject import Measures, Subject
from agent.isolation.expected import Expected
from agent.isolation.matrix import Measured
from inventory.types import (
    Address,
    Attribute,
    CheckOutcome,
    CheckResult,
    Crossing,
    CrossingState,
    Device,
    DeviceClass,
    DeviceStatus,
    Fact,
    Held,
    Identifier,
    IdentifierKind,
    Observation,
    Service,
    Target,
)
from policies.facts import FACTS
from policies.values import read_value

NOW = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)
TARGET = Target("192.0.2.10", None, "hq", "office")
PASS, FAIL, NOT_APPLICABLE, UNKNOWN, ERROR = (
    CheckOutcome.PASS,
    CheckOutcome.FAIL,
    CheckOutcome.NOT_APPLICABLE,
    CheckOutcome.UNKNOWN,
    CheckOutcome.ERROR,
)


def held(value: str, by: str = "person:amy", at: datetime = NOW) -> Held:
    return Held(value, by, at, locked=by.startswith("person:"))


def device(
    kind: str = "printer", attributes: dict[Attribute, Held] | None = None, **fields: object
) -> Device:
    made = Device(
        id="d-1",
        status=DeviceStatus.DISCOVERED,
        site="hq",
        segment="office",
        first_seen=NOW,
        last_seen=NOW,
        attributes={Attribute.DEVICE_CLASS: held(kind, by="snmp"), **(attributes or {})},
        addresses=(Address("192.168.1.10", None, "hq", "office", NOW, NOW),),
    )
    return replace(made, **fields)


def heard(source: str, service: str | None = None, at: datetime = NOW, **facts: str) -> Observation:
    told = tuple(Fact(name.replace("__", "."), value) for name, value in facts.items())
    return Observation("run-1", "here", TARGET, source, at, told, service, f"sha256:{source}")


SWEPT = heard("tcp-syn", "tcp/443", port__state="open")
HTTPS = Service("tcp", 443, "https", "", "", NOW, NOW)
TELNET = Service("tcp", 23, "telnet", "", "", NOW, NOW)
DECLARED = {Attribute.DECLARED_PORTS: held("tcp/443")}
UNCONNECTED = {Attribute.CONNECTION_METHOD: held("none")}
FILLED = {
    Attribute.OWNER: held("王小明"),
    Attribute.LOCATION: held("12F"),
    Attribute.PURPOSE: held("列印"),
    Attribute.CONNECTION_METHOD: held("wired", by="lldp"),
    **DECLARED,
}
MEASURES = Measures(segments={DeviceClass.CAMERA: frozenset({"iot"})})
RETIRED = Subject(device(status=DeviceStatus.RETIRED), (), NOW)


def subject(given_device: Device, *observations: Observation, at: datetime = NOW) -> Subject:
    return Subject(given_device, observations, at, MEASURES)


def product(vendor: str, model: str, version: str = "", kind: str = "printer") -> Device:
    values = {Attribute.VENDOR: vendor, Attribute.MODEL: model, Attribute.FIRMWARE: version}
    return device(kind, {key: held(value, by="snmp") for key, value in values.items() if value})


def avoiding(given_device: Device, *vendors: str) -> Subject:
    return Subject(given_device, (), NOW, replace(MEASURES, watched=vendors))


def between(state: CrossingState, at: datetime = NOW) -> Subject:
    """A camera in a segment from which, and to which, one way each was measured."""
    ways = [
        Crossing("hq", source, target, "tcp/80", 4, state, at, "laptop")
        for source, target in (("iot", "office"), ("office", "iot"))
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
        PASS: subject(device(), SOUND_TLS),
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


# -- logins ------------------------------------------------------------------------------------------------


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
    result = default_login.judge(subject(device(), observation))
    assert result.facts.get("open", "") == door
    assert result.outcome is (FAIL if door else UNKNOWN)
    assert not door or result.evidence == (observation.digest,)


def test_what_was_not_heard_again_no_longer_counts() -> None:
    before = heard("snmp", "udp/161", at=NOW - timedelta(days=3), snmp__community="public")
    assert default_login.judge(subject(device(), before)).outcome is FAIL
    assert default_login.judge(subject(device(), before, SWEPT)).outcome is UNKNOWN


# -- services ----------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    ("cipher", "weak"),
    [
        ("TLS_AES_256_GCM_SHA384", ""),
        ("ECDHE-RSA-AES128-GCM-SHA256", ""),
        ("RC4-SHA", "rc4"),
        ("DES-CBC3-SHA", "3des"),
        ("TLS_RSA_WITH_NULL_SHA", "null"),
    ],
)
def test_broken_ciphers_are_known_by_their_names(cipher: str, weak: str) -> None:
    told = heard("tls", "tcp/443", tls__version="TLSv1.2", tls__cipher=cipher)
    result = encryption.judge(subject(device(), told))
    assert (result.outcome, result.facts.get("weak", "")) == (FAIL if weak else UNKNOWN, weak)


def test_one_service_that_was_not_tested_leaves_encryption_unknown() -> None:
    for untested in (
        heard("tls", "tcp/8443", tls__version="TLSv1.3"),
        heard("tls", "tcp/8443", tls__version="TLSv1.3", tls__oldest="TLSv1.2"),
        heard("tls", "tcp/8443", tls__version="TLSv1.3", tls__broken_cipher="none"),
    ):
        assert encryption.judge(subject(device(), SOUND_TLS, untested)).outcome is UNKNOWN


def test_what_a_service_takes_besides_the_best_counts_against_it() -> None:
    for also, weak in (
        (heard("tls", "tcp/443", tls__version="TLSv1.3", tls__accepts="SSLv3"), "sslv3"),
        (heard("tls", "tcp/443", tls__version="TLSv1.3", tls__broken_cipher="AECDH-AES256-SHA"), "anonymous"),
    ):
        result = encryption.judge(subject(device(), SOUND_TLS, also))
        assert (result.outcome, result.facts["weak"]) == (FAIL, weak)


# -- wireless, isolation, registration -----------------------------------------------------------------------


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
