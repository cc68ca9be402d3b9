"""The one YAML reader: text stays text, and every error names file and line."""

from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, TypeAdapter

from inventory import strict_yaml
from inventory.exits import BadInput


class Row(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: str
    supported: bool = False
    until: date | None = None


ROWS = TypeAdapter(list[Row])
ANYTHING = TypeAdapter(object)


def refusal(text: str, shape: TypeAdapter[object] = ROWS) -> str:  # type: ignore[assignment]
    with pytest.raises(BadInput) as caught:
        strict_yaml.parse(text, shape, name="rows.yaml")
    return str(caught.value)


@pytest.mark.parametrize("written", ["17.10", "0000", "no", "on", "1e3", "2024-01-01", "~", "0x1f", "1_000"])
def test_a_scalar_means_what_it_looks_like(written: str) -> None:
    (row,) = strict_yaml.parse(f"- version: {written}\n", ROWS, name="rows.yaml")
    assert row.version == written


def test_the_model_gives_the_types() -> None:
    (row,) = strict_yaml.parse("- {version: '1', supported: yes, until: 2026-06-30}", ROWS, name="rows.yaml")
    assert (row.supported, row.until) == (True, date(2026, 6, 30))


@pytest.mark.parametrize(
    ("text", "place", "word"),
    [
        ("- version: '1'\n  version: '2'\n", "rows.yaml:2:", "version"),
        ("- version: '1'\n- version: '2'\n  vendor: x\n", "rows.yaml:3:", "vendor"),
        ("- version: '1'\n- supported: yes\n", "rows.yaml:2:", "version"),
        ("- version: '1'\n  until: 30 June\n", "rows.yaml:2:", "until"),
        ("- version: '1'\n  supported: [\n", "rows.yaml:3:", ""),
        ("- version: '1'\n- !!python/object:os.system x\n", "rows.yaml:2:", ""),
        ("", "rows.yaml:1:", "empty"),
        ("- ? [a]\n  : b\n", "rows.yaml:1:", "key"),
    ],
)
def test_an_error_names_the_line(text: str, place: str, word: str) -> None:
    message = refusal(text)
    assert place in message
    assert word in message


def test_every_problem_is_told_at_once() -> None:
    assert len(refusal("- version: '1'\n  a: x\n- b: y\n").splitlines()) == 3


def test_a_file_that_is_not_there_or_not_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"none\.yaml"):
        strict_yaml.read(tmp_path / "none.yaml", ROWS)
    big5 = tmp_path / "big5.yaml"
    big5.write_bytes("- version: 韌體".encode("big5"))
    with pytest.raises(BadInput, match="UTF-8"):
        strict_yaml.read(big5, ROWS)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(BadInput):  # anything else that is raised fails the test
        strict_yaml.parse(text, ANYTHING, name="any.yaml")
