"""Article 29 over a real register: isolated by a recent measurement, in breach by a leak, else open."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from agent.service.assess import assess, check
from inventory.register import Register
from inventory.settings import Settings
from inventory.types import (
    Attribute,
    Claim,
    Crossing,
    CrossingState,
    ExceptionRecord,
    FixedClock,
    Observation,
    ReplacementPlan,
    Scope,
    Sighting,
    Target,
    VerdictOutcome,
)
from policies.pack import chosen_packs

NOW = datetime(2026, 7, 1, 3, 0, tzinfo=UTC)
BLOCKED, OPEN = CrossingState.BLOCKED, CrossingState.OPEN


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def register(clock: FixedClock) -> Iterator[Register]:
    """One old recorder in quarantine, for which somebody asked for an exception, beside the office."""
    with Register.open(":memory:", clock) as opened:
        for segment, network in (("quarantine", "10.0.50.0/24"), ("office", "10.0.10.0/24")):
            opened.add_scope(Scope(network, "hq", segment), "amy")
        target = Target("10.0.50.9", "00:26:73:00:00:09", "hq", "quarantine")
        heard = Observation("r", "here", target, "arp", NOW, ())
        claims = (
            Claim(Attribute.DEVICE_CLASS, "recorder", 0.9, "x", "snmp"),
            Claim(Attribute.CONNECTION_METHOD, "wired", 0.9, "x", "fdb"),
        )
        opened.ingest([Sighting("r", target, NOW, (heard,), claims)])
        (device,) = opened.devices()
        until = (NOW + timedelta(days=300)).date()
        words = ("23",), "no updates any more", "its own segment", "CISO", NOW.date(), until, "p-1"
        goes = ReplacementPlan("p-1", (device.id,), "no updates any more", "new", until, "amy", "approved")
        opened.add_plan(goes, "amy")
        opened.add_exception(ExceptionRecord("e-1", device.id, *words), "amy")
        yield opened


def measure(register: Register, at: datetime, out: CrossingState, into: CrossingState) -> None:
    ways = (("quarantine", "office", out), ("office", "quarantine", into))
    register.keep_crossings(
        [
            Crossing("hq", source, target, service, 4, state, at, "here")
            for source, target, state in ways
            for service in ("tcp/445", "udp/161")
        ]
    )


def outcome(register: Register, clock: FixedClock) -> VerdictOutcome:
    check(register, Settings(), clock)
    assess(register, chosen_packs(), clock.now().date())
    (found,) = (
        each.outcome
        for each in register.verdicts()
        if each.rule == "isolated-until-replaced" and each.pack == "guideline-2024"
    )
    return found


def test_without_a_measurement_nobody_knows(register: Register, clock: FixedClock) -> None:
    assert outcome(register, clock) is VerdictOutcome.UNDETERMINED


def test_seen_closed_both_ways_it_is_isolated_for_three_months(register: Register, clock: FixedClock) -> None:
    measure(register, NOW, BLOCKED, BLOCKED)
    assert outcome(register, clock) is VerdictOutcome.COMPLIANT
    clock.advance(timedelta(days=93))
    assert outcome(register, clock) is VerdictOutcome.UNDETERMINED


@pytest.mark.parametrize(
    ("out", "into", "expected"),
    [(BLOCKED, OPEN, VerdictOutcome.BREACH), (OPEN, BLOCKED, VerdictOutcome.BREACH),
     (BLOCKED, CrossingState.NOT_TESTED, VerdictOutcome.UNDETERMINED),
     (CrossingState.MIDDLEBOX, BLOCKED, VerdictOutcome.UNDETERMINED)],
)  # fmt: skip
def test_one_way_open_is_a_breach_and_one_way_untold_decides_nothing(
    register: Register, clock: FixedClock, out: CrossingState, into: CrossingState, expected: VerdictOutcome
) -> None:
    measure(register, NOW, out, into)
    assert outcome(register, clock) is expected
