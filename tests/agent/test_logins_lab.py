"""`muster check logins` in a pretend office: the logbooks of the devices prove what was tried, how often."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from test_raw_sweep_lab import why_not

ROOT = Path(__file__).parent.parent.parent
TOPOLOGY = """
topology: logins
title: A small office where some logins were never changed

segments:
  office: {network: 10.13.10.0/26, vlan: 10}
  query: {network: 10.13.20.0/26, vlan: 20}

vantages:
  admin: {segment: office, ip: 10.13.10.50, manages: yes, port: sw-1/24}

rules: []

devices:
  - {device: rt-1, persona: cisco-isr-4331, segment: office, router: yes, port: sw-1/1}
  - {device: sw-1, persona: aruba-2930f, segment: office, ip: 10.13.10.2}
  - {device: ups-1, persona: apc-smart-ups-1500, segment: office, ip: 10.13.10.11, port: sw-1/2}
  - {device: prn-1, persona: brother-hl-l2375dw, segment: office, ip: 10.13.10.12, port: sw-1/3}
  - {device: mfp-1, persona: kyocera-taskalfa-2553ci, segment: office, ip: 10.13.10.13, port: sw-1/4}
  - {device: mfp-2, persona: canon-ir-adv-c3530, segment: office, ip: 10.13.10.14, port: sw-1/5}
  - {device: rt-2, persona: draytek-vigor2927, segment: office, ip: 10.13.10.15, port: sw-1/6}
  - {device: gateway-1, persona: fragile-gateway, segment: office, ip: 10.13.10.16, port: sw-1/7}
  - {device: gateway-2, persona: mqtt-gateway, segment: office, ip: 10.13.10.17, port: sw-1/8}
  - {device: nas-1, persona: dlink-dns-320l, segment: office, ip: 10.13.10.18, port: sw-1/9}
  - {device: epson-1, persona: epson-wf-c5790, segment: office, ip: 10.13.10.19, port: sw-1/10}
  - {device: bmc-1, persona: supermicro-ipmi, segment: office, ip: 10.13.10.20, port: sw-1/12}
  - {device: prn-2, persona: fragile-printer, segment: office, ip: 10.13.10.21, port: sw-1/13}
  - {device: mfp-3, persona: ricoh-im-c3000, segment: office, ip: 10.13.10.22, port: sw-1/14}
  - {device: fax-1, persona: ricoh-fax-4430nf, segment: office, ip: 10.13.10.23, port: sw-1/15}
  - {device: ups-2, persona: apc-smart-ups-1500, segment: query, ip: 10.13.20.11, port: sw-1/11}
