"""What an operator may write as a target, and the one clear line where it makes no sense."""

import json
from pathlib import Path

import pytest

from agent.cli.sweep_plan import say_plan
from agent.faults import BadTarget, OutOfScope
from agent.ranges import addresses, written
from agent.service.plan import plan
from agent.transport.names import is_name
from agent.transport.raw import route
from agent.transport.raw.layouts import Source
from agent.transport.raw.route import Way, Ways
from inventory.exits import BadInput, UsageFault
from inventory.settings import ScanSettings
from inventory.types import Scope

OFFICE = Scope("192.0.2.0/24", "hq", "office")


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


@pytest.mark.parametrize("text", ["printer", "printer-1.office.example", "10.1.0.3O", "fade", "cam_2.local."])
def test_a_name_is_told_from_an_address(text: str) -> None:
    assert is_name(text)


@pytest.mark.parametrize(
    "text", ["10.1.0.3", "10.1.0.3-9", "10.1.0.0/24", "fd00::1", "10.1.0.300", "10.1.*.5", "", "a b", "a/b"]
)
def test_what_is_written_as_an_address_is_no_name(text: str) -> None:
    assert not is_name(text)


def test_a_name_stands_for_those_of_its_addresses_that_are_in_scope(tmp_path: Path) -> None:
    known = {"printer": ("192.0.2.5", "2001:db8::5"), "far.example": ("198.51.100.1", "198.51.100.2")}

    def read(*targets: str) -> tuple[str, ...]:
        return written(targets, lambda ip: ip.startswith("192.0.2."), known.__getitem__)

    assert read("192.0.2.1, printer", "far.example") == ("192.0.2.1,192.0.2.5", "198.51.100.1,198.51.100.2")
    file = tmp_path / "targets.txt"
    file.write_text("printer  # on the first floor\n", encoding="utf-8")
    assert read(f"@{file}") == ("192.0.2.5",)


def test_a_name_that_nobody_knows_is_said_in_one_line() -> None:
    with pytest.raises(UsageFault, match=r"^nobody\.invalid: no address is known by that name"):
        written(["nobody.invalid"])


@pytest.mark.parametrize("target", ["192.0.2.0", "192.0.2.255", "192.0.2.7,192.0.2.255"])
def test_a_network_s_first_and_last_address_are_nobodys(target: str) -> None:
    with pytest.raises(BadTarget, match=r"192\.0\.2\.(0|255) is nobody's address.*192\.0\.2\.0/24"):
        plan([OFFICE], (), [target], ScanSettings())
    assert plan([OFFICE], (), ["192.0.2.0-192.0.2.255"], ScanSettings()).addresses == 254


def test_of_many_targets_the_one_outside_is_named() -> None:
    with pytest.raises(OutOfScope, match=r"^198\.51\.100\.0/28, 2001:db8::1/128 is not in scope") as fault:
        plan([OFFICE], (), ["192.0.2.0/28", "198.51.100.0/28", "2001:db8::1"], ScanSettings())
    assert "192.0.2" not in str(fault.value)


@pytest.mark.parametrize(
    ("connect", "kinds", "packets"),
    [
        (False, {"arp": 3 * 6, "syn": 6 * 3 * 2, "udp": 6 * 2}, 18 + 36 + 12),
        (True, {"connect": 6 * 1 * 4, "udp": 6 * 2}, 24 + 12),  # raw print ports are left out
    ],
)
def test_a_dry_run_says_each_class_of_packet_with_its_ports_and_how_long_it_takes(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    connect: bool,
    kinds: dict[str, int],
    packets: int,
) -> None:
    wire = Way(Source("eth0", "02:00:00:00:00:01", "192.0.2.250"), None)
    monkeypatch.setattr(route, "ways", lambda asked: Ways(((wire, asked),), addresses([])))
    planned = plan([OFFICE], (), ["192.0.2.1-6"], ScanSettings())
    say_plan(planned, ((80, 9100, 9101), (53,)), 1, (10.0, None), "json", connect=connect)
    *rows, whole = map(json.loads, capsys.readouterr().out.splitlines())
    assert {row["kind"]: row["packets"] for row in rows} == kinds
    assert {row["kind"]: row["ports"] for row in rows if row["kind"] in ("syn", "connect")} == (
        {"connect": "80"} if connect else {"syn": "80,9100-9101"}
    )
    plan_of_it = whole["plan"]
    assert (plan_of_it["packets"], plan_of_it["seconds"]) == (packets, packets / 10)
    assert plan_of_it["further_passes"] == (0 if connect else 6)
