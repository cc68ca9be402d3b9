"""A pack: one edition of one regulation, its articles in both languages, and the rules each is judged by.

Packs are data (`packs/*.yaml`). `scope` says to which devices the regulation speaks at all, an article's
`applies` to which of these it speaks; both are conditions over the same facts as rules.

A firm's own pack has the same form and lies where muster.toml says (`packs`). An article of it may carry
rules of its `own`, whose examples are tried when the file is read.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, field_validator, model_validator

from inventory.exits import BadInput, UsageFault
from inventory.language import _
from inventory.strict_yaml import read
from inventory.types import Article, ObligationLevel, Severity
from policies.conditions import Condition, Test
from policies.rule import Rule, Sentence, rules
from policies.values import Wording, placeholders

Cycle = Literal["once", "always", "monthly", "half-yearly", "yearly", "per-purchase", "regularly"]


class PackArticle(BaseModel):
    """One article as the data file writes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: str = Field(pattern=r"^[A-Za-z0-9.-]+$")
    title: Wording
    summary: Wording
    level: ObligationLevel = ObligationLevel.MUST
    cycle: Cycle
    beyond_scope: Literal["yes", "no"] = "no"
    applies: Condition | None = None
    not_applicable: Sentence | None = None
    same_as: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    own: tuple[Rule, ...] = ()

    @field_validator("rules")
    @classmethod
    def _rules_exist(cls, named: tuple[str, ...]) -> tuple[str, ...]:
        for name in named:
            if name not in rules():
                raise ValueError(_("there is no rule {name!r}").format(name=name))
        return named

    @field_validator("own")
    @classmethod
    def _hold_their_examples(cls, own: tuple[Rule, ...]) -> tuple[Rule, ...]:
        for rule in own:
            if rule.id in rules():
                reason = _("the rule {name!r} comes with Muster: cite it under rules")
                raise ValueError(reason.format(name=rule.id))
            rule.try_examples()
        return own

    @model_validator(mode="after")
    def _has_a_rule(self) -> Self:
        if not self.rules and not self.own:
            raise ValueError(_("an article needs a rule"))
        return self

    @model_validator(mode="after")
    def _says_why_not(self) -> Self:
        if (self.applies is None) != (self.not_applicable is None):
            raise ValueError(
                _("{one} and {other} stand together").format(one="applies", other="not_applicable")
            )
        return self

    @cached_property
    def ruled_by(self) -> tuple[Rule, ...]:
        """The rules themselves."""
        return (*(rules()[name] for name in self.rules), *self.own)

    @cached_property
    def test(self) -> Test | None:
        """The compiled `applies`; None where the article speaks to every device in the pack's scope."""
        return self.applies.compiled() if self.applies else None


class Pack(BaseModel):
    """One edition of one regulation as the data file writes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    edition: date
    default: Literal["yes", "no"] = "yes"
    title: Wording
    authority: Wording
    reference: str
    scope: Condition | None = None
    out_of_scope: Sentence | None = None
    due_days: Mapping[Severity, int]
    articles: tuple[PackArticle, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        numbers = [article.number for article in self.articles]
        twice = {number for number in numbers if numbers.count(number) > 1}
        if twice:
            raise ValueError(_("the article {number} stands here twice").format(number=min(twice)))
        if set(self.due_days) != set(Severity):
            raise ValueError(_("{key} names every severity: high, medium, low").format(key="due_days"))
        if (self.scope is None) != (self.out_of_scope is None):
            raise ValueError(_("{one} and {other} stand together").format(one="scope", other="out_of_scope"))
        return self

    @cached_property
    def test(self) -> Test | None:
        """The compiled `scope`; None where the regulation speaks to every device."""
        return self.scope.compiled() if self.scope else None

    @cached_property
    def catalogue(self) -> tuple[Article, ...]:
        """The articles as screens and reports show them."""
        return tuple(
            Article(
                pack=self.id,
                pack_title_en=self.title.en,
                pack_title_zh=self.title.zh,
                edition=self.edition,
                number=article.number,
                title_en=article.title.en,
                title_zh=article.title.zh,
                summary_en=article.summary.en,
                summary_zh=article.summary.zh,
                level=article.level,
                cycle=article.cycle,
            )
            for article in self.articles
        )

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all that the pack and its rules say."""
        said = (self.model_dump_json(), *(r.model_dump_json() for a in self.articles for r in a.ruled_by))
        return hashlib.sha256("\n".join(said).encode()).hexdigest()

    def read_by(self, article: PackArticle, rule: Rule) -> tuple[str, ...]:
        """Every fact on which the rule's verdict under the article or its sentence may rest, each once."""
        told = (self.out_of_scope, article.not_applicable)
        names = (
            *("device.in_scope", "device.scope_reason"),
            *(name for condition in (self.scope, article.applies) if condition for name in condition.reads),
            *(name for wording in told if wording for name in placeholders(wording.en)),
            *(*rule.reads, *rule.shows),
        )
        return tuple(dict.fromkeys(names))

    def article(self, number: str) -> PackArticle:
        """The article of that number; UsageFault, naming those there are, if the pack has none."""
        for article in self.articles:
            if article.number == number:
                return article
        numbers = ", ".join(article.number for article in self.articles)
        raise UsageFault(
            _("{pack} has no article {number}; it has {numbers}").format(
                pack=self.id, number=number, numbers=numbers
            )
        )


_FILE = TypeAdapter(Pack)


def read_pack(place: Path | Traversable) -> Pack:
    """The pack in one file; BadInput with file and line for whatever is wrong with it."""
    return read(place, _FILE)


@cache
def packs() -> tuple[Pack, ...]:
    """All packs that come with Muster, those judged by default first."""
    places = sorted((files("policies") / "packs").iterdir(), key=lambda place: place.name)
    found = [read_pack(place) for place in places if place.name.endswith(".yaml")]
    return tuple(sorted(found, key=lambda pack: (pack.default != "yes", pack.id)))


def packs_with(own: Sequence[str]) -> tuple[Pack, ...]:
    """All packs, those in the firm's own files last; BadInput where one is missing, wrong or twice.

    A name in `own` that a pack of Muster's bears is that pack, judged by default from then on.
    """
    known = [pack.model_copy(update={"default": "yes"}) if pack.id in own else pack for pack in packs()]
    for place in (Path(each) for each in own if each not in {pack.id for pack in packs()}):
        if not place.is_file():
            raise BadInput(_("{place}: there is no such pack file").format(place=place))
        added = read_pack(place)
        if added.id in {pack.id for pack in known}:
            raise BadInput(_("{place}:1: there is a pack {name} already").format(place=place, name=added.id))
        known.append(added)
    return tuple(known)


def chosen_packs(
    names: Sequence[str] = (), own: Sequence[str] = (), *, also: Sequence[str] = ()
) -> tuple[Pack, ...]:
    """The named packs, or the default ones and `also` these; UsageFault for a name there is no pack of."""
    known = packs_with(own)
    by_id = {pack.id: pack for pack in known}
    names = names or [*(pack.id for pack in known if pack.default == "yes"), *also]
    for name in names:
        if name not in by_id:
            raise UsageFault(
                _("there is no pack {name!r}; there are {known}").format(name=name, known=", ".join(by_id))
            )
    return tuple(by_id[name] for name in dict.fromkeys(names))
