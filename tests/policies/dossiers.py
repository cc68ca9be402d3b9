"""Dossiers for tests: one device with what the test says of it, everything else plain."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from inventory.questions import question_of
from inventory.types import (
    Address,
    Attestation,
    Attribute,
    CheckOutcome,
    CheckResult,
    Device,
    DeviceStatus,
    Dossier,
    ExceptionRecord,
    Held,
    ReplacementPlan,
    Service,
    Tick,
    Ticked,
)

NOW = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)
TODAY = NOW.date()


def held(value: str, *, by: str = "snmp-printer", certainty: float = 0.9, at: datetime = NOW) -> Held:
    return Held(value, by, at, certainty, locked=by.startswith("person:"))


def device(attributes: Mapping[Attribute, Held | str] | None = None, **fields: object) -> Device:
    given = {Attribute.DEVICE_CLASS: "printer", **(attributes or {})}
    plain = {key: value if isinstance(value, Held) else held(value) for key, value in given.items()}
    made = Device(
        id="d-1",
        status=DeviceStatus.DISCOVERED,
        site="hq",
        segment="office",
        first_seen=NOW - timedelta(days=40),
        last_seen=NOW,
        attributes=plain,
        addresses=(Address("192.0.2.10", None, "hq", "office", NOW, NOW),),
    )
    return replace(made, **fields)


def service(name: str, port: int, proto: str = "tcp", at: datetime = NOW) -> Service:
    return Service(proto, port, name, "", "", at, at)


def result(check: str, outcome: CheckOutcome, expires: datetime | None = None, **facts: str) -> CheckResult:
    return CheckResult("d-1", check, outcome, "", NOW, expires, (), facts)


def signed(article: str, answer: bool = True, **fields: object) -> Attestation:
    question = question_of(article)
    ticks = tuple(Ticked(item.name, Tick.YES) for item in question.items) if question and answer else ()
    made = Attestation(
        f"a-{article}", article, "", answer, "王小明", date(2026, 6, 1), "file.pdf", None, ticks
    )
    return replace(made, **fields)


def exception(*articles: str, **fields: object) -> ExceptionRecord:
    made = ExceptionRecord(
        "e-1",
        "d-1",
        articles,
        "no update exists",
        "own segment",
        "李經理",
        date(2026, 1, 1),
        date(2026, 12, 31),
        "p-1",
    )
    return replace(made, **fields)


def plan(**fields: object) -> ReplacementPlan:
    made = ReplacementPlan(
        "p-1", ("d-1",), "end of life", "new one", date(2026, 12, 31), "王小明", "approved"
    )
    return replace(made, **fields)


FIRMWARE_OK = result(
    "firmware", CheckOutcome.PASS, state="supported", behind="no", update_mechanism="yes", latest="2.0"
)
FIRMWARE_ENDED = result("firmware", CheckOutcome.FAIL, state="ended", ends="2024-01-31")
LOGIN_OK = result("default_login", CheckOutcome.PASS, open="", tested="yes")
EXPOSURE_OK = result("exposure", CheckOutcome.PASS, risky="", undeclared="", services="tcp/443", public="")
WIRELESS_NONE = result("wireless", CheckOutcome.NOT_APPLICABLE, offered="no", used="no")
ISOLATED = result("isolation", CheckOutcome.PASS, measured="isolated", measured_on="2026-06-20")
REGISTERED = result("registration", CheckOutcome.PASS, missing="", stale="", confirmed_on="2026-06-01")


def perfect(**fields: object) -> Dossier:
    """A device about which everything is known and right."""
    made = Dossier(
        device(
            {
                Attribute.VENDOR: "Ricoh",
                Attribute.MODEL: "IM C3000",
                Attribute.FIRMWARE: "2.0",
                Attribute.OWNER: held("王小明", by="person:admin"),
                Attribute.CONNECTION_METHOD: "wired",
            },
            services=(service("https", 443),),
        ),
        results=(FIRMWARE_OK, LOGIN_OK, EXPOSURE_OK, WIRELESS_NONE, REGISTERED),
        attestations=tuple(
            signed(number) for number in ("22", "24", "26", "26.mark", "27", "28", "twse/b-f", "twse/b-h")
        ),
    )
    return replace(made, **fields)


def sensor(**fields: object) -> Dossier:
    """A sensor without a management function that keeps its articles."""
    return Dossier(
        device({Attribute.DEVICE_CLASS: held("environmental-sensor", by="person:amy")}, addresses=()),
        results=(
            REGISTERED,
            result("exposure", CheckOutcome.NOT_APPLICABLE, risky="", undeclared="", public=""),
            WIRELESS_NONE,
        ),
        attestations=tuple(signed(number) for number in ("22", "26", "27", "28", "no_management")),
        **fields,
    )


def ended(*exceptions, **fields: object) -> Dossier:
    """A device whose vendor gave it up; with a plan where it is excepted."""
    return perfect(
        results=(FIRMWARE_ENDED, LOGIN_OK, EXPOSURE_OK, WIRELESS_NONE, REGISTERED),
        exceptions=exceptions,
        **{"plans": (plan(),) if exceptions else (), **fields},
    )
