"""What a check may look at: one device, what was last observed of it, the date, settings and feeds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import ClassVar, Final

from agent.checks.knowledge import NOTHING, Knowledge
from agent.isolation.matrix import Measured
from agent.transport import guard
from agent.wireless.expected import ExpectedNetworks
from inventory.types import (
    Attestation,
    Attribute,
    CheckOutcome,
    CheckResult,
    ConnectionMethod,
    Device,
    DeviceClass,
    DeviceStatus,
    Observation,
    Service,
    WirelessNetwork,
)

VERSION: Final = "facts"
"""The fact by which a result names the version of the facts it rests on."""

# One roll call is shorter than a day: what is older than the newest evidence by more was not seen again.
_ONE_ROLL_CALL = timedelta(days=1)

_LEFT_OUT: Final = "ports.left_out"
RAW_PRINT: Final = frozenset(f"tcp/{port}" for port in guard.RAW_PRINT_PORTS)

# Heard at a time of its own: neither makes a roll call old, nor grows old with the next one.
_ASIDE = frozenset({"wifi"})


@dataclass(frozen=True, slots=True)
class Measures:
    """Days evidence counts, months ahead an end of support is told, segments meant for a class, what was
    measured between segments, the vendors the firm keeps off its networks, and its own wireless networks.

    `on_air` are the wireless networks heard, by the id of the device that sends them.
    """

    evidence_days: int = 45
    ending_months: int = 12
    segments: Mapping[DeviceClass, frozenset[str]] = field(default_factory=dict)
    isolation: Measured | None = None
    watched: tuple[str, ...] = ()
    networks: ExpectedNetworks = field(default_factory=ExpectedNetworks)
    on_air: Mapping[str, tuple[WirelessNetwork, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Subject:
    """One device as of `at`, with all its observations; what several checks ask is worked out once.

    `confirmation` is the last record in which somebody signed that the register is right about it. `versions`
    names, by check, the facts that are used besides the evidence (runner.py). `chinese` holds what a check's
    English sentences are in Chinese, for those the runner has heard so far.
    """

    chinese: ClassVar[dict[tuple[str, str], str]] = {}
    device: Device
    observations: Sequence[Observation]
    at: datetime
    measures: Measures = Measures()
    knowledge: Knowledge = NOTHING
    confirmation: Attestation | None = None
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_retired(self) -> bool:
        """True once the device has left service."""
        return self.device.status is DeviceStatus.RETIRED

    @cached_property
    def is_unconnected(self) -> bool:
        """True where the register says it has no network connection, and nothing was heard of it since."""
        held = self.device.attributes.get(Attribute.CONNECTION_METHOD)
        if held is None or held.value != ConnectionMethod.NONE:
            return False
        return all(each.at <= held.at for each in self.observations)

    @cached_property
    def fresh(self) -> tuple[Observation, ...]:
        """What the last roll call heard, if it is recent enough to count; oldest first."""
        oldest = self.at - timedelta(days=self.measures.evidence_days)
        called = [each for each in self.observations if each.source not in _ASIDE]
        newest = max((each.at for each in called), default=oldest)
        since = max(newest - _ONE_ROLL_CALL, oldest) if newest >= oldest else None
        heard = [each for each in called if since is not None and each.at >= since]
        heard += [each for each in self.observations if each.source in _ASIDE and each.at >= oldest]
        return tuple(sorted(heard, key=_order))

    @cached_property
    def heard_until(self) -> datetime:
        """Until when the last roll call counts; a full term from now where there was none."""
        last = max((each.at for each in self.fresh), default=self.at)
        return last + timedelta(days=self.measures.evidence_days)

    @cached_property
    def services(self) -> tuple[Service, ...]:
        """The services of the last roll call, if it is recent enough to count."""
        newest = max((service.last_seen for service in self.device.services), default=self.device.last_seen)
        newest = max(newest, self.device.last_seen)
        if newest < self.at - timedelta(days=self.measures.evidence_days):
            return ()
        since = newest - _ONE_ROLL_CALL
        return tuple(each for each in self.device.services if each.last_seen >= since)

    @cached_property
    def left_out(self) -> frozenset[str] | None:
        """The ports (`tcp/5900`) the last roll call did not ask to the end; None where nothing says so."""
        told = {each.target.ip: frozenset(value.split()) - {"none"} for each, value in self.facts(_LEFT_OUT)}
        if not told:
            return None
        left = frozenset[str]().union(*told.values())
        # Connections never ask raw print ports: where one address was asked with SYNs, that is enough.
        return left - RAW_PRINT if frozenset() in told.values() else left

    @property
    def spoken(self) -> frozenset[str]:
        """The names of all facts of the last roll call that say something."""
        return frozenset(name for name, told in self._told.items() if any(value for _each, value in told))

    def facts(self, name: str) -> Iterator[tuple[Observation, str]]:
        """Every value of the fact in the last roll call, with the observation that says it."""
        return iter(self._told.get(name, ()))

    @cached_property
    def _told(self) -> dict[str, list[tuple[Observation, str]]]:
        """Every fact of the last roll call under its name."""
        told: dict[str, list[tuple[Observation, str]]] = {}
        for observation in self.fresh:
            for fact in observation.facts:
                told.setdefault(fact.name, []).append((observation, fact.value))
        return told

    def result(
        self,
        check: str,
        outcome: CheckOutcome,
        reason: str,
        *,
        facts: Mapping[str, str] | None = None,
        evidence: Sequence[str] = (),
        expires: datetime | None = None,
    ) -> CheckResult:
        """The result of `check`; without `expires` it counts as long as evidence does."""
        version = self.versions.get(check)
        return CheckResult(
            device=self.device.id,
            check=check,
            outcome=outcome,
            reason=reason,
            at=self.at,
            expires=expires or self.heard_until,
            evidence=tuple(dict.fromkeys(filter(None, evidence))) if evidence else (),
            facts={**(facts or {}), VERSION: version} if version else facts or {},
            reason_zh=self.chinese.get((check, reason), ""),
        )


def _order(heard: Observation) -> tuple[datetime, str, str, str]:
    return heard.at, heard.source, heard.service or "", heard.digest


def word_set(words: Sequence[str] | set[str] | frozenset[str]) -> str:
    """A set of words as a fact carries it: sorted, comma-separated; commas inside a word become spaces."""
    return ",".join(sorted({word.replace(",", " ") for word in words}))
