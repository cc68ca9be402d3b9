"""The closed set of operators a rule may use, compiled once to three-valued tests.

A test gives True, False or None (not known), by Kleene's strong logic: a missing fact is None, and None stays
None unless the other facts settle the matter without it. So losing a fact can only make an answer less
definite, never turn it round. There is deliberately no operator that asks whether a fact is known.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import Annotated, Any, NamedTuple, Protocol, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from inventory.language import _
from policies.facts import fact_named
from policies.values import Kind, Value, read_value

Truth = bool | None
Written = str | tuple[str, ...]


class Facts(Protocol):
    """Anything that can be asked for facts as of a date."""

    on: date

    def value(self, name: str) -> Value | None:
        """The fact's value; None where it is not known."""
        ...


Test = Callable[[Facts], Truth]
_Compare = Callable[[Any, Any, date], bool]


class Operator(NamedTuple):
    """What one operator does: the kinds it is for, what its argument is, and the comparison itself."""

    name: str
    kinds: tuple[Kind, ...]
    argument: Kind
    many: bool
    compare: _Compare


OPERATORS: tuple[Operator, ...] = (
    Operator("is", (Kind.WORD, Kind.TEXT), Kind.WORD, False, lambda v, a, _on: v == a),
    Operator("is_not", (Kind.WORD, Kind.TEXT), Kind.WORD, False, lambda v, a, _on: v != a),
    Operator("in", (Kind.WORD, Kind.TEXT), Kind.WORD, True, lambda v, a, _on: v in a),
    Operator("not_in", (Kind.WORD, Kind.TEXT), Kind.WORD, True, lambda v, a, _on: v not in a),
    Operator("includes", (Kind.WORDS,), Kind.WORD, True, lambda v, a, _on: not a.isdisjoint(v)),
    Operator("excludes", (Kind.WORDS,), Kind.WORD, True, lambda v, a, _on: a.isdisjoint(v)),
    Operator("at_least", (Kind.NUMBER,), Kind.NUMBER, False, lambda v, a, _on: v >= a),
    Operator("at_most", (Kind.NUMBER,), Kind.NUMBER, False, lambda v, a, _on: v <= a),
    Operator("past_days", (Kind.DATE,), Kind.NUMBER, False, lambda v, a, on: on - v > timedelta(a)),
    Operator("within_days", (Kind.DATE,), Kind.NUMBER, False, lambda v, a, on: 0 <= (on - v).days <= a),
    Operator("empty", (Kind.WORDS, Kind.TEXT), Kind.TEXT, False, lambda v, a, _on: (not v) == (a == "yes")),
)
_SHAPES = "all, any, not, always, fact"


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class Condition(BaseModel):
    """One condition as a data file writes it: `all`, `any`, `not`, `always`, or a fact with one operator."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    all_: tuple["Condition", ...] | None = Field(default=None, alias="all", min_length=1)
    any_: tuple["Condition", ...] | None = Field(default=None, alias="any", min_length=1)
    not_: "Condition | None" = Field(default=None, alias="not")
    always: str | None = None
    fact: str | None = None
    is_: str | None = Field(default=None, alias="is")
    is_not: str | None = None
    in_: Words | None = Field(default=None, alias="in")
    not_in: Words | None = None
    includes: Words | None = None
    excludes: Words | None = None
    at_least: str | None = None
    at_most: str | None = None
    past_days: str | None = None
    within_days: str | None = None
    empty: str | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        shapes = [
            name for name in ("all_", "any_", "not_", "always", "fact") if getattr(self, name) is not None
        ]
        if len(shapes) != 1:
            raise ValueError(_("a condition is exactly one of: {words}").format(words=_SHAPES))
        operators = [operator for operator in OPERATORS if self._argument(operator) is not None]
        if self.fact is None:
            if operators:
                raise ValueError(_("{operator!r} needs a fact beside it").format(operator=operators[0].name))
            if self.always not in (None, "yes", "no"):
                raise ValueError(_("{word} is yes or no").format(word="always"))
            return self
        if len(operators) != 1:
            names = ", ".join(operator.name for operator in OPERATORS)
            raise ValueError(_("a fact takes exactly one operator of: {names}").format(names=names))
        self._read_argument(operators[0])
        return self

    @property
    def reads(self) -> Iterator[str]:
        """The names of all facts this condition looks at."""
        if self.fact is not None:
            yield self.fact
        inner = (*(self.all_ or ()), *(self.any_ or ()), *((self.not_,) if self.not_ else ()))
        for condition in inner:
            yield from condition.reads

    def compiled(self) -> Test:
        """The same condition as one function of facts."""
        if self.all_ is not None:
            return _every([condition.compiled() for condition in self.all_])
        if self.any_ is not None:
            return _some([condition.compiled() for condition in self.any_])
        if self.not_ is not None:
            return _inverse(self.not_.compiled())
        if self.fact is None:
            answer = self.always == "yes"
            return lambda _facts: answer
        operator = next(known for known in OPERATORS if self._argument(known) is not None)
        return _leaf(self.fact, operator.compare, self._read_argument(operator))

    def _argument(self, operator: Operator) -> Written | None:
        suffix = "_" if operator.name in ("is", "in") else ""
        written: Written | None = getattr(self, operator.name + suffix)
        return written

    def _read_argument(self, operator: Operator) -> object:
        """The operator's argument as a typed value; ValueError if it does not suit the fact."""
        spec = fact_named(self.fact or "")
        if spec.kind not in operator.kinds:
            reason = _("{operator!r} cannot be asked of {fact}, which is a {kind}")
            raise ValueError(reason.format(operator=operator.name, fact=spec.name, kind=spec.kind.value))
        written = self._argument(operator)
        if operator.name == "empty" and written not in ("yes", "no"):
            raise ValueError(_("{word} is yes or no").format(word="empty"))
        vocabulary = spec.vocabulary if operator.argument is Kind.WORD else ()
        if operator.many:
            return frozenset(read_value(Kind.WORD, word, vocabulary) for word in written or ())
        return read_value(operator.argument, written or "", vocabulary)


def _leaf(name: str, compare: _Compare, argument: object) -> Test:
    def test(facts: Facts) -> Truth:
        value = facts.value(name)
        return None if value is None else compare(value, argument, facts.on)

    return test


def _every(tests: Sequence[Test]) -> Test:
    def test(facts: Facts) -> Truth:
        answer: Truth = True
        for inner in tests:
            one = inner(facts)
            if one is False:
                return False
            if one is None:
                answer = None
        return answer

    return test


def _some(tests: Sequence[Test]) -> Test:
    def test(facts: Facts) -> Truth:
        answer: Truth = False
        for inner in tests:
            one = inner(facts)
            if one is True:
                return True
            if one is None:
                answer = None
        return answer

    return test


def _inverse(inner: Test) -> Test:
    def test(facts: Facts) -> Truth:
        one = inner(facts)
        return None if one is None else not one

    return test
