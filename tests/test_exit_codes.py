"""docs/exit-codes.md, the enum and the lab's own numbers say the same."""

import re
from pathlib import Path

from inventory.exits import Exit, MusterError
from lab import errors as lab_errors

DOCUMENT = Path(__file__).parent.parent / "docs" / "exit-codes.md"


def test_the_document_lists_every_code() -> None:
    rows = re.findall(r"^\| (\d+) \| ([A-Z_]+) \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    assert {name: int(code) for code, name in rows} == {each.name: each.value for each in Exit}


def test_every_expected_failure_has_a_code_of_its_own() -> None:
    codes = [kind.exit_code for kind in MusterError.__subclasses__()]
    assert len(codes) == len(set(codes))
    assert Exit.OK not in codes


def test_the_lab_uses_the_same_numbers() -> None:
    known = {each.name: each.value for each in Exit}
    assert {each.name: each.value for each in lab_errors.Exit}.items() <= known.items()
