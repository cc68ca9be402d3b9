"""A rule: when it is kept, when it is broken, what is then said and done, and examples that prove it.

Rules are data (`rules/*.yaml`); packs name them by id. A rule's verdict on some facts is breach when its
`breach` condition is true; compliant when `compliant` is true and `breach` is certainly false; undetermined
in every other case. `requires` is what a check must have done for a pass to count: without it `compliant`
is not believed.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache, cached_property
from importlib.resources import files
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    field_validator,
    model_validator,
)

from inventory.exits import BadInput
from inventory.language import _
from inventory.strict_yaml import read
from inventory.types import ObligationLevel, Severity, VerdictOutcome
from policies.conditions import Condition, Facts, Test
from policies.facts import FACTS, fact_named, in_words
from policies.values import Bilingual, Value, Wording, fill, placeholders, read_value

MISSING = "missing"
_NOT_ENOUGH = Bilingual("Not known: {missing}.", "尚無資料：{missing}。")
_MAY_BE_SHOWN = frozenset({*FACTS, MISSING})


class Sentence(Wording):
    """A bilingual sentence with `{fact.name}` in it; both languages show the same facts."""

    @model_validator(mode="after")
    def _shows_the_same_facts(self) -> Self:
        english, chinese = (set(placeholders(text)) for text in (self.en, self.zh))
        if english != chinese:
            raise ValueError(_("the two languages must show the same facts"))
        for name in english - _MAY_BE_SHOWN:
            fact_named(name)
        return self


class Said(BaseModel):
    """The sentence for each outcome; for undetermined there is a general one that lists what is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    compliant: Sentence
    breach: Sentence
    undetermined: Sentence | None = None


class Example(BaseModel):
    """Facts as text, and the date they are judged on; what is left out is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: date = date(2026, 7, 1)
    facts: Mapping[str, str | tuple[str, ...]] = Field(default_factory=dict)

    @field_validator("facts")
    @classmethod
    def _are_facts(cls, written: Mapping[str, str | tuple[str, ...]]) -> Mapping[str, str | tuple[str, ...]]:
        for name, value in written.items():
            spec = fact_named(name)
            try:
                read_value(spec.kind, value, spec.vocabulary)
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from error
        return written

    def value(self, name: str) -> Value | None:
        """The fact's value in this example."""
        written = self.facts.get(name)
        spec = fact_named(name)
        return None if written is None else read_value(spec.kind, written, spec.vocabulary)


def _one_or_more(written: Any) -> Any:  # noqa: ANN401 - not validated yet
    return [written] if isinstance(written, Mapping) else written


Examples = Annotated[tuple[Example, ...], BeforeValidator(_one_or_more), Field(min_length=1)]


class ExampleSet(BaseModel):
    """At least one example for each outcome a rule can have."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    compliant: Examples
    breach: Examples
    undetermined: Examples


class Rule(BaseModel):
    """One rule as its data file writes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    level: ObligationLevel = ObligationLevel.MUST
    severity: Severity
    compliant: Condition
    breach: Condition
    requires: Condition | None = None
    says: Said
    remedy: Wording
    examples: ExampleSet

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The facts the conditions look at, in the order of the file."""
        asked = self.requires.reads if self.requires else ()
        return tuple(dict.fromkeys((*self.breach.reads, *self.compliant.reads, *asked)))

    @cached_property
    def shows(self) -> tuple[str, ...]:
        """The facts the sentences show."""
        texts = [
            wording.en
            for wording in (self.says.compliant, self.says.breach, self.says.undetermined)
            if wording
        ]
        names = (name for text in texts for name in placeholders(text))
        return tuple(dict.fromkeys(name for name in names if name != MISSING))

    @cached_property
    def tests(self) -> tuple[Test, Test]:
        """The compiled conditions: (breach, compliant with what it requires)."""
        compliant = self.compliant.compiled()
        if self.requires is None:
            return self.breach.compiled(), compliant
        required = self.requires.compiled()
        return self.breach.compiled(), lambda facts: compliant(facts) if required(facts) else None

    def outcome(self, facts: Facts) -> VerdictOutcome:
        """What the rule says of these facts."""
        breach, compliant = self.tests
        broken = breach(facts)
        if broken:
            return VerdictOutcome.BREACH
        if broken is False and compliant(facts):
            return VerdictOutcome.COMPLIANT
        return VerdictOutcome.UNDETERMINED

    def try_examples(self) -> None:
        """ValueError where an example does not give the verdict it stands under."""
        for outcome in (VerdictOutcome.COMPLIANT, VerdictOutcome.BREACH, VerdictOutcome.UNDETERMINED):
            for number, example in enumerate(getattr(self.examples, outcome.value), start=1):
                found = self.outcome(example)
                if found is not outcome:
                    reason = _("{rule}: {outcome} example {number} is {found}")
                    raise ValueError(
                        reason.format(rule=self.id, outcome=outcome.value, number=number, found=found.value)
                    )

    def sentence(self, outcome: VerdictOutcome, facts: Facts) -> Bilingual:
        """The reason in both languages, filled with the facts; for COMPLIANT, BREACH and UNDETERMINED."""
        wording = getattr(self.says, outcome.value)
        template = Bilingual(wording.en, wording.zh) if wording else _NOT_ENOUGH
        shown = {name: in_words(name, facts.value(name)) for name in self.shows}
        shown[MISSING] = self._not_known(facts)
        return fill(template, shown)

    def _not_known(self, facts: Facts) -> Bilingual:
        labels = [fact_named(name).label for name in self.reads if facts.value(name) is None]
        if not labels:
            return Bilingual("nothing that settles the matter", "足以認定之佐證")
        return Bilingual(", ".join(label.en for label in labels), "、".join(label.zh for label in labels))


_FILE = TypeAdapter(tuple[Rule, ...])


@cache
def rules() -> Mapping[str, Rule]:
    """All rules of the data folder by id; BadInput with file and line for whatever is wrong with one."""
    known: dict[str, Rule] = {}
    places = sorted((files("policies") / "rules").iterdir(), key=lambda place: place.name)
    for place in (place for place in places if place.name.endswith(".yaml")):
        for rule in read(place, _FILE):
            if rule.id in known:
                reason = _("{place}: the rule {rule} stands in two files")
                raise BadInput(reason.format(place=f"{place}:1", rule=rule.id))
            known[rule.id] = rule
    return known
