"""Every word of a closed set has a name in both languages, no screen, list or document shows a code."""

import re
from enum import StrEnum
from pathlib import Path

import pytest

from agent.isolation.expected import Meant
from agent.wireless.expected import Matter
from inventory import language, types
from inventory.facts import WORDS, fact_called, fact_lines, fact_told
from inventory.names import NAMES, Term, called
from inventory.record_names import ACTIONS, article_name, value_called, what_called
from inventory.store import audit
from inventory.types import Attribute, DeviceClass, FindingState, VerdictOutcome

# Vocabularies that nobody is shown word by word: machines exchange them, or another table words them.
NEVER_SHOWN = {
    types.Duty,  # an article's number
    types.IdentifierKind,
    types.Kind,
    types.LineOutcome,
    types.ProbeOutcome,
    types.Tick,  # inventory.records.TICKS
    types.Why,  # inventory.coverage_words
}
ROOT = Path(__file__).parents[2]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
SAID_ALIKE = re.compile(r"[A-Z0-9][\w./／ -]*|rsh/rlogin", re.ASCII)  # SSID, Telnet: alike in all languages


def vocabularies() -> list[type[StrEnum]]:
    every = [getattr(types, name) for name in types.__all__]
    enums = {each for each in every if isinstance(each, type) and issubclass(each, StrEnum)}
    return sorted(enums - NEVER_SHOWN, key=lambda each: each.__name__)


def in_chinese(term: Term) -> bool:
    return bool(CHINESE.search(term.zh)) or bool(SAID_ALIKE.fullmatch(term.zh))


@pytest.fixture
def chinese():
    with language.speaking("zh_TW"):
        yield


@pytest.mark.parametrize("vocabulary", vocabularies(), ids=lambda each: each.__name__)
def test_every_word_of_a_vocabulary_has_a_name_in_both_languages(vocabulary: type[StrEnum]) -> None:
    assert set(NAMES[vocabulary]) == set(vocabulary)
    assert [word for word, term in NAMES[vocabulary].items() if not (term.en and in_chinese(term))] == []


def test_every_word_a_check_or_a_rule_may_say_has_a_name_in_both_languages() -> None:
    said = {word for line in fact_lines().values() for word in line.words}
    assert [word for word in sorted(said) if word not in WORDS or not in_chinese(WORDS[word])] == []
    assert [name for name, line in fact_lines().items() if not (line.en and CHINESE.search(line.zh))] == []


@pytest.mark.parametrize("vocabulary", [Matter, Meant], ids=lambda each: each.__name__)
def test_words_of_the_agents_own_sets_that_screens_show_have_names(vocabulary: type[StrEnum]) -> None:
    assert [word for word in vocabulary if word not in WORDS or not in_chinese(WORDS[word])] == []


def test_everything_the_log_says_was_done_has_a_name() -> None:
    rooms = [*(ROOT / "inventory").glob("*.py"), *(ROOT / "inventory/store").glob("*.py")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in rooms)
    done = set(re.findall(r'(?:_recorded\(\s*|action=)"([^"]+)"', code))
    done |= {audit.CLOCK, *(f"note {kind.value}" for kind in types.Kind)}
    assert len(done) > 20
    assert sorted(done - ACTIONS.keys()) == []


def test_what_a_check_wrote_down_is_told_in_words(chinese) -> None:
    assert fact_called("check.wireless.grade") == "無線安全等級"
    assert fact_told("check.wireless.grade", "weak") == "有弱點"
    assert fact_told("check.wireless.weak", "no-mfp,wep") == "未啟用管理訊框保護、WEP"
    assert fact_told("check.wireless.offered", "yes") == "是"
    assert fact_called("check.wireless") == "無線網路檢測結果"


def test_free_text_and_words_of_a_newer_version_stay_as_they_stand(chinese) -> None:
    assert (
        fact_told("check.wireless.ssids", "open,FIRM") == "open, FIRM"
    )  # a network may be named like a word
    assert fact_told("check.wireless.weak", "wpa9") == "wpa9"
    assert fact_called("check.wireless.new") == "check.wireless.new"
    assert fact_told("check.new.fact", "x") == "x"
    assert value_called(Attribute.VENDOR, "printer") == "printer"
    assert value_called(Attribute.DEVICE_CLASS, "toaster") == "toaster"


def test_what_changed_of_a_record_is_told_in_words(chinese) -> None:
    assert (what_called("owner"), what_called("service tcp/80")) == ("管理人員", "連接埠 tcp/80")
    assert what_called("finding guideline-2024 23 firmware-ended") == "113年指引 第23條缺失"
    assert (value_called("status", "retired"), value_called("finding x", "open")) == ("已除役", "新發現")


def test_an_article_is_named_with_its_pack_where_it_is_not_the_only_one(chinese) -> None:
    assert article_name("22", "en") == "Art. 22"
    assert article_name("twse/m-b", "zh_TW") == "證交所查核 m(b)"
    assert article_name("own-pack/3", "en") == "own-pack Art. 3"


def test_the_name_follows_the_language_in_force() -> None:
    assert (called(DeviceClass.CAMERA), called(FindingState.OPEN)) == ("camera", "new")
    with language.speaking("zh_TW"):
        assert (called(DeviceClass.CAMERA), called(VerdictOutcome.BREACH)) == ("網路攝影機", "不符合")
