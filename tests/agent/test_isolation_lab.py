"""Isolation measured in pretend offices: the wrong rules are found, the clean office is clean."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_raw_sweep_lab import ROOT, why_not

from lab.persona import FOLDER as PERSONAS
from lab.persona import load_personas
from lab.topology import load_office
from lab.wiring import firewall

TOPOLOGY = """
topology: leaky
title: Three segments, of which two are kept apart, and not well

segments:
  office: {network: 10.13.10.0/28}
  iot: {network: 10.13.20.0/28}
  guest: {network: 10.13.30.0/28}

vantages:
  admin: {segment: office, ip: 10.13.10.12, manages: yes}
  desk: {segment: office, ip: 10.13.10.13}
  iot: {segment: iot, ip: 10.13.20.13}
  guest: {segment: guest, ip: 10.13.30.13}

rules:
  - {from: office, to: iot, ports: [tcp/443, tcp/554], why: camera wall}
  - {from: guest, to: office, ports: [tcp/9100], why: a visitor once had to print, wrong: yes}
  - {from: iot, to: office, ports: [udp/161, icmp], why: nobody knows, wrong: yes}

devices:
  - {device: prn-1, persona: hp-laserjet-m404dn, segment: office, ip: 10.13.10.5}
  - {device: cam-1, persona: axis-p3245-lv, segment: iot, ip: 10.13.20.5}
"""
MATRIX = """
kept_apart: [iot, guest]
holes:
  - {from: office, to: iot, services: [tcp/443, tcp/554], reason: the guards' camera wall}
"""
PLACES = {"desk": ("office", "10.13.10.13"), "iot": ("iot", "10.13.20.13"), "guest": ("guest", "10.13.30.13")}
SERVICES = ("tcp/80", "tcp/443", "udp/161", "icmp")

pytestmark = [
    pytest.mark.lab,
    pytest.mark.slow,
    pytest.mark.skipif(bool(why_not()), reason=why_not() or "namespaces"),
]


class Office:
    """The office, up; commands run at its vantages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "leaky.yaml").write_text(TOPOLOGY)
        (folder / "isolation.yaml").write_text(MATRIX)
        (folder / "muster.toml").write_text(f'[isolation]\nexpected = "{folder / "isolation.yaml"}"\n')
        traces = folder / "traces"
        traces.mkdir()
        self._environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "TMPDIR": str(traces),
            "MUSTER_ISOLATION_TOKEN": "a token of the tests",
            "MUSTER_SCAN__TIMEOUT": "0.6",
        }
        self._muster = [sys.executable, "-m", "muster", "--config", str(folder / "muster.toml")]
        self._muster += ["--register", str(folder / "register.sqlite")]

    def lab(self, *words: str) -> None:
        subprocess.run(
            [sys.executable, "-m", "lab", *words],
            env=self._environment, cwd=ROOT, check=True, timeout=90,
            capture_output=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def begin(self, *words: str, at: str = "") -> subprocess.Popen[str]:
        there = [sys.executable, "-m", "lab", "exec", "--at", at] if at else []
        return subprocess.Popen(
            [*there, *self._muster, *words],
            env=self._environment, cwd=ROOT, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def muster(self, *words: str, at: str = "", codes: tuple[int, ...] = (0,)) -> Any:
        begun = self.begin(*words, at=at)
        out, err = begun.communicate(timeout=90)
        assert begun.returncode in codes, err
        return json.loads(out) if "json" in words else out

    def journal(self, place: str) -> str:
        return str(self.folder / f"{place}.jsonl")

    def serve(self, place: str) -> subprocess.Popen[str]:
        segment, address = PLACES[place]
        serving = self.begin(
            "isolation", "serve", "--segment", segment, "--address", address, "--seconds", "60",
            "--journal", self.journal(place),
            *(word for each in (*SERVICES, "mdns") for word in ("--service", each)), at=place,
        )  # fmt: skip
        assert serving.stdout
        assert "answering" in serving.stdout.readline()
        return serving

    def probe(self, place: str) -> None:
        segment, _own = PLACES[place]
        others = [(name, *where) for name, where in PLACES.items() if name != place]
        self.muster(
            "isolation", "probe", "--site", "hq", "--from", segment,
            *(word for _name, other, ip in others for word in ("--to", f"{other}={ip}")),
            *(word for name in (each[0] for each in others) for word in ("--journal", self.journal(name))),
            *(word for each in (*SERVICES, "mdns") for word in ("--service", each)), at=place,
        )  # fmt: skip


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = Office(tmp_path_factory.mktemp("leaky"))
    made.lab("up", "--topology", str(made.folder / "leaky.yaml"))
    serving: list[subprocess.Popen[str]] = []
    try:
        for number, segment in ((10, "office"), (20, "iot"), (30, "guest")):
            made.muster("scope", "add", f"10.13.{number}.0/28", "--site", "hq", "--segment", segment)
        made.muster("scan", "--quiet", at="admin")
        serving += [made.serve(place) for place in PLACES]
        for place in PLACES:
            made.probe(place)
        yield made
    finally:
        for one in serving:
            one.terminate()
            one.communicate(timeout=20)
        made.lab("down")


def matrix(office: Office) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = office.muster(
        "isolation", "matrix", "--all", "--format", "json", codes=(10,)
    )
    return rows


def test_every_wrong_rule_is_found_and_nothing_else(office: Office) -> None:
    leaks = {
        (row["from"], row["to"], row["ip"], row["service"])
        for row in matrix(office)
        if row["standing"] == "leak"
    }
    assert leaks == {
        ("guest", "office", "10.13.10.5", "tcp/9100"),
        ("iot", "office", "", "udp/161"),
        ("iot", "office", "", "icmp"),
        ("iot", "office", "10.13.10.5", "udp/161"),  # the printer's own agent answers there
    }


def test_what_nobody_let_through_was_seen_blocked(office: Office) -> None:
    rows = {
        (row["from"], row["to"], row["service"]): row["measured"] for row in matrix(office) if not row["ip"]
    }
    assert rows["office", "iot", "tcp/443"] == "open"
    closed = {way: state for way, state in rows.items() if "guest" in way[:2]}
    assert set(closed.values()) == {"blocked"}
    assert ("guest", "iot", "mdns") in closed


def test_the_check_rests_on_the_measurement(office: Office) -> None:
    results = office.muster("check", "isolation", "--format", "json")
    by_fact = {row["facts"].get("measured"): row["outcome"] for row in results}
    assert by_fact["leaking"] == "fail"


def test_the_routers_own_rules_agree_and_name_the_lines(office: Office) -> None:
    rules = office.folder / "router.nft"
    rules.write_text(firewall(load_office(office.folder / "leaky.yaml", load_personas(PERSONAS))))
    rows = office.muster("isolation", "rules", str(rules), "--format", "json", codes=(10,))
    assert not [row for row in rows if row["contradiction"]]
    wrong = {
        (row["from"], row["to"], row["service"])
        for row in rows
        if row["rules"] == "pass" and row["expected"] == "denied" and not row["only"]
    }
    assert wrong == {("guest", "office", "tcp/9100"), ("iot", "office", "udp/161"), ("iot", "office", "icmp")}
