"""Messages: each one in the code is translated, with the same blanks, in Taiwan's own words."""

import ast
import re
from itertools import chain
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from inventory import language

ROOT = Path(__file__).parent.parent
CATALOGUE = ROOT / "inventory/language/locale/zh_TW/LC_MESSAGES/muster.po"
ROOMS = ("agent", "inventory", "policies", "tui")
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
MAINLAND_WORDS = ("设备", "软件", "網絡", "信息", "默認", "登錄密碼", "服務器", "打印", "數據", "接口")


def messages_in_the_code() -> set[str]:
    with (ROOT / "inventory/language/babel.cfg").open(encoding="utf-8") as handle:
        methods, options = parse_mapping_cfg(handle)
    found = [extract_from_dir(ROOT / place, methods, options, keywords=KEYWORDS) for place in ROOMS]
    door = extract_from_file(methods_of(methods, "muster.py"), ROOT / "muster.py", keywords=KEYWORDS)
    return {first(each[2]) for each in chain(*found)} | {first(each[1]) for each in door}


def methods_of(methods: list[tuple[str, str]], name: str) -> str:
    return next(method for pattern, method in methods if pattern == name)


def first(message: object) -> str:
    return message if isinstance(message, str) else str(message[0])  # type: ignore[index]


def hidden_messages(path: Path) -> list[str]:
    """Messages inside f-strings, which Babel does not find on Python 3.11: they would stay English."""
    text = path.read_text(encoding="utf-8")
    if not re.search(r"\{[^{}]*\b(_|N_|ngettext)\([\"']", text):
        return []
    return [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for string in ast.walk(ast.parse(text))
        if isinstance(string, ast.JoinedStr)
        for call in ast.walk(string)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in KEYWORDS
        if call.args and isinstance(call.args[0], ast.Constant)
    ]


def test_no_message_hides_in_an_f_string() -> None:
    files = chain.from_iterable((ROOT / room).rglob("*.py") for room in ROOMS)
    assert list(chain.from_iterable(map(hidden_messages, files))) == []


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as handle:
        return read_po(handle, locale="zh_TW")


@pytest.fixture(scope="module")
def translated(catalogue: Catalog) -> dict[str, str]:
    return {first(each.id): first(each.string) for each in catalogue if each.id and each.string}


def test_every_message_of_the_code_is_translated(translated: dict[str, str]) -> None:
    assert sorted(messages_in_the_code() - translated.keys()) == []


def test_no_translation_outlives_its_message(translated: dict[str, str]) -> None:
    assert sorted(translated.keys() - messages_in_the_code()) == []


def test_a_translation_keeps_the_blanks_of_its_message(catalogue: Catalog) -> None:
    """A blank that is lost hides a fact; one that is invented crashes the message."""
    wrong = []
    for each in catalogue:
        if not each.id or not each.string:
            continue
        allowed = {
            blank for text in ([each.id] if isinstance(each.id, str) else each.id) for blank in blanks(text)
        }
        used = set(blanks(first(each.string)))
        if used - allowed or (isinstance(each.id, str) and used != allowed):
            wrong.append(each.id)
    assert wrong == []


def test_the_words_are_those_used_in_taiwan(translated: dict[str, str]) -> None:
    assert [text for text in translated.values() if any(word in text for word in MAINLAND_WORDS)] == []


def test_the_language_can_change_while_running() -> None:
    try:
        assert language.choose("zh_TW") == "zh_TW"
        chinese = language._("Devices")
        assert language.choose("en") == "en"
        assert (chinese, language._("Devices")) == ("設備", "Devices")
    finally:
        language.choose("en")


@pytest.mark.parametrize(
    ("asked", "given"),
    [("zh-TW", "zh_TW"), ("zh_TW.UTF-8", "zh_TW"), ("zh_HK", "zh_TW"), ("en_US.UTF-8", "en"), ("C", "en")],
)
def test_a_locale_is_taken_for_the_nearest_language(asked: str, given: str) -> None:
    try:
        assert language.choose(asked) == given
    finally:
        language.choose("en")


def blanks(text: str) -> list[str]:
    return re.findall(r"\{(\w*)[^{}]*\}", text)
