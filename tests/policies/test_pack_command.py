"""`muster pack` in both languages and all forms."""

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from inventory.exits import UsageFault
from inventory.language import choose
from policies.cli import pack
from policies.pack import packs


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    choose("en")
    yield
    choose("en")


def call(*words: str) -> str:
    return CliRunner().invoke(pack, words, catch_exceptions=False).stdout


def test_the_list_names_every_pack_with_its_edition() -> None:
    rows = json.loads(call("list", "--format", "json"))
    assert {(row["pack"], row["edition"]) for row in rows} == {
        ("guideline-2024", "2024-12-27"),
        ("guideline-2022", "2022-05-11"),
        ("tsa-2022", "2022-09-21"),
        ("twse", "2025-04-11"),
        ("supply-chain", "2026-11-21"),
    }
    assert [row["pack"] for row in rows if not row["default"]] == [
        "guideline-2022",
        "supply-chain",
        "tsa-2022",
    ]


def test_a_pack_shows_its_articles_in_their_order() -> None:
    rows = json.loads(call("show", "guideline-2024", "--format", "json"))
    assert [row["number"] for row in rows] == [str(number) for number in range(21, 31)]
    assert call("show", "twse", "--format", "csv").splitlines()[1].startswith("m-a,")


def test_every_article_can_be_shown_in_both_languages() -> None:
    for language, summary in (("en", "summary.en"), ("zh_TW", "summary.zh")):
        choose(language)
        for each in packs():
            for article in each.articles:
                shown = call("show", each.id, article.number)
                assert getattr(article.summary, summary.removeprefix("summary.")) in shown
                assert all(rule in shown for rule in article.rules)
                assert "{" not in shown, "a sentence says what each fact is called, not its name"
    assert "login-required  (應, 高, " in call("show", "guideline-2024", "24")
    whole = json.loads(call("show", "guideline-2024", "25", "--format", "json"))
    assert whole["title"] == "設備連線控管"


def test_an_unknown_pack_or_article_is_told_with_those_there_are() -> None:
    with pytest.raises(UsageFault, match="there is no pack 'gdpr'; there are guideline-2024"):
        call("show", "gdpr")
    with pytest.raises(UsageFault, match="twse has no article 22; it has m-a, m-b"):
        call("show", "twse", "22")
