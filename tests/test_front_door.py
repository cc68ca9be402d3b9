"""The front door: every row of the table opens, help is quick and light, errors are one line."""

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

from muster import COMMANDS

MUSTER = [sys.executable, "-m", "muster"]


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*MUSTER, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "LC_ALL": "C.UTF-8", **environment},
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_is_there_and_documented(name: str) -> None:
    module, _colon, attribute = COMMANDS[name].place.partition(":")
    command = getattr(import_module(module), attribute)
    assert isinstance(command, click.Command)
    assert command.help


@pytest.mark.parametrize(
    ("words", "light"), [("--help", ("agent", "inventory.types")), ("assess --help", ()), ("plan new -h", ())]
)
def test_help_imports_nothing_heavy(words: str, light: tuple[str, ...]) -> None:
    script = (
        "import sys, json\n"
        f"sys.argv = ['muster', *{words.split()}]\n"
        "import muster\n"
        "try: muster.main()\n"
        "except SystemExit: pass\n"
        f"heavy = ['textual', 'sqlmodel', 'scapy', 'pydantic', 'numpy', 'rich', 'tui', 'lab', *{light}]\n"
        "print(json.dumps([name for name in heavy if name in sys.modules]))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == []


def test_help_speaks_chinese_when_asked() -> None:
    assert "設備" in run("--lang", "zh_TW", "--help").stdout


def test_help_speaks_the_language_of_the_settings_and_outlives_their_faults(tmp_path: Path) -> None:
    place = tmp_path / "muster.toml"
    config = ("--config", str(place))
    place.write_text('language = "zh_TW"\n', encoding="utf-8")
    assert "汰換" in run(*config, "plan", "new", "--help").stdout
    assert "Plan the replacement" in run(*config, "plan", "new", "--help", MUSTER_LANGUAGE="en").stdout
    for wrong in ('language = 7\nscan = "fast"\n', "no toml"):
        place.write_text(wrong, encoding="utf-8")
        assert "DEVICES" in run(*config, "plan", "new", "--help").stdout
        assert run(*config, "pack", "list").returncode != 0


def test_an_unknown_command_is_refused_in_one_line() -> None:
    done = run("frobnicate")
    assert done.returncode == 2
    assert done.stderr.startswith("muster: ")
    assert "frobnicate" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_group_without_a_word_says_which_words_there_are() -> None:
    done = run("--lang", "zh_TW", "scope")
    assert (done.returncode, done.stdout) == (2, "")
    assert "\n  exempt " in done.stderr


def test_chinese_comes_through_a_terminal_that_cannot_show_it() -> None:
    done = run("--lang", "zh_TW", "doctor", PYTHONIOENCODING="ascii")
    assert done.returncode in (0, 6)
    assert "\\u9805" in done.stdout


@pytest.mark.parametrize("words", [("scan", "--rate", "0"), ("assess", "--on", "yesterday")])
def test_a_wrong_option_is_refused_in_one_line(words: tuple[str, ...]) -> None:
    done = run(*words)
    assert done.returncode == 2
    assert done.stderr.startswith("muster: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_a_full_disk_under_the_output_is_one_line() -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [*MUSTER, "pack", "list"], stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60
        )
    assert done.returncode == 5
    assert done.stderr.startswith("muster: ")
    assert done.stderr.count("\n") == 1


def test_a_reader_that_went_away_is_no_failure() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*MUSTER, "pack", "list"], stdout=writing, stderr=subprocess.PIPE, text=True, check=False, timeout=60
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_missing_configuration_file_is_named(tmp_path: Path) -> None:
    done = run("--config", str(tmp_path / "none.toml"), "register", "list")
    assert done.returncode == 3
    assert "none.toml" in done.stderr


@pytest.mark.parametrize(("line", "named"), [("scan.rats = 5", "rats"), ('language = "zh"', "'zh_TW'")])
def test_a_wrong_setting_is_named(tmp_path: Path, line: str, named: str) -> None:
    config = tmp_path / "muster.toml"
    config.write_text(line, encoding="utf-8")
    done = run("--config", str(config), "register", "list")
    assert done.returncode == 3
    assert named in done.stderr


def test_the_gentle_limits_cannot_be_raised_by_configuration(tmp_path: Path) -> None:
    config = tmp_path / "muster.toml"
    config.write_text("[scan]\nper_host_rate = 4000\n", encoding="utf-8")
    done = run("--config", str(config), "register", "list")
    assert done.returncode == 3
    assert "per_host_rate" in done.stderr


def test_the_language_of_the_settings_is_spoken_unless_another_is_asked_for(tmp_path: Path) -> None:
    config = tmp_path / "muster.toml"
    config.write_text('language = "zh_TW"\n', encoding="utf-8")
    missing = str(tmp_path / "none.sqlite")
    chinese = run("--config", str(config), "--register", missing, "register", "list")
    english = run("--config", str(config), "--lang", "en", "--register", missing, "register", "list")
    assert chinese.returncode == english.returncode == 5
    assert chinese.stderr != english.stderr
