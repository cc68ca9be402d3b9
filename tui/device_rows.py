"""What there is to tell of one device, as rows: values and their rivals, ports, papers, neighbours. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from inventory.facts import fact_told
from inventory.language import N_
from inventory.record_names import value_called
from inventory.types import (
    WORST_FIRST,
    Attestation,
    Attribute,
    Device,
    DeviceChange,
    ExceptionRecord,
    Fact,
    Finding,
    FindingState,
    Held,
    Observation,
    ReplacementPlan,
    Service,
    Verdict,
    WirelessNetwork,
)

# Art. 22 asks for these of every device: they are shown even where nothing is known.
ALWAYS_SHOWN = (
    Attribute.DEVICE_CLASS,
    Attribute.VENDOR,
    Attribute.MODEL,
    Attribute.FIRMWARE,
    Attribute.SERIAL,
    Attribute.HOSTNAME,
    Attribute.CONNECTION_METHOD,
    Attribute.OWNER,
    Attribute.LOCATION,
    Attribute.PURPOSE,
    Attribute.IN_SCOPE,
)


@dataclass(frozen=True, slots=True)
class AttributeRow:
    """An attribute and its value (None: nothing is known); a rival disagrees with the held value."""

    attribute: Attribute
    held: Held | None
    rival: bool = False


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """A verdict, and the finding that follows from it where there is one."""

    verdict: Verdict
    finding: Finding | None


@dataclass(frozen=True, slots=True)
class FactRow:
    """One fact of one observation."""

    observation: Observation
    fact: Fact


@dataclass(frozen=True, slots=True)
class PortRow:
    """A port that was seen open, or that somebody declared; `said` are all declared ports, None for none."""

    key: str
    seen: Service | None
    said: Held | None
    is_declared: bool


Paper = Finding | ExceptionRecord | ReplacementPlan | Attestation


@dataclass(frozen=True, slots=True)
class NeighbourRow:
    """Something next to the device (marked with `N_`), who says so and when."""

    what: str
    value: str
    source: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Card:
    """Everything the register has on one device, read at one moment.

    `plugged` are the devices whose switch port is one of this device's, `networks` the wireless ones it
    offers or uses.
    """

    device: Device
    verdicts: tuple[Verdict, ...]
    findings: tuple[Finding, ...]
    history: tuple[DeviceChange, ...]
    observations: tuple[Observation, ...]
    exceptions: tuple[ExceptionRecord, ...] = ()
    plans: tuple[ReplacementPlan, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    plugged: tuple[Device, ...] = ()
    networks: tuple[WirelessNetwork, ...] = ()


def attribute_rows(device: Device) -> tuple[AttributeRow, ...]:
    """Every attribute that is known or always asked for, in the order of the vocabulary, rivals below."""
    rows: list[AttributeRow] = []
    for attribute in Attribute:
        held = device.attributes.get(attribute)
        if held is not None:
            rows.append(AttributeRow(attribute, held))
            rows.extend(AttributeRow(attribute, rival, rival=True) for rival in held.disagreeing)
        elif attribute in ALWAYS_SHOWN:
            rows.append(AttributeRow(attribute, None))
    return tuple(rows)


def verdict_rows(verdicts: Iterable[Verdict], findings: Iterable[Finding]) -> tuple[VerdictRow, ...]:
    """The verdicts, gravest first, then by article; a resolved finding belongs to no verdict of today."""
    alive = {
        (finding.pack, finding.article, finding.rule): finding
        for finding in findings
        if finding.state is not FindingState.RESOLVED
    }
    rows = (VerdictRow(one, alive.get((one.pack, one.article, one.rule))) for one in verdicts)
    return tuple(sorted(rows, key=_gravity))


def fact_rows(observations: Sequence[Observation]) -> tuple[FactRow, ...]:
    """Every fact, newest observation first."""
    newest_first = sorted(observations, key=lambda seen: seen.at, reverse=True)
    return tuple(FactRow(observation, fact) for observation in newest_first for fact in observation.facts)


def port_rows(device: Device) -> tuple[PortRow, ...]:
    """Every port seen or declared, in their order."""
    said = device.attributes.get(Attribute.DECLARED_PORTS)
    declared = {key for key in said.value.split(",") if key} if said else set()
    seen = {service.key: service for service in device.services}
    return tuple(
        PortRow(key, seen.get(key), said, key in declared)
        for key in sorted({*seen, *declared}, key=_by_number)
    )


def papers(card: Card) -> tuple[Paper, ...]:
    """Findings that are open, exceptions, plans, signed answers; then what is settled. Latest due last."""
    every: list[Paper] = [*card.findings, *card.exceptions, *card.plans, *card.attestations]
    return tuple(sorted(every, key=lambda paper: (is_settled(paper), until(paper) or date.max)))


def is_settled(paper: Paper) -> bool:
    """Whether nobody needs to do anything about it any more."""
    return isinstance(paper, Finding) and paper.state is FindingState.RESOLVED


def until(paper: Paper) -> date | None:
    """Until when it holds, or by when something is to be done."""
    if isinstance(paper, ExceptionRecord):
        return paper.expiry
    return paper.next_due if isinstance(paper, Attestation) else paper.due


def neighbour_rows(card: Card) -> tuple[NeighbourRow, ...]:
    """Where it is plugged in or joined, what gear and it itself say of each other, who hangs on it."""
    device = card.device
    rows = [
        NeighbourRow(what, value_called(attribute, each.value), each.source, each.at)
        for attribute, what in _JOINED_BY.items()
        if (held := device.attributes.get(attribute))
        for each in (held, *held.disagreeing)
    ]
    rows += [
        NeighbourRow(_OFFERS if one.device == device.id else _USES, _network(one), one.source, one.last_at)
        for one in card.networks
    ]
    for other in card.plugged:
        held = other.attributes[Attribute.SWITCH_PORT]
        rows.append(NeighbourRow(N_("Plugged in here"), f"{held.value}: {other.label}", held.source, held.at))
    for seen in card.observations:
        if seen.source in _SAY_WHO_IS_NEXT:
            told_by = next((f.value for f in seen.facts if f.name.endswith(".said_by")), seen.vantage)
            rows += [
                NeighbourRow(fact.name, fact.value, f"{seen.source} {told_by}", seen.at)
                for fact in seen.facts
                if not fact.name.endswith(".said_by")
            ]
    return tuple(rows)


_JOINED_BY = {
    Attribute.SWITCH_PORT: N_("Switch port"),
    Attribute.VLAN: "VLAN",
    Attribute.SSID: "SSID",
    Attribute.CONNECTION_METHOD: N_("Connection method"),
}
_OFFERS, _USES = N_("Offers"), N_("Uses")
_SAY_WHO_IS_NEXT = frozenset({"lldp", "cdp", "fdb", "arp-table", "arp-scan-file"})


def _network(one: WirelessNetwork) -> str:
    weak = fact_told("check.wireless.weak", ",".join(one.weak))
    return " ".join(word for word in (one.ssid, one.bssid, one.security, weak) if word)


def _by_number(key: str) -> tuple[str, int]:
    proto, _slash, number = key.partition("/")
    return proto, int(number) if number.isdecimal() else 0


def _gravity(row: VerdictRow) -> tuple[int, str, str, str]:
    verdict = row.verdict
    return WORST_FIRST.index(verdict.outcome), verdict.pack, verdict.article, verdict.rule
