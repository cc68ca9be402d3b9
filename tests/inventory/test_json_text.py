"""JSON on a screen neither steers the terminal nor hides anything, and loses nothing."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from agent.cli.identify import identify
from inventory.json_text import HIDING, escaped, json_text

HOSTILE = "X\x1b[2J\x9b31m\u202e\u200b\u2066\ufeff"


@pytest.mark.parametrize("text", [HOSTILE, "\udce9", "三樓影印機\u3000A", "\U000e0041"])
def test_hidden_characters_are_escaped_and_come_back(text: str) -> None:
    written = json_text({"model": text})
    assert json.loads(written) == {"model": text}
    assert written.replace("\u3000", " ").isprintable()


def test_letters_stay_letters() -> None:
    assert "影印機" in json_text(["影印機"])


def test_a_hostile_banner_does_not_reach_the_screen(tmp_path: Path) -> None:
    lines = tmp_path / "lines.jsonl"
    lines.write_text(json.dumps({"id": HOSTILE, "source": "upnp.modelName", "input": f"A1{HOSTILE}"}) + "\n")
    said = CliRunner().invoke(identify, [str(lines)])
    assert said.exit_code == 0
    assert said.output.rstrip("\n").isprintable()


def test_whatever_is_escaped_begins_with_a_byte_that_gives_it_away() -> None:
    """A quick look at the bytes decides whether a text is looked through at all."""
    every = map(chr, (*range(0x20, 0xD800), *range(0xE000, 0x110000)))
    begun = {each.encode()[:1] for each in every if escaped(each) != each}
    assert begun == set(HIDING)
