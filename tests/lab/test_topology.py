"""Which topologies and personas are taken, and which are refused, where and why."""

import csv
import io
import json
from pathlib import Path

import pytest

from lab import topology
from lab.errors import BadFile
from lab.persona import load_persona, load_personas
from lab.plan import attached_to, gateway_mac, make_plan
from lab.topology import load_office
from lab.truth import truth_as_json, truth_of
from tests.lab.conftest import OFFICE, TWO_ROOMS, Lab

TEXT = (OFFICE / "two-rooms.yaml").read_text(encoding="utf-8")
PERSONA = (OFFICE / "personas" / "web-box.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("ip: 10.20.10.12", "ip: 10.20.10.11", "10.20.10.11 is taken by box-1"),
        ("ip: 10.20.10.12", "ip: 10.20.10.250", "10.20.10.250 is taken by admin"),
        ("ip: 10.20.10.12", "ip: 10.20.10.1", "taken by the gateway of office"),
        ("ip: 10.20.10.12", "ip: 10.20.20.12", "not a host address of 10.20.10.0/24"),
        ("ip: 10.20.10.12", "ip: 10.20.10.255", "not a host address"),
        ("ip: 10.20.10.12", "ip: box", "is not an IPv4 address"),
        ('mac: "00:26:73:00:00:12"', 'mac: "01:26:73:00:00:12"', "not a station's MAC"),
        (
            "persona: web-box, segment: office, ip: 10.20.10.12",
            "persona: x, segment: office",
            "unknown persona 'x'",
        ),
        ("device: box-2", "device: box-1", "'box-1' exists already"),
        ("device: box-2", "dvice: box-2", "unknown key 'dvice'"),
        ("segment: iot, ip: 10.20.20.21", "segment: lab, ip: 10.20.20.21", "unknown segment 'lab'"),
        ("ip: 10.20.20.21", "ip: 10.20.20.21, port: gw-7", "a port looks like sw1/7"),
        ("ip: 10.20.20.21", "ip: 10.20.20.21, port: sw9/7", "no device is called 'sw9'"),
        ("ip: 10.20.20.21", "router: yes", "router already"),
        ("network: 10.20.20.0/24", "network: 10.20.10.128/25", "overlaps office"),
        ("network: 10.20.20.0/24", "network: 8.8.8.0/24", "must be a private network"),
        ("network: 10.20.20.0/24", "network: 10.20.20.0", "a /16 to a /29"),
        ("ports: [tcp/80]", "ports: [http]", "a rule's port is"),
        ("ports: [tcp/80]", "ports: [tcp/0]", "a rule's port is"),
        ("from: iot", "from: attic", "'from' must be one of"),
        ("manages: yes", "manages: maybe", "must be yes or no"),
    ],
)
def test_a_wrong_topology_is_refused_with_file_and_line(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    assert TEXT.count(old) == 1
    file = tmp_path / "wrong.yaml"
    file.write_text(TEXT.replace(old, new), encoding="utf-8")
    line = 1 + TEXT[: TEXT.index(old)].count("\n")
    with pytest.raises(BadFile) as refused:
        load_office(file, load_personas(OFFICE / "personas"))
    assert words in str(refused.value)
    place, _, _ = str(refused.value).partition(": ")
    assert place.startswith(f"{file}:")
    assert place == f"{file}:{line}"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("port: 80", "port: 0", "'port' must be an integer from 1 to 65535"),
        ("protocol: quiet", "protocol: gopher", "unknown protocol 'gopher'"),
        ("protocol: quiet", "daemon: gopher", "unknown daemon 'gopher'"),
        ("greeting:", "greting:", "greting"),
        ("ports: [tcp/80]", "ports: [tcp/81]", "truth.ports says [tcp/81] but it serves [tcp/80]"),
        ('oui: "00:26:73"', "oui: 26:73", "'oui' must look like 00:26:73"),
        ("connection: wired", "connection: glued", "must be one of wired"),
        ("device_class: printer", "device_class: toaster", "must be one of printer"),
        ('"22": breach', '"22": maybe', "must be one of compliant"),
        ("connection: wired", "connection: wired\nsilent: yes", "a silent device serves nothing"),
        ("title:", "titel:", "unknown key 'titel'"),
    ],
)
def test_a_wrong_persona_is_refused_with_file_and_line(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(PERSONA.replace(old, new), encoding="utf-8")
    with pytest.raises(BadFile) as refused:
        load_persona(file)
    assert words in str(refused.value)
    assert str(refused.value).startswith(f"{file}:")


def test_a_bad_file_ends_the_command_with_one_line_and_its_code(lab: Lab, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("topology: [\n", encoding="utf-8")
    for arguments in (
        ("run", "--topology", str(broken), "--", "true"),
        ("run", "--topology", "nowhere", "--", "true"),
        ("run", *TWO_ROOMS[:2], "--personas", str(tmp_path / "absent"), "--", "true"),
        ("run", *TWO_ROOMS, "--at", "the-moon", "--", "true"),
        ("truth", "--topology", str(broken)),
    ):
        ran = lab(*arguments)
        assert ran.returncode == 3, arguments
        assert len(ran.stderr.strip().splitlines()) == 1, ran.stderr
        assert ran.stdout == ""


@pytest.mark.parametrize("name", sorted(path.stem for path in topology.FOLDER.glob("*.yaml")))
def test_each_topology_of_ours_loads_and_always_tells_the_same_truth(name: str) -> None:
    personas = load_personas()
    plans = [make_plan(load_office(topology.FOLDER / f"{name}.yaml", personas)) for _ in range(2)]
    assert truth_as_json(plans[0]) == truth_as_json(plans[1])
    assert plans[0].office.name == name


def test_the_demonstration_office_is_as_large_and_as_wrong_as_promised() -> None:
    office = load_office(topology.DEFAULT, load_personas())
    truth = truth_of(make_plan(office))
    assert {segment.name for segment in office.segments} >= {"office", "iot", "server", "guest", "quarantine"}
    assert len(office.devices) >= 45
    assert len({device.persona.name for device in office.devices}) >= 20
    assert any(rule.wrong and "tcp/445" in rule.ports for rule in office.rules)
    assert any(device.persona.fragile for device in office.devices)
    seen_by = [device["visible"] for device in truth["devices"]]
    assert seen_by.count("tables") >= 2
    assert seen_by.count("arp") >= 1
    assert seen_by.count("nothing") >= 1
    serials = [device["serial"] for device in truth["devices"] if device["model"] == "IM C3000"]
    assert len(serials) == len(set(serials)) == 3


def test_a_switch_has_learned_its_neighbours_and_those_behind_them_but_hears_only_neighbours() -> None:
    office = load_office(topology.DEFAULT, load_personas())
    by_name = {device.name: device for device in office.devices}
    core = attached_to(office, by_name["sw-core"])
    port_of = {seen.mac: seen for seen in core}
    assert port_of[by_name["sw-3f"].mac].port == 23
    assert port_of[by_name["sw-3f"].mac].lldp
    behind = port_of[by_name["mfp-3f-1"].mac]
    assert behind.port == 23
    assert not behind.lldp
    assert port_of[gateway_mac(office, office.segments[0])].port == 1
    access = attached_to(office, by_name["sw-3f"])
    assert [seen.port for seen in access if seen.mac == by_name["mfp-3f-1"].mac] == [1]


def test_the_truth_comes_as_a_table_as_json_and_as_csv(lab: Lab) -> None:
    rows = list(csv.reader(io.StringIO(lab("truth", *TWO_ROOMS, "--format", "csv").stdout)))
    devices = json.loads(lab("truth", *TWO_ROOMS, "--format", "json").stdout)["devices"]
    assert rows[0][0] == "DEVICE"
    assert [row[0] for row in rows[1:]] == [device["device"] for device in devices]
    assert all(row[0] in lab("truth", *TWO_ROOMS).stdout for row in rows)
