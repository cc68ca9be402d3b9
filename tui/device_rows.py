"""What there is to tell of one device, as rows: values and their rivals, verdicts, facts. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from inventory.types import (
    WORST_FIRST,
    Attribute,
    Device,
    DeviceChange,
    Fact,
    Finding,
    FindingState,
    Held,
    Observation,
    Verdict,
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
class Card:
    """Everything the register has on one device, read at one moment."""

    device: Device
    verdicts: tuple[Verdict, ...]
    findings: tuple[Finding, ...]
    history: tuple[DeviceChange, ...]
    observations: tuple[Observation, ...]


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


def _gravity(row: VerdictRow) -> tuple[int, str, str, str]:
    verdict = row.verdict
    return WORST_FIRST.index(verdict.outcome), verdict.pack, verdict.article, verdict.rule
