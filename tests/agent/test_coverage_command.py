"""`muster coverage`: what is left alone and what is probed all the same stand beside the numbers."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from agent.cli.coverage import coverage
from inventory.console import Session
from inventory.register import Register
from inventory.types import Exemption, Scope, SystemClock

AT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def session(tmp_path: Path) -> Session:
    place = tmp_path / "register.sqlite"
    lasting = Exemption("192.0.2.7", "inspection", "lin", AT)
    over = Exemption("192.0.2.8", "last year's inspection", "lin", AT, date(2026, 1, 31))
    scope = Scope("192.0.2.0/24", "hq", "office", do_not_probe=("class:printer", "192.0.2.7", "192.0.2.8"))
    with Register.open(str(place), SystemClock()) as register:
        register.add_scope(scope, "lin")
        register.change_scope(replace(scope, exemptions=(lasting, over)), "lin")
    return Session(register_url=str(place))


def test_exemptions_in_force_are_stated_with_their_reason_and_ended_ones_are_not(session: Session) -> None:
    (row,) = json.loads(CliRunner().invoke(coverage, ["--format", "json"], obj=session).output)
    assert row["left_alone"] == ["class:printer", "192.0.2.7", "192.0.2.8"]
    assert row["exempt"] == [{"subject": "192.0.2.7", "reason": "inspection", "by": "lin", "until": None}]


def test_the_table_says_it_in_words(session: Session) -> None:
    told = CliRunner().invoke(coverage, [], obj=session).output
    assert "192.0.2.0/24: class:printer is not probed" in told
    assert "192.0.2.0/24: 192.0.2.7 is probed all the same: inspection (lin)" in told
    assert "last year" not in told
