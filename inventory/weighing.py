"""Weighs claims against each other: for each attribute, the claim that wins and those that lost to it."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from math import prod

from inventory.types import Attribute, Claim, DeviceClass
from inventory.vendors import kin

Kinship = Callable[[str, str], bool]

_BOUND_TO_VENDOR = (Attribute.MODEL, Attribute.FIRMWARE, Attribute.DEVICE_CLASS)
_CLOSED_WORDS = (Attribute.DEVICE_CLASS, Attribute.CONNECTION_METHOD)
# By its protocols a fax is a printer, a recorder a camera and an exchange a phone: many say the wider word.
_NARROWER: dict[str, tuple[str, ...]] = {
    DeviceClass.PRINTER: (DeviceClass.FAX, DeviceClass.SCANNER),
    DeviceClass.CAMERA: (DeviceClass.RECORDER, DeviceClass.INTERCOM),
    DeviceClass.PHONE: (DeviceClass.PBX, DeviceClass.INTERCOM),
}
_SURELY = 0.7


def weigh(claims: Iterable[Claim], *, related: Kinship = kin) -> dict[Attribute, tuple[Claim, ...]]:
    """All claims about one target by attribute, the winner first, whatever order they came in.

    Claims that say the same thing strengthen each other: their certainties combine as those of independent
    witnesses, where one witness is one (source, service). A model, firmware or device class whose own
    fingerprint names a vendor unrelated to the winning one comes after all others, and where it has nothing
    before it the attribute is left out: half an identity is worse than none. A device class gives way to a
    narrower one that somebody is sure of, however many say the wider word.
    `related(a, b)` says whether two vendor names belong to one family.
    """
    by_attribute: dict[Attribute, list[Claim]] = defaultdict(list)
    for claim in set(claims):
        by_attribute[claim.attribute].append(claim)
    weighed: dict[Attribute, tuple[Claim, ...]] = {}
    vendor = ""
    if Attribute.VENDOR in by_attribute:
        weighed[Attribute.VENDOR] = _ranked(by_attribute[Attribute.VENDOR], _any, related)
        vendor = weighed[Attribute.VENDOR][0].value
    spoken_for: dict[tuple[str, str, str | None], set[str]] = defaultdict(set)
    for claim in by_attribute.get(Attribute.VENDOR, ()):
        spoken_for[_witness(claim)].add(claim.value)

    def consistent(claim: Claim) -> bool:
        named = spoken_for.get(_witness(claim))
        return named is None or any(related(one, vendor) for one in named)

    for attribute in sorted(by_attribute):
        if attribute is not Attribute.VENDOR:
            test = consistent if attribute in _BOUND_TO_VENDOR else _any
            ranked = _ranked(by_attribute[attribute], test, related)
            if test(ranked[0]):
                weighed[attribute] = _narrowed(ranked) if attribute is Attribute.DEVICE_CLASS else ranked
    return weighed


def confidence(ranked: tuple[Claim, ...]) -> float:
    """How certain the winner of a ranking is, all its witnesses together (0 < confidence ≤ 1)."""
    first = ranked[0]
    return _combined([claim for claim in ranked if _same(claim, first)])


def _ranked(claims: list[Claim], test: Callable[[Claim], bool], related: Kinship) -> tuple[Claim, ...]:
    groups: list[list[Claim]] = []
    for claim in sorted(claims, key=_order):
        for group in groups:
            if _same(group[0], claim):
                group.append(claim)
                break
        else:
            groups.append([claim])
    if claims[0].attribute is Attribute.VENDOR:
        strength = [
            1 - prod(1 - _combined(other) for other in groups if related(group[0].value, other[0].value))
            for group in groups
        ]
    else:
        strength = [_combined(group) for group in groups]
    ranking = sorted(
        zip(groups, strength, strict=True),
        key=lambda pair: (not any(map(test, pair[0])), -round(pair[1], 6), *_order(pair[0][0])),
    )
    return tuple(
        claim
        for group, _strength in ranking
        for claim in sorted(group, key=lambda one: (not test(one), *_order(one)))
    )


def _narrowed(ranked: tuple[Claim, ...]) -> tuple[Claim, ...]:
    narrower = _NARROWER.get(ranked[0].value, ())
    sure = [claim for claim in ranked if claim.value in narrower and claim.certainty >= _SURELY]
    if not sure:
        return ranked
    return tuple(sorted(ranked, key=lambda claim: claim.value != sure[0].value))


def _combined(group: list[Claim]) -> float:
    best: dict[tuple[str, str | None], float] = {}
    for claim in group:
        witness = (claim.source, claim.service)
        best[witness] = max(best.get(witness, 0.0), claim.certainty)
    return 1 - prod(1 - certainty for certainty in best.values())


def _same(one: Claim, other: Claim) -> bool:
    if one.attribute in _CLOSED_WORDS:
        return one.value == other.value
    return _plain(one.value) == _plain(other.value)


def _plain(value: str) -> str:
    return "".join(value.casefold().split())


def _witness(claim: Claim) -> tuple[str, str, str | None]:
    return (claim.fingerprint, claim.source, claim.service)


def _order(claim: Claim) -> tuple[float, str, str, str, str]:
    return (-claim.certainty, claim.fingerprint, claim.value, claim.source, claim.service or "")


def _any(_claim: Claim) -> bool:
    return True
