"""muster.toml, changed by a program and still a person's file."""

import pytest

from inventory.exits import BadInput, Conflict, NotAllowed
from inventory.register import Register
from inventory.roles import Role, guarded
from inventory.settings import load
from inventory.settings_file import change
from inventory.types import DeviceClass
from tests.inventory.test_undo import TickingClock

WRITTEN = """# the firm's own
[schedule]
scan = "0 3 * * sun"   # when nobody is here
assess = "0 4 * * sun"

[check]
ending_months = 6
"""


def test_one_value_changes_and_everything_else_stays_as_it_was_written(tmp_path):
    file = tmp_path / "muster.toml"
    file.write_text(WRITTEN)
    settings = change(file, "schedule", {"scan": "0 2 * * mon", "assess": ""})
    assert (settings.schedule.scan, settings.schedule.assess) == ("0 2 * * mon", "")
    expected = WRITTEN.replace("0 3 * * sun", "0 2 * * mon").replace('assess = "0 4 * * sun"\n', "")
    assert file.read_text() == expected


def test_segments_are_meant_for_a_class_and_taken_back(tmp_path):
    file = tmp_path / "folder" / "muster.toml"
    settings = change(file, "check.segments", {"camera": ("iot", "guest")})
    assert settings.check.segments == {DeviceClass.CAMERA: ("iot", "guest")}
    assert change(file, "check.segments", {"camera": ()}).check.segments == {}


@pytest.mark.parametrize(
    ("before", "table", "values"),
    [
        (WRITTEN, "check.segments", {"toaster": ("iot",)}),
        ("[schedule\n", "schedule", {"scan": "0 2 * * mon"}),
        ("schedule = 5\n", "schedule", {"scan": "0 2 * * mon"}),
    ],
)
def test_a_change_that_would_be_wrong_is_not_written(tmp_path, before, table, values):
    file = tmp_path / "muster.toml"
    file.write_text(before)
    with pytest.raises(BadInput, match=r"muster\.toml"):
        change(file, table, values)
    assert file.read_text() == before
    assert list(tmp_path.iterdir()) == [file]


@pytest.fixture
def register():
    with Register.open(":memory:", TickingClock()) as opened:
        yield opened


def test_a_change_by_a_person_stands_in_the_log_and_is_undone_and_redone(tmp_path, register):
    file = tmp_path / "muster.toml"
    file.write_text(WRITTEN)
    register.change_settings(file, "schedule", {"scan": "0 2 * * mon"}, "lin")
    register.change_settings(file, "check.segments", {"camera": ("iot", "guest")}, "lin")
    told = [(one.action, one.subject, dict(one.detail)) for one in register.audit()]
    assert told == [
        ("settings", "muster.toml", {"schedule.scan": "0 3 * * sun → 0 2 * * mon"}),
        ("settings", "muster.toml", {"check.segments.camera": " → iot, guest"}),
    ]
    register.undo("lin")
    register.undo("lin")
    assert (load(file).check.segments, load(file).schedule.scan) == ({}, "0 3 * * sun")
    assert "# when nobody is here" in file.read_text()
    register.undo("chen", 4)
    assert load(file).schedule.scan == "0 2 * * mon"


def test_what_somebody_wrote_into_the_file_since_is_never_undone(tmp_path, register):
    file = tmp_path / "muster.toml"
    register.change_settings(file, "schedule", {"scan": "0 2 * * mon"}, "lin")
    change(file, "schedule", {"scan": "0 5 * * mon", "check": "0 6 * * mon"})
    with pytest.raises(Conflict, match="changed since"):
        register.undo("lin")
    assert load(file).schedule.scan == "0 5 * * mon"
    assert len(register.audit()) == 1
    with pytest.raises(BadInput):
        register.change_settings(file, "schedule", {"scan": "whenever", "toast": "1"}, "lin")
    assert len(register.audit()) == 1


def test_settings_are_an_administrators(tmp_path, register):
    for role in (Role.AUDITOR, Role.FACILITIES):
        with pytest.raises(NotAllowed):
            guarded(register, role).change_settings(tmp_path / "muster.toml", "schedule", {}, "lin")
