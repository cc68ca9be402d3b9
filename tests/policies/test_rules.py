"""The rules as data: every example gives the verdict it states, a wrong file is refused where it is wrong."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from inventory.exits import BadInput
from inventory.facts import WORDS
from inventory.questions import QUESTIONS
from inventory.strict_yaml import parse
from inventory.types import VerdictOutcome
from policies.facts import FACTS
from policies.pack import packs, read_pack
from policies.rule import Example, Rule, rules
from policies.values import Value


@dataclass
class ExampleFacts:
    example: Example

    @property
    def on(self) -> date:
        return self.example.on

    def value(self, name: str) -> Value | None:
        return self.example.value(name)


EXAMPLES = [
    pytest.param(rule, VerdictOutcome(outcome), example, id=f"{rule.id}-{outcome}-{number}")
    for rule in rules().values()
    for outcome in ("compliant", "breach", "undetermined")
    for number, example in enumerate(getattr(rule.examples, outcome))
]


@pytest.mark.parametrize(("rule", "outcome", "example"), EXAMPLES)
def test_every_example_gives_the_verdict_it_states(
    rule: Rule, outcome: VerdictOutcome, example: Example
) -> None:
    facts = ExampleFacts(example)
    assert rule.outcome(facts) is outcome
    sentence = rule.sentence(outcome, facts)
    assert "{" not in sentence.en + sentence.zh
    assert sentence.en.endswith(".")
    assert sentence.zh.endswith("。")


@pytest.mark.parametrize("rule", rules().values(), ids=lambda rule: rule.id)
def test_without_any_fact_a_rule_is_undetermined(rule: Rule) -> None:
    assert rule.outcome(ExampleFacts(Example())) is VerdictOutcome.UNDETERMINED


def test_every_rule_is_cited_by_a_pack() -> None:
    cited = {name for pack in packs() for article in pack.articles for name in article.rules}
    assert set(rules()) - cited == set()


def test_every_word_a_fact_may_have_is_shown_in_both_languages() -> None:
    words = {word for spec in FACTS.values() for word in spec.vocabulary}
    assert words - set(WORDS) == set()


def test_chinese_texts_are_chinese_and_english_ones_english() -> None:
    def is_chinese(text: str) -> bool:
        return any("\u4e00" <= character <= "\u9fff" for character in text)

    wordings = [w for rule in rules().values() for w in (rule.says.compliant, rule.says.breach, rule.remedy)]
    wordings += [w for pack in packs() for article in pack.articles for w in (article.title, article.summary)]
    assert [w for w in wordings if not is_chinese(w.zh) or is_chinese(w.en)] == []


GOOD = """\
- id: some-rule
  severity: low
  breach: {fact: plan.state, is: overdue}
  compliant: {fact: plan.state, is: done}
  says:
    compliant: {en: "Kept.", zh: "符合。"}
    breach: {en: "Broken since {plan.due}.", zh: "自 {plan.due} 起不符。"}
  remedy: {en: "Mend it.", zh: "改善。"}
  examples:
    compliant: {facts: {plan.state: done}}
    breach: {facts: {plan.state: overdue}}
    undetermined: {facts: {}}
"""


@pytest.mark.parametrize(
    ("before", "after", "line", "said"),
    [
        (
            "breach: {fact: plan.state,",
            "breach: {fact: plan.stat,",
            3,
            "no fact 'plan.stat'; did you mean plan.state",
        ),
        ("is: overdue}\n  compliant", "equals: overdue}\n  compliant", 3, "equals"),
        ("is: overdue}\n  compliant", "is: late}\n  compliant", 3, "'late' is not one of draft, on-schedule"),
        (
            "is: overdue}\n  compliant",
            "at_least: 3}\n  compliant",
            3,
            "'at_least' cannot be asked of plan.state",
        ),
        ("is: done}", "is: done, is_not: done}", 4, "exactly one operator"),
        ("{fact: plan.state, is: done}", "{any: [{fact: plan.state}]}", 4, "exactly one operator"),
        ("{fact: plan.state, is: done}", "{any: []}", 4, "at least 1"),
        ("{plan.due} 起", "起", 7, "same facts"),
        ("{plan.due}.", "{plan.duty}.", 7, "same facts"),
        (
            "breach: {facts: {plan.state: overdue}}",
            "breach: {facts: {plan.state: tomorrow}}",
            11,
            "'tomorrow' is not",
        ),
        ("undetermined: {facts: {}}", "undetermined: []", 12, "at least 1"),
        ("  severity: low\n", "", 1, "severity: is missing"),
        ("severity: low", "severity: grave", 2, "one of: 'high', 'medium', 'low'"),
    ],
)
def test_a_wrong_rule_is_refused_where_it_is_wrong(before: str, after: str, line: int, said: str) -> None:
    shape = TypeAdapter(tuple[Rule, ...])
    assert parse(GOOD, shape, name="good.yaml")[0].id == "some-rule"
    assert before in GOOD
    with pytest.raises(BadInput) as refused:
        parse(GOOD.replace(before, after, 1), shape, name="bad.yaml")
    first = str(refused.value).splitlines()[0]
    assert first.startswith(f"bad.yaml:{line}:")
    assert said in first


def test_a_wrong_pack_is_refused_where_it_is_wrong(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "policies/packs/twse.yaml").read_text(encoding="utf-8")
    place = tmp_path / "own.yaml"
    for before, after, said in (
        ("rules: [wireless-sound]", "rules: [wireless-loud]", "there is no rule 'wireless-loud'"),
        ("cycle: monthly", "cycle: sometimes", "cycle"),
        ("number: m-b", "number: m-a", "the article m-a stands here twice"),
        ("high: ", "grave: ", "due_days"),
        ("fact: check.wireless.offered, is:", "fact: check.wireless.offered, at_most:", "cannot be asked"),
    ):
        assert before in text
        place.write_text(text.replace(before, after, 1), encoding="utf-8")
        with pytest.raises(BadInput, match=said) as refused:
            read_pack(place)
        assert str(refused.value).startswith(f"{place}:")


def test_articles_named_elsewhere_exist() -> None:
    known = {f"{pack.id}/{article.number}" for pack in packs() for article in pack.articles}
    named = {name for pack in packs() for article in pack.articles for name in article.same_as}
    named |= {name.removesuffix(".mark") for question in QUESTIONS for name in question.articles}
    assert named - known == set()
    items = [item.name for question in QUESTIONS for item in question.items]
    assert len(items) == len(set(items)), "an item's name has one meaning"
