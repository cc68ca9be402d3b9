"""A firm's own pack: made by a command, refused where it is wrong, judged like the others."""

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from inventory.exits import BadInput
from inventory.settings import Settings
from inventory.types import VerdictOutcome
from muster import cli
from policies.judge import judge
from policies.pack import chosen_packs
from tests.policies.dossiers import perfect


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    assert (
        call("pack", "new", "house") == "house.yaml is written; try it with `muster pack check house.yaml`\n"
    )
    return tmp_path / "house.yaml"


def call(*words: str) -> str:
    done = CliRunner().invoke(cli, ["--lang", "en", *words])
    return done.output + str(done.exception or "")


def test_a_new_pack_is_sound_and_judges(place: Path) -> None:
    assert "1 rules of its own, 3 examples hold" in call("pack", "check", "house.yaml")
    (house,) = chosen_packs(["house"], [str(place)])
    outcomes = {each.rule: each.outcome for each in judge(perfect(), house, date(2026, 7, 1))}
    assert outcomes == {
        "encryption-sound": VerdictOutcome.UNDETERMINED,
        "no-upnp": VerdictOutcome.COMPLIANT,
    }


def test_a_pack_named_in_the_settings_is_judged_by_default_and_listed(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place.parent / "muster.toml").write_text('packs = ["house.yaml"]\n')
    assert [pack.id for pack in chosen_packs((), [str(place)])][-1] == "house"
    assert Settings.model_fields["packs"].default == ()
    rows = json.loads(call("pack", "list", "--format", "json"))
    assert [(row["pack"], row["rules"]) for row in rows][-1] == ("house", 2)
    assert "no-upnp" in call("pack", "show", "house", "1")


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("breach: {facts: {check.exposure.risky: [upnp]}}", "breach: {facts: {check.exposure.risky: [ftp]}}",
         "no-upnp: breach example 1 is undetermined"),
        ("id: no-upnp", "id: no-risky-services", "comes with Muster"),
        ("includes: [upnp]", "contains: [upnp]", "breach.contains"),
        ("rules: [encryption-sound]", "rules: [encryption-sund]", "there is no rule 'encryption-sund'"),
        ("id: house\n", "id: twse\n", "there is a pack twse already"),
    ],
)  # fmt: skip
def test_a_wrong_pack_is_refused_with_its_place(place: Path, was: str, becomes: str, said: str) -> None:
    text = place.read_text(encoding="utf-8")
    assert was in text
    place.write_text(text.replace(was, becomes), encoding="utf-8")
    with pytest.raises(BadInput, match=r"house\.yaml:\d+: .*" + said) as refused:
        chosen_packs((), [str(place)])
    assert "\n" not in str(refused.value), "one fault is one line"


def test_nothing_is_overwritten_and_a_missing_file_is_named(place: Path) -> None:
    before = place.read_bytes()
    assert "is there already" in call("pack", "new", "house")
    assert "small letters" in call("pack", "new", "House Rules")
    assert place.read_bytes() == before
    with pytest.raises(BadInput, match="no such pack file"):
        chosen_packs((), ["gone.yaml"])
    assert "no such pack file" in call("pack", "check", "twse")
