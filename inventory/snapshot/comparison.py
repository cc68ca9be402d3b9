"""What happened between two snapshots: devices that came, went, changed or were not confirmed, and why
verdicts differ. Pure: the register is not asked.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from inventory.snapshot.causes import Cause, Side, causes, device_texts, regulation
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

    `because` is what the later verdict rests on (the earlier one, where there is no later); `causes` is what
    differs under it. A rule of one edition is the same rule in the next edition of the same regulation.
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
    causes: tuple[Cause, ...]


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
    old, new = device_texts(before), device_texts(after)
    for what in sorted(old.keys() | new.keys()):
        if old.get(what, "") != new.get(what, ""):
            yield Change(after.id, what, old.get(what, ""), new.get(what, ""))


def _verdict_changes(earlier: Snapshot, later: Snapshot) -> Iterator[VerdictChange]:
    sides = Side.of(earlier), Side.of(later)
    for old, new in _paired(_other_than(later, earlier), _other_than(earlier, later)):
        speaking = new or old
        if speaking is None or (old and new and old.outcome is new.outcome):
            continue
        yield VerdictChange(
            *_key(speaking),
            before=old.outcome if old else None,
            after=new.outcome if new else None,
            editions=(old.edition if old else None, new.edition if new else None),
            reason_en=speaking.reason_en,
            reason_zh=speaking.reason_zh,
            because=speaking.because,
            causes=causes(speaking.device, old, new, *sides),
        )


def _other_than(there: Snapshot, here: Snapshot) -> Iterator[Verdict]:
    """The verdicts here whose rule does not come to the same of the device there."""
    same: dict[tuple[str, str, str, VerdictOutcome], set[str]] = defaultdict(set)
    for one in there.verdicts:
        same[one.pack, one.article, one.rule, one.outcome].update(one.devices)
    for one in here.verdicts:
        alike = same[one.pack, one.article, one.rule, one.outcome]
        yield from (one.on(device) for device in one.devices if device not in alike)


def _paired(
    earlier: Iterable[Verdict], later: Iterable[Verdict]
) -> Iterator[tuple[Verdict | None, Verdict | None]]:
    """Each rule's verdicts on a device side by side, in the order of device, pack, article and rule.

    What stands on one side only is paired with the same rule of another edition of the regulation, whose
    articles may be numbered otherwise.
    """
    before, after = {_key(v): v for v in earlier}, {_key(v): v for v in later}
    lost: dict[tuple[str, str, str], list[Verdict]] = defaultdict(list)
    for key in sorted(before.keys() - after.keys(), reverse=True):
        lost[_family(key)].append(before[key])
    pairs: list[tuple[Verdict | None, Verdict | None]] = []
    for key in sorted(after):
        heirless = lost[_family(key)] if key not in before else []
        pairs.append((heirless.pop() if heirless else before.get(key), after[key]))
    pairs += [(old, None) for several in lost.values() for old in several]
    return iter(sorted(pairs, key=lambda pair: _key(pair[1] or pair[0])))


def _key(verdict: Verdict | None) -> tuple[str, str, str, str]:
    return (verdict.device, verdict.pack, verdict.article, verdict.rule) if verdict else ("", "", "", "")


def _family(key: tuple[str, str, str, str]) -> tuple[str, str, str]:
    """The device, the regulation without the year that tells its editions apart, and the rule."""
    device, pack, _article, rule = key
    return device, regulation(pack), rule
