"""What an operator may write as a target, and the one clear line where it makes no sense."""

from pathlib import Path

import pytest

from agent.ranges import addresses, written
from inventory.exits import BadInput, UsageFault


@pytest.mark.parametrize(
    ("targets", "count"),
    [
        (("192.0.2.0/28",), 16),
        (("192.0.2.5-9",), 5),
        (("192.0.2.5-192.0.2.9", "192.0.2.7"), 5),
        (("192.0.2.1,192.0.2.1,192.0.2.0/30",), 4),
        (("192.0.2.0/25", "192.0.2.128/25", "192.0.2.3"), 256),
    ],
)
def test_overlapping_and_repeated_targets_are_one_set(targets: tuple[str, ...], count: int) -> None:
    assert len(addresses(targets)) == count


@pytest.mark.parametrize(
    "target",
    ["printer.local", "224.0.0.1", "255.255.255.255", "0.0.0.0", "0.0.0.0/0", "192.0.2.9-3", "192.0.2.1/40",
     "", "192.0.2.300", "ff02::1", "2001:db8::/64"],
)  # fmt: skip
def test_what_is_nobodys_address_is_refused_by_name(target: str) -> None:
    with pytest.raises(UsageFault) as fault:
        addresses([target])
    assert "\n" not in str(fault.value)
    assert target.partition("-")[0] in str(fault.value)


def test_a_file_of_targets_is_read_and_its_wrong_line_named(tmp_path: Path) -> None:
    file = tmp_path / "targets.txt"
    file.write_text("# the office\n192.0.2.0/30\n\n192.0.2.9  # the printer\n", encoding="utf-8")
    assert written([f"@{file}", "192.0.2.20"]) == ("192.0.2.0/30", "192.0.2.9", "192.0.2.20")
    file.write_text("192.0.2.0/30\nnonsense\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"targets\.txt:2: "):
        written([f"@{file}"])
    with pytest.raises(BadInput, match="No such file"):
        written([f"@{tmp_path / 'missing'}"])
