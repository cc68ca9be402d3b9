"""`muster doctor` and `muster sweep` at the command line."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from agent.cli import doctor as doctor_module
from agent.cli.doctor import doctor
from agent.cli.sweep import port_numbers, sweep
from inventory.console import Session
from inventory.exits import Exit, MusterError, UsageFault
from inventory.register import Register
from inventory.types import Scope, SystemClock


def test_the_doctor_says_for_each_part_whether_it_is_there_and_what_to_do(tmp_path: Path) -> None:
    session = Session(register_url=str(tmp_path / "register.sqlite"))
    result = CliRunner().invoke(doctor, ["--format", "json"], obj=session)
    rows = {row["what"]: row for row in json.loads(result.output)}
    assert {"Python", "Register", "ip", "CAP_NET_RAW", "nmap"} <= set(rows)
    assert all(row["remedy"] for row in rows.values() if row["state"] != "ok")
    assert not (tmp_path / "register.sqlite").exists()


def test_the_doctor_ends_with_its_code_when_something_required_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor_module.shutil, "which", lambda _name: None)
    result = CliRunner().invoke(doctor, [], obj=Session(register_url=str(tmp_path / "r.sqlite")))
    assert result.exit_code == Exit.UNAVAILABLE
    assert "apt install iproute2" in result.output


def test_ports_as_people_write_them() -> None:
    assert port_numbers("80,22,8000-8002,80") == (22, 80, 8000, 8001, 8002)


@pytest.mark.parametrize("text", ["", "http", "0", "65536", "90-80", "1,,2", "-5"])
def test_ports_that_make_no_sense_are_refused_by_name(text: str) -> None:
    with pytest.raises(UsageFault):
        port_numbers(text)


@pytest.mark.parametrize("option", ["--rate", "--per-host"])
@pytest.mark.parametrize("value", ["max", "100000"])
def test_the_caps_are_never_raised_without_a_scope_that_lifts_them(
    tmp_path: Path, option: str, value: str
) -> None:
    place = str(tmp_path / "register.sqlite")
    with Register.open(place, SystemClock()) as register:
        register.add_scope(Scope("10.1.0.0/24", "hq", "office"), by="test")
    arguments = ["10.1.0.9", "--ports", "80", option, value]
    result = CliRunner().invoke(sweep, arguments, obj=Session(register_url=place))
    assert isinstance(result.exception, MusterError)
    assert result.exception.exit_code == Exit.NOT_ALLOWED
    assert option in str(result.exception)


def test_a_sweep_outside_every_scope_is_refused(tmp_path: Path) -> None:
    place = str(tmp_path / "register.sqlite")
    Register.open(place, SystemClock()).close()
    result = CliRunner().invoke(sweep, ["10.1.0.9", "--ports", "80"], obj=Session(register_url=place))
    assert isinstance(result.exception, MusterError)
    assert "muster scope add" in str(result.exception)
