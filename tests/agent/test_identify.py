"""`muster identify`: lines in, lines out, and what it says of lines that make no sense."""

import json

import pytest
from click.testing import CliRunner

from agent.cli.identify import identify, read_line
from inventory.exits import BadInput, Exit


def run(*arguments, text=None):
    return CliRunner().invoke(identify, [str(argument) for argument in arguments], input=text)


def answers(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


BANNER = {"id": "a", "source": "telnet", "input": "MikroTik v6.42.7 (stable)\r\nLogin:", "split": "ignored"}
AGENT = {
    "id": "b",
    "oids": {
        ".1.3.6.1.2.1.1.2.0": ".1.3.6.1.4.1.368.1.1",
        "1.3.6.1.2.1.1.1.0": "; AXIS M3106-L; Network Camera; 9.80.1; Apr 18 2020 18:48; 951.2; 1",
        "1.3.6.1.2.1.2.2.1.6.2": "hex:accc8e010203",
        "1.3.6.1.2.1.1.7.0": 72,
        "1.3.6.1.4.1.2435.2.3.9.4.2.1.5.5.8.0": ["00", "01"],
    },
}


def test_one_answer_for_each_line(tmp_path):
    path = tmp_path / "lines.jsonl"
    path.write_text(json.dumps(BANNER) + "\n\n" + json.dumps(AGENT) + "\n")
    result = run(path)
    assert result.exit_code == Exit.OK
    first, second = answers(result)
    assert first["id"] == "a"
    assert (first["vendor"], first["version"], first["device_class"]) == ("MikroTik", "6.42.7", "router")
    assert first["serial"] is None
    assert any("mikrotik.telnet" in reason for reason in first["because"])
    assert (second["vendor"], second["model"], second["version"]) == ("Axis", "AXIS M3106-L", "9.80.1")
    assert second["serial"] == "ac:cc:8e:01:02:03"
    assert second["device_class"] == "camera"


def test_standard_input_and_silence():
    result = run("-", text='{"id": 7, "source": "ftp", "input": "FTP server ready."}\n')
    assert answers(result) == [
        {
            "id": "7",
            "vendor": None,
            "model": None,
            "version": None,
            "serial": None,
            "device_class": None,
            "because": [],
        }
    ]


@pytest.mark.parametrize(
    "line",
    ["{", "[1]", '"text"', "{}", '{"id": "x"}', '{"id": "x", "source": 1, "input": "y"}',
     '{"id": null, "oids": {}}',
     '{"id": "x", "body_hex": "zz"}', '{"id": "x", "body_hex": "00"}', "[" * 100_000],
)  # fmt: skip
def test_a_bad_line_is_named_and_the_rest_goes_on(line):
    result = run("-", text=f"{line}\n{json.dumps(BANNER)}\n")
    assert [one["id"] for one in answers(result)] == ["a"]
    assert "-:1: " in result.stderr
    assert isinstance(result.exception, BadInput)
    assert result.exception.exit_code == Exit.BAD_INPUT


def test_bytes_that_are_not_text_are_a_bad_line(tmp_path):
    path = tmp_path / "lines.jsonl"
    path.write_bytes(b'{"id": "x", "source": "ftp", "input": "\xff\xfe"}\n')
    result = run(path)
    assert isinstance(result.exception, BadInput)
    assert result.stdout == ""


def test_a_missing_file_is_one_clear_line(tmp_path):
    result = run(tmp_path / "none.jsonl")
    assert isinstance(result.exception, BadInput)
    assert "none.jsonl" in str(result.exception)


def test_it_wants_exactly_one_input(tmp_path):
    assert run().exit_code == Exit.USAGE
    assert run("-", "--snmpwalk", tmp_path / "walk").exit_code == Exit.USAGE


WALK = """\
.1.3.6.1.2.1.1.1.0 = STRING: "ArubaOS (MODEL: 7205), Version 8.5.0.3
 (72498)"
.1.3.6.1.2.1.1.2.0 = OID: .1.3.6.1.4.1.14823.1.1.23
.1.3.6.1.2.1.1.3.0 = Timeticks: (123) 0:00:01.23
.1.3.6.1.2.1.2.2.1.6.1 = Hex-STRING: 00 0B 86 01 02 03
.1.3.6.1.2.1.47.1.1.1.1.5.1 = INTEGER: chassis(3)
.1.3.6.1.2.1.47.1.1.1.1.11.1 = STRING: "CP0001234"
.1.3.6.1.2.1.47.1.1.1.1.13.1 = No Such Instance currently exists at this OID
"""


def test_a_walk_of_net_snmp_is_read(tmp_path):
    path = tmp_path / "switch.walk"
    path.write_text(WALK)
    (told,) = answers(run("--snmpwalk", path))
    assert told["id"] == "switch.walk"
    assert (told["vendor"], told["model"], told["version"]) == ("Aruba", "7205", "8.5.0.3")
    assert told["serial"] == "CP0001234"


def test_a_walk_by_names_keeps_the_system_group(tmp_path):
    path = tmp_path / "named.walk"
    path.write_text(
        "SNMPv2-MIB::sysDescr.0 = STRING: RouterOS RB750\nSNMPv2-MIB::sysUpTime.0 = Timeticks: (1) 0\n"
    )
    (told,) = answers(run("--snmpwalk", path))
    assert told["model"] == "RB750"


def test_a_file_that_is_no_walk_is_said_to_be_none(tmp_path):
    path = tmp_path / "x"
    path.write_text("hello\n")
    assert isinstance(run("--snmpwalk", path).exception, BadInput)


def test_an_ipp_reply_is_read():
    def attribute(tag, name, value):
        return bytes((tag,)) + len(name).to_bytes(2, "big") + name + len(value).to_bytes(2, "big") + value

    body = b"\x02\x00\x00\x00\x00\x00\x00\x01\x04"
    body += attribute(0x41, b"printer-make-and-model", b"EPSON WF-7000 Series")
    body += attribute(0x41, b"printer-device-id", b"MFG:EPSON;MDL:WF-7000 Series;CLS:PRINTER;SN:X5DU000001;")
    body += attribute(0x41, b"printer-firmware-string-version", b"20.44.NU25M8") + b"\x03"
    name, _facts, source = read_line(json.dumps({"id": "p", "body_hex": body.hex()}).encode())
    assert (name, source) == ("p", "ipp")
    result = run("-", text=json.dumps({"id": "p", "body_hex": body.hex()}) + "\n")
    (told,) = answers(result)
    assert (told["vendor"], told["version"], told["serial"]) == ("Epson", "20.44.NU25M8", "X5DU000001")
    assert told["device_class"] == "printer"
