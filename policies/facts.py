"""The facts a rule may ask for: one table (facts.yaml), each fact named, typed and derived from a dossier.

A fact is None when the dossier does not settle it. The outcome of a check is a fact only when it is pass,
fail or not-applicable: unknown, crashed and expired results are no evidence. Facts never guess.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

from inventory.exits import BadInput
from inventory.facts import PLACE, FactLine, fact_lines
from inventory.language import _
from inventory.questions import QUESTIONS, Question
from inventory.types import Attribute, CheckOutcome, Dossier
from policies.derivations import DERIVATIONS, Derive, Origin
from policies.duties import CHECKLIST_OPEN, Answer
from policies.sheet import OpenDossier
from policies.values import Bilingual, Kind, Value, read_value, show

RECORD = "record."

_SETTLED = frozenset({CheckOutcome.PASS, CheckOutcome.FAIL, CheckOutcome.NOT_APPLICABLE})
_VALUES_REMEMBERED = 1024


class FactSpec(NamedTuple):
    """One fact: its name in rules, its kind and words, its label, how it is derived and where it is found.

    `origin` is what gives the place, where it differs from device to device.
    """

    name: str
    kind: Kind
    label: Bilingual
    vocabulary: tuple[str, ...]
    derive: Derive
    origin: str | Origin


class Sheet:
    """All facts of one dossier on one date: each is derived when first asked for, and only once."""

    def __init__(self, dossier: Dossier, on: date) -> None:
        self.dossier = dossier
        self.on = on
        self._opened = OpenDossier(dossier, on)
        self._known: dict[str, Value | None] = {}

    def value(self, name: str) -> Value | None:
        """The fact's value; None where the dossier does not settle it."""
        try:
            return self._known[name]
        except KeyError:
            value = self._known[name] = FACTS[name].derive(self._opened)
            return value

    def origin(self, name: str) -> str:
        """Where a reader can look the fact up: an attribute, a check, a record's id."""
        origin = fact_named(name).origin
        return origin if isinstance(origin, str) else origin(self._opened)

    def learned(self, origin: str) -> str:
        """When what stands at this origin was learned, and from whom if a person entered it; "" elsewhere."""
        room, _dot, name = origin.partition(".")
        if room == "check" and name in self._opened.results:
            return self._opened.results[name].at.date().isoformat()
        if room != "attribute" or name not in self.dossier.device.attributes:
            return ""
        held = self.dossier.device.attributes[Attribute(name)]
        by, _colon, person = held.source.partition(":")
        return " ".join((*([person] if by == "person" else []), held.at.date().isoformat()))


def fact_named(name: str) -> FactSpec:
    """The fact of that name; ValueError, with the nearest names, where the table has none."""
    spec = FACTS.get(name)
    if spec is None:
        near = get_close_matches(name, FACTS, n=3)
        reason = (
            _("there is no fact {name!r}; did you mean {near}?") if near else _("there is no fact {name!r}")
        )
        raise ValueError(reason.format(name=name, near=", ".join(near)))
    return spec


def in_words(name: str, value: Value | None) -> Bilingual:
    """The value as a sentence shows it; only words of a closed vocabulary are translated."""
    return show(value, translated=bool(fact_named(name).vocabulary))


def _all_facts() -> Iterator[FactSpec]:
    for name, line in fact_lines().items():
        derive, place = _derivation(name, line)
        yield FactSpec(name, Kind(line.kind), Bilingual(line.en, line.zh), line.words, derive, place)
    for question in QUESTIONS:
        yield from _record_facts(question)


def _derivation(name: str, line: FactLine) -> tuple[Derive, str | Origin]:
    if name in DERIVATIONS:
        return DERIVATIONS[name]
    room, _dot, rest = name.partition(".")
    check, _dot, fact = rest.partition(".")
    if room != "check" or not fact:
        raise BadInput(_("{place}: {name}: no derivation is known").format(place=PLACE, name=name))
    derive = _outcome_of(check) if fact == "outcome" else _reported(check, fact, line)
    return derive, f"check.{check}"


def _outcome_of(check: str) -> Derive:
    def derive(opened: OpenDossier) -> Value | None:
        result = opened.results.get(check)
        return result.outcome.value if result is not None and result.outcome in _SETTLED else None

    return derive


def _reported(check: str, fact: str, line: FactLine) -> Derive:
    kind = Kind(line.kind)

    @lru_cache(_VALUES_REMEMBERED)
    def value(written: str) -> Value | None:
        try:
            return read_value(kind, written, line.words)
        except ValueError:
            return None  # a word of an older or newer version proves nothing

    def derive(opened: OpenDossier) -> Value | None:
        result = opened.results.get(check)
        written = None if result is None or result.outcome is CheckOutcome.ERROR else result.facts.get(fact)
        return None if written is None else value(written)

    return derive


def _record_facts(question: Question) -> Iterator[FactSpec]:
    """What a record says: the answer, its signer, its date, when it is next due, what a checklist lacks."""

    def origin(opened: OpenDossier) -> str:
        answer = opened.answers.get(question.name)
        return f"attestation.{answer.record.id}" if answer else f"attestation.{question.name}"

    def of_answer(read: Callable[[Answer], Value | None]) -> Derive:
        def derive(opened: OpenDossier) -> Value | None:
            answer = opened.answers.get(question.name)
            return read(answer) if answer else None

        return derive

    place, en, zh = f"{RECORD}{question.name}", question.en, question.zh
    states = ("yes", "no", "overdue", CHECKLIST_OPEN)
    label = Bilingual(f"record of {en}", f"{zh}紀錄")
    yield FactSpec(place, Kind.WORD, label, states, of_answer(attrgetter("state")), origin)
    for name, kind, english, chinese, read_from in (
        ("signer", Kind.TEXT, "signer", "簽署人", "record.signer"),
        ("signed", Kind.DATE, "date of signature", "簽署日", "record.signed"),
        ("due", Kind.DATE, "next due date", "下次到期日", "again"),
    ):
        label = Bilingual(f"{english} ({en})", f"{zh}{chinese}")
        yield FactSpec(f"{place}.{name}", kind, label, (), of_answer(attrgetter(read_from)), origin)
    if question.items:
        items = tuple(item.name for item in question.items)
        label = Bilingual(f"answered no ({en})", f"{zh}未符合項目")
        yield FactSpec(f"{place}.lacking", Kind.WORDS, label, items, of_answer(attrgetter("lacking")), origin)


FACTS: Mapping[str, FactSpec] = {spec.name: spec for spec in _all_facts()}
