"""muster.toml, changed by a program and still a person's file."""

import pytest

from inventory.exits import BadInput
from inventory.settings_file import change
from inventory.types import DeviceClass

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
