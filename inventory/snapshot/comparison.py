"""What happened between two snapshots: devices that came, went, changed or were not confirmed, and why
verdicts differ. Pure: the register is not asked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from inventory.snapshot.value import Snapshot
from inventory.types import Device, DeviceStatus, Verdict, VerdictOutcome

_PERSON = "person:"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing about one device that differs; an empty text is what was not known."""

    device: str
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """A rule's verdict on one device that differs; None where the rule did not speak of it.

    `because` is what the later verdict rests on (the earlier one, where there is no later).
    """

    device: str
    pack: str
    article: str
    rule: str
    before: VerdictOutcome | None
    after: VerdictOutcome | None
    editions: tuple[date | None, date | None]
    reason_en: str
    reason_zh: str
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that differs; every tuple is in the order of device ids.

    `gone` are devices retired or no longer listed. `not_confirmed` stand in both, and since the earlier day
    neither a scan nor a person has met them.
    """

    added: tuple[Device, ...]
    gone: tuple[Device, ...]
    changed: tuple[Change, ...]
    not_confirmed: tuple[Device, ...]
    verdicts: tuple[VerdictChange, ...]

    @property
    def same(self) -> bool:
        """True where nothing came, went, changed or was judged otherwise."""
        return not (self.added or self.gone or self.changed or self.verdicts)


def compare(earlier: Snapshot, later: Snapshot) -> Comparison:
    """What is different in `later`; a device's id is what makes it the same device."""
    before, after = _present(earlier), _present(later)
    both = sorted(before.keys() & after.keys())
    return Comparison(
        added=tuple(after[device] for device in sorted(after.keys() - before.keys())),
        gone=tuple(before[device] for device in sorted(before.keys() - after.keys())),
        changed=tuple(change for device in both for change in _changes(before[device], after[device])),
        not_confirmed=tuple(
            after[device] for device in both if _met_last(after[device]) <= earlier.on < later.on
        ),
        verdicts=tuple(_verdict_changes(earlier, later)),
    )


def _present(snapshot: Snapshot) -> dict[str, Device]:
    return {device.id: device for device in snapshot.devices if device.status is not DeviceStatus.RETIRED}


def _met_last(device: Device) -> date:
    """The last day on which a scan saw the device or a person entered something about it."""
    entered = [held.at for held in device.attributes.values() if held.source.startswith(_PERSON)]
    return max([device.last_seen, *entered]).date()


def _changes(before: Device, after: Device) -> Iterator[Change]:
    old, new = _texts(before), _texts(after)
    for what in sorted(old.keys() | new.keys()):
        if old.get(what, "") != new.get(what, ""):
            yield Change(after.id, what, old.get(what, ""), new.get(what, ""))


def _texts(device: Device) -> Mapping[str, str]:
    """Everything about a device that can differ, by name, as text."""
    return {
        **{str(attribute): held.value for attribute, held in device.attributes.items()},
        "status": str(device.status),
        "site": device.site,
        "segment": device.segment,
        "addresses": ", ".join(sorted({f"{a.ip} {a.mac or ''}".strip() for a in device.addresses})),
        "services": ", ".join(sorted({service.key for service in device.services})),
    }


def _verdict_changes(earlier: Snapshot, later: Snapshot) -> Iterator[VerdictChange]:
    before, after = _by_rule(earlier), _by_rule(later)
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        speaking = new or old
        if speaking is None or (old and new and old.outcome is new.outcome):
            continue
        yield VerdictChange(
            *key,
            before=old.outcome if old else None,
            after=new.outcome if new else None,
            editions=(old.edition if old else None, new.edition if new else None),
            reason_en=speaking.reason_en,
            reason_zh=speaking.reason_zh,
            because=speaking.because,
        )


def _by_rule(snapshot: Snapshot) -> dict[tuple[str, str, str, str], Verdict]:
    return {(v.device, v.pack, v.article, v.rule): v for v in snapshot.verdicts}