"""
STEPS = """
set -e
muster() { "$PYTHON" -m muster --register "$REGISTER" "$@"; }
muster scope add 10.13.10.0/26 --site hq --segment office --touch login > /dev/null
muster scope add 10.13.20.0/26 --site hq --segment query > /dev/null
muster scan --quiet --format json > "$OUT/run.json"
muster check logins --dry-run --format json > "$OUT/plan.json"
muster check logins --format json > "$OUT/first.json"
muster check logins --format json > "$OUT/second.json"
muster check default_login --format json > "$OUT/checked.json"
muster register export --format json --out "$OUT/export.json" > /dev/null
"""

pytestmark = [pytest.mark.lab, pytest.mark.skipif(bool(why_not()), reason=why_not() or "namespaces")]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("logins")
    (folder / "logins.yaml").write_text(TOPOLOGY)
    personas = folder / "personas"
    shutil.copytree(ROOT / "lab" / "personas", personas)
    printer = (personas / "brother-hl-l2375dw.yaml").read_text()
    easily_hurt = "persona: fragile-printer\nfragile: {packets_per_second: 60, connections: 3}"
    (personas / "fragile-printer.yaml").write_text(
        printer.replace("persona: brother-hl-l2375dw", easily_hurt).replace("initpass", "of-our-own")
    )
    environment = os.environ | {
        "PYTHON": sys.executable,
        "PYTHONPATH": str(ROOT),
        "REGISTER": str(folder / "register.sqlite"),
        "OUT": str(folder),
        "MUSTER_SCAN__TIMEOUT": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "lab", "run", "-q", "--topology", str(folder / "logins.yaml"),
         "--personas", str(personas),
         "--health", str(folder / "health.json"), "--logbooks", str(folder / "logbooks"),
         "--", "bash", "-c", STEPS],
        env=environment, capture_output=True, text=True, timeout=240, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}
    book = folder / "logbooks" / "logins.jsonl"
    found["tried"] = [json.loads(line) for line in book.read_text().splitlines()] if book.exists() else []
    found["folder"] = folder
    return found


def by_ip(office: dict[str, Any], name: str) -> dict[str, dict[str, Any]]:
    places = {one["id"]: one["addresses"][0]["ip"] for one in office["export"] if one["addresses"]}
    return {places[row["device"]]: row for row in office[name] if row["device"] in places}


@pytest.mark.parametrize(
    ("ip", "account"),
    [("10.13.10.11", "apc"), ("10.13.10.12", ""), ("10.13.10.13", "Admin"), ("10.13.10.14", "7654321"),
     ("10.13.10.15", "admin"), ("10.13.10.20", "ADMIN"), ("10.13.10.22", "admin")],
)  # fmt: skip
def test_an_initial_login_that_still_works_is_found_at_the_first_try(
    office: dict[str, Any], ip: str, account: str
) -> None:
    row = by_ip(office, "first")[ip]
    assert (row["outcome"], row["account"], row["tried"]) == ("default", account, 1), row
    checked = by_ip(office, "checked")[ip]
    assert checked["outcome"] == "fail"
    assert "default-password" in checked["facts"]["open"]


def test_the_devices_own_books_count_one_try_per_account_over_both_runs(office: dict[str, Any]) -> None:
    tries = Counter((one["device"], one["account"]) for one in office["tried"])
    assert tries, "nothing was tried at all"
    assert max(tries.values()) == 1, tries


def test_a_form_that_wants_a_token_of_its_own_page_gets_one_try(office: dict[str, Any]) -> None:
    row = by_ip(office, "first")["10.13.10.22"]
    assert (row["protocol"], row["service"]) == ("form", "tcp/80"), row
    booked = [(one["protocol"], one["outcome"]) for one in office["tried"] if one["device"] == "mfp-3"]
    assert booked == [("http", "accepted")]


def test_no_account_is_tried_on_two_protocols(office: dict[str, Any]) -> None:
    protocols: dict[tuple[str, str], set[str]] = {}
    for one in office["tried"]:
        protocols.setdefault((one["device"], one["account"]), set()).add(one["protocol"])
    assert all(len(used) == 1 for used in protocols.values()), protocols


def test_a_scope_that_allows_queries_only_is_not_logged_in_to(office: dict[str, Any]) -> None:
    assert not [one for one in office["tried"] if one["device"] == "ups-2"]
    row = by_ip(office, "first")["10.13.20.11"]
    assert row["outcome"] == "skipped"
    assert "login" in row["reason"]
    assert by_ip(office, "checked")["10.13.20.11"]["outcome"] != "pass"


def test_a_broker_that_asks_nobody_is_no_login_asked(office: dict[str, Any]) -> None:
    assert by_ip(office, "first")["10.13.10.17"]["outcome"] == "no-login-asked"
    assert by_ip(office, "first")["10.13.10.18"]["outcome"] == "no-login-asked"


def test_a_changed_login_or_an_unknown_model_is_never_called_default(office: dict[str, Any]) -> None:
    assert by_ip(office, "first")["10.13.10.21"]["outcome"] == "not-evaluable"  # a second password waits
    assert "default-password" not in by_ip(office, "checked")["10.13.10.21"]["facts"].get("open", "")
    assert by_ip(office, "first")["10.13.10.19"]["outcome"] in ("changed", "not-evaluable", "skipped")
    assert by_ip(office, "first")["10.13.10.2"]["outcome"] in ("changed", "not-evaluable", "skipped")


def test_the_dry_run_tells_beforehand_and_tries_nothing(office: dict[str, Any]) -> None:
    assert any(row["account"] == "apc" and row["source"].startswith("http") for row in office["plan"])


def test_the_fragile_devices_live_though_logged_in_to_and_no_paper_was_used(office: dict[str, Any]) -> None:
    assert "prn-2" in {one["device"] for one in office["tried"]}
    assert office["health"]["paper_bytes"] == 0
    assert set(office["health"]["fragile"].values()) == {"alive"}
    hit = {name: load["most_in_one_second"] for name, load in office["health"]["load"].items()}
    assert max(hit.values()) <= 60, hit


def test_no_password_stands_in_anything_that_was_written(office: dict[str, Any]) -> None:
    for path in office["folder"].rglob("*"):
        if path.is_file() and "personas" not in path.parts:
            data = path.read_bytes()
            assert b"initpass" not in data, path
            assert b"YWRtaW46" not in data, path  # base64 of `admin:`
