"""The screen served to another machine: refused without TLS and login, and what a visitor there gets."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from inventory.exits import Exit
from tests.agent.test_raw_sweep_lab import UNSHARE, why_not
from tests.tui.test_web_two_people import certificate

SCRIPT = Path(__file__).parent / "web_in_a_namespace.py"
ROOT = SCRIPT.parents[2]


@pytest.fixture(scope="module")
def seen(offices, tmp_path_factory) -> dict:
    folder = tmp_path_factory.mktemp("beyond")
    shutil.copy(offices("small"), folder / "register.sqlite")
    (folder / "muster.toml").write_text('[roles]\nchen = "admin"\naudit = "auditor"\n')
    certificate(folder, "10.77.0.1")
    done = subprocess.run(
        [
            *UNSHARE,
            "--fork",
            "--pid",
            "--mount-proc",
            "--kill-child",
            sys.executable,
            str(SCRIPT),
            str(folder),
        ],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(folder), "HOME": str(folder)},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


pytestmark = [
    pytest.mark.slow,
    pytest.mark.lab,
    pytest.mark.skipif(bool(why_not()), reason=why_not() or "namespaces"),
]


def test_nothing_listens_beyond_loopback_without_tls_and_a_login(seen) -> None:
    for lacking, said in (
        ("without TLS", "--cert and --key"),
        ("without TLS, with accounts", "--cert and --key"),
        ("without accounts", "--add-account"),
    ):
        status, message = seen[lacking]
        assert (status, said in message) == (Exit.NOT_ALLOWED, True), lacking
    assert seen["loopback from outside"] == "refused"


def test_a_visitor_gets_nothing_without_tls_that_he_can_verify(seen) -> None:
    assert seen["plain HTTP"] in {400, "no connection"}
    assert seen["TLS 1.1"] == "no connection"
    assert seen["a certificate nobody knows"] == "no connection"


def test_a_visitor_gets_nothing_but_the_form_before_he_has_logged_in(seen) -> None:
    assert seen["not logged in"] == [303, 303, 200]
    assert seen["another host's name"] == 421
    assert seen["another site's socket"] == 403


def test_who_logs_in_works_in_a_process_of_their_own(seen) -> None:
    assert seen["logged in"] == "Register"
    if seen["in Chromium"] == "not installed":
        pytest.skip("needs chromium")
    assert seen["processes of"] == ["audit", "chen"]


def test_guessing_is_slowed_for_the_address_and_for_the_account(seen) -> None:
    assert seen["guessing"] == [403] * 5 + [429]
    assert seen["the same account elsewhere"] == [429]
    assert seen["somebody else elsewhere"] == [303]
