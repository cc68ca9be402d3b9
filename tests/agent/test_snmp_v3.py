"""SNMPv3 with the vault's users: RFC keys, a real snmpd in a namespace, and whatever is forged."""

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_raw_sweep_lab import ROOT, UNSHARE, why_not

from agent.probes.reply import Garbled
from agent.snmp_codec import Ask, parse_sealed
from agent.snmp_usm import Engine, keys_of
from agent.snmp_ways import ByUser
from inventory.vault import SnmpUser

SCRIPT = Path(__file__).parent / "snmp_v3_in_a_namespace.py"
ENGINE = Engine(bytes.fromhex("000000000000000000000002"), 1, 100)
READER = SnmpUser("reader", "sha", "maplesyrup", "aes", "maplesyrup")


@pytest.mark.parametrize(
    ("authentication", "wanted"),
    [
        ("md5", "526f5eed9fcce26f8964c2930787d82b"),  # RFC 3414, A.3.1
        ("sha", "6695febc9288e36282235fc7151f128497b38f3f"),  # RFC 3414, A.3.2
    ],
)
def test_keys_are_those_of_the_rfc(authentication: str, wanted: str) -> None:
    keys = keys_of(SnmpUser("x", authentication, "maplesyrup"), ENGINE.id)
    assert keys.authentication.hex() == wanted


@pytest.mark.parametrize("cipher", ["aes", "des"])
@given(plain=st.binary(max_size=200))
def test_what_is_sealed_comes_out_as_it_went_in(cipher: str, plain: bytes) -> None:
    keys = keys_of(SnmpUser("x", "sha", "maplesyrup", cipher, "maplesyrup"), ENGINE.id)
    sealed = keys.sealed(plain, ENGINE, b"saltsalt")
    assert keys.opened(sealed, ENGINE, b"saltsalt")[: len(plain)] == plain


@given(st.binary(max_size=400))
def test_bytes_nobody_signed_are_no_answer(data: bytes) -> None:
    assert isinstance(parse_sealed(data, keys_of(READER, ENGINE.id), ENGINE), Garbled)


@given(st.data())
def test_a_message_changed_on_its_way_is_no_answer(data: st.DataObject) -> None:
    way = ByUser(READER, ENGINE, random.Random(1), lambda: 0.0)
    message = bytearray(way.question(Ask.GET, ("1.3.6.1.2.1.1.1.0",), 7))
    at = data.draw(st.integers(0, len(message) - 1))
    message[at] ^= data.draw(st.integers(1, 255))
    assert isinstance(way.read(bytes(message)), Garbled)


def test_no_question_shows_name_of_object_or_passphrase_and_no_salt_comes_twice() -> None:
    way = ByUser(READER, ENGINE, random.Random(1), lambda: 0.0)
    one, other = (way.question(Ask.GET, ("1.3.6.1.2.1.1.1.0",), 7) for _ in range(2))
    assert one != other
    assert not any(bytes.fromhex("2b06010201") in each or b"maplesyrup" in each for each in (one, other))
    assert "maplesyrup" not in repr(READER)


@pytest.fixture(scope="module")
def agents() -> dict[str, Any]:
    done = subprocess.run(
        [*UNSHARE, "--fork", "--pid", "--kill-child", sys.executable, str(SCRIPT)],
        capture_output=True, text=True, timeout=120, check=False, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


NO_LAB = why_not() or ("" if shutil.which("snmpd") else "snmpd is not installed")


@pytest.mark.lab
@pytest.mark.skipif(bool(NO_LAB), reason=NO_LAB or "namespaces")
def test_a_real_agent_answers_each_of_the_vaults_users(agents: dict[str, Any]) -> None:
    for name, told in agents["users"].items():
        assert told["facts"].get("snmp_sysdescr") == "a switch of the lab", (name, told)
        assert told["facts"]["snmp.version"] == "3"
        assert told["own"] == ["127.0.0.1"]
        assert told["packets"] <= 8, name  # the discovery and a wrong clock counted


@pytest.mark.lab
@pytest.mark.skipif(bool(NO_LAB), reason=NO_LAB or "namespaces")
def test_a_wrong_passphrase_tells_the_engine_and_no_more(agents: dict[str, Any]) -> None:
    assert list(agents["wrong"]["facts"]) == ["snmp.engine_id"]


@pytest.mark.lab
@pytest.mark.skipif(bool(NO_LAB), reason=NO_LAB or "namespaces")
def test_a_scan_takes_the_user_out_of_the_vault_and_through_the_pipe(agents: dict[str, Any]) -> None:
    assert agents["scanned"]["snmp_sysdescr"] == "a switch of the lab"
    assert agents["scanned"]["snmp.version"] == "3"
    assert "passphrase" not in json.dumps(agents["scanned"])
