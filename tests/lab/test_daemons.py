"""The real daemons of the lab: each installed one answers, none prints, every login is noted."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from lab.daemons import DAEMONS, missing
from tests.lab.conftest import Lab

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("namespaces")]

# name in the persona: (settings, port in truth)
SERVED = {
    "snmpd": ("port: 161, community: public, sys_descr: A box", "udp/161"),
    "dropbear": ("port: 22, accounts: {admin: admin}", "tcp/22"),
    "ippeveprinter": ("port: 631, name: Office Printer, manufacturer: Acme, model: P1", "tcp/631"),
    "p910nd": ("port: 9100", "tcp/9100"),
    "minidlna": ("port: 8200, name: Media box, model: MB1", "tcp/8200"),
    "vsftpd": ("port: 21, anonymous: yes, banner: Welcome", "tcp/21"),
    "telnetd": ("port: 23, banner: Door controller", "tcp/23"),
    "mosquitto": ("port: 1883", "tcp/1883"),
    "lldpd": ("description: Switch X", ""),
}

# Asks every TCP port for its first words, then tries a login each over FTP and SSH.
VISIT = """
import ftplib, json, socket, sys
words = {}
for place in sys.argv[1:]:
    ip, _, port = place.partition(":")
    with socket.create_connection((ip, int(port)), 3) as client:
        client.settimeout(0.5)
        try:
            words[place] = client.recv(100).decode("latin-1")
        except TimeoutError:
            words[place] = ""
for place in sys.argv[1:]:
    ip, _, port = place.partition(":")
    if port == "21":
        with ftplib.FTP(timeout=5) as ftp:
            ftp.connect(ip)
            ftp.login()
print(json.dumps(words))
"""


def test_every_daemon_is_tried_here() -> None:
    assert set(SERVED) == {daemon.name for daemon in DAEMONS}


def test_installed_daemons_answer_and_waste_no_paper(lab: Lab, tmp_path: Path) -> None:
    installed = [daemon for daemon in DAEMONS if not missing(daemon)]
    if not installed:
        pytest.skip("none of the lab's daemons is installed")
    topology, personas = office_of([daemon.name for daemon in installed], tmp_path)
    health = tmp_path / "health.json"
    places = [
        f"10.30.0.{number}:{SERVED[daemon.name][1].removeprefix('tcp/')}"
        for number, daemon in enumerate(installed, 10)
        if daemon.transport == "tcp"
    ]
    ran = lab(
        *("run", "--topology", str(topology), "--personas", str(personas)),
        *("--health", str(health), "--", sys.executable, "-c", VISIT, *places),
    )
    assert ran.returncode == 0, ran.stderr
    words = " ".join(json.loads(ran.stdout).values())
    greetings = {"dropbear": "SSH-2.0-dropbear", "vsftpd": "220 Welcome", "telnetd": "\xff"}
    for name, greeting in greetings.items():
        if name in {daemon.name for daemon in installed}:
            assert greeting in words
    report = json.loads(health.read_text())
    assert report["paper_bytes"] == 0
    assert report["faults"] == []
    left_out = [words for words in report["left_out"] if not words.startswith("lldpd")]
    assert left_out == []
    if "vsftpd" in {daemon.name for daemon in installed}:
        assert report["logins_accepted"] >= 1


@pytest.mark.skipif(shutil.which("p910nd") is None, reason="p910nd is not installed")
def test_a_byte_sent_to_the_raw_print_port_is_counted_as_paper(lab: Lab, tmp_path: Path) -> None:
    topology, personas = office_of(["p910nd"], tmp_path)
    send = (
        "import socket; client = socket.create_connection(('10.30.0.10', 9100), 3); "
        "client.sendall(b'hello'); client.shutdown(1); client.recv(1)"
    )
    health = tmp_path / "health.json"
    ran = lab(
        *("run", "--topology", str(topology), "--personas", str(personas)),
        *("--health", str(health), "--", sys.executable, "-c", send),
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(health.read_text())["paper"] == {"p910nd-1": 5}
    assert "paper used: 5 bytes" in ran.stderr


@pytest.mark.skipif(shutil.which("dbclient") is None, reason="dbclient is not installed")
def test_logins_at_a_daemon_are_noted_without_their_passwords(lab: Lab, tmp_path: Path) -> None:
    topology, personas = office_of(["dropbear"], tmp_path)
    books = tmp_path / "books"
    login = "DROPBEAR_PASSWORD=admin dbclient -y -y admin@10.30.0.10 true"
    ran = lab(
        *("run", "--topology", str(topology), "--personas", str(personas)),
        *("--logbooks", str(books), "--", "sh", "-c", login),
    )
    assert "logins tried: 1" in ran.stderr, ran.stderr
    kept = [path for path in books.rglob("*") if path.is_file()]
    assert kept
    assert not any(path.name in ("passwd", "shadow", "hostkey") for path in kept)


def office_of(names: list[str], folder: Path) -> tuple[Path, Path]:
    personas = folder / "personas"
    personas.mkdir()
    devices = []
    for number, name in enumerate(names, 10):
        settings, port = SERVED[name]
        (personas / f"{name}.yaml").write_text(
            f'persona: {name}\ntitle: {name}\noui: "00:26:73"\nhostname: {name}\nconnection: wired\n'
            f"serves: [{{daemon: {name}, {settings}}}]\n"
            f"truth: {{device_class: other, default_login: no, in_scope: yes, ports: [{port}]}}\n",
            encoding="utf-8",
        )
        devices.append(f"  - {{device: {name}-1, persona: {name}, segment: office, ip: 10.30.0.{number}}}\n")
    topology = folder / "daemons.yaml"
    topology.write_text(
        "topology: daemons\nsegments: {office: {network: 10.30.0.0/24}}\n"
        "vantages: {admin: {segment: office, ip: 10.30.0.250}}\ndevices:\n" + "".join(devices),
        encoding="utf-8",
    )
    return topology, personas
