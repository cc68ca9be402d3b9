"""What the lab's files mean, and how a wrong one is refused."""

from pathlib import Path

import pytest

from lab.errors import BadFile
from lab.reading import Table, read_yaml


def test_scalars_are_what_they_look_like(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("serial: 0000\nversion: 17.10\nanswer: no\nempty:\n", encoding="utf-8")
    table = read_yaml(file)
    assert table.texts_by_key() == {"serial": "0000", "version": "17.10", "answer": "no", "empty": ""}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "'a' is given twice"),
        ("a: 1\nb: [1, 2\n", 3, ""),
        ("a: &x 1\nb: *x\n", 1, "alias"),
        ("a: 1\nb: !!python/object:os.system x\n", 2, "tags"),
        ("- a\n", 1, "must hold a table"),
        ("a: {? [1] : 2}\n", 1, "a key must be text"),
        ("", 1, "must hold a table"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadFile) as refused:
        read_yaml(file)
    assert str(refused.value).startswith(f"{file}:{line}: ")
    assert words in str(refused.value)


def test_a_missing_or_binary_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="cannot be read"):
        read_yaml(tmp_path / "absent.yaml")
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"a: \xff\xfe\n")
    with pytest.raises(BadFile, match="not UTF-8"):
        read_yaml(binary)


def test_placeholders_are_filled_in_values_and_other_braces_stay() -> None:
    table = Table.of({"a": "{mac6} body{color:red} {}", "b": [{"c": "{serial}"}]})
    filled = table.filled({"mac6": "AABBCC", "serial": "S1"}).plain()
    assert filled == {"a": "AABBCC body{color:red} {}", "b": [{"c": "S1"}]}


@pytest.mark.parametrize("value", ["many", "-1", "70000", "1.0", "０"])
def test_a_number_out_of_its_range_is_refused(value: str) -> None:
    with pytest.raises(BadFile, match="must be an integer from 0 to 65535"):
        Table.of({"port": value}).integer("port", most=65535)
