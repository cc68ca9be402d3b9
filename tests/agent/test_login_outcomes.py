"""Each outcome of `muster check logins`, of devices that really speak, and what the check makes of it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from logins import NOW, door, family, sighting

from agent.checks.default_login import judge
from agent.checks.subject import Subject
from agent.service.logins import LoginRun
from inventory.register import Register
from inventory.settings import Settings
from inventory.types import FixedClock, ScanRun, Scope, Touch
from tests.lab.pretend_device import Spoken, speaking

INITIAL, OWN = "initial-word", "a-word-of-our-own"
PAGES = {"/": {"title": "Acme Copier", "body": "{form}"}}
FORM = {"kind": "form", "protects": ["/in"], "home": "/in/home"}
BASIC = {"kind": "basic"}
LOCKING = {"lock_after": 1, "refused_page": "{form}", "locked_page": "Account locked for 30 minutes"}


async def told(
    folder: Path, device: Spoken, touch: Touch = Touch.LOGIN, model: str = "Copier 200"
) -> tuple[str, str, str]:
    """Outcome, reason, and what the check makes of it, after one run."""
    clock = FixedClock(NOW)
    with Register.open(str(folder / "register.sqlite"), clock) as register:
        register.add_scope(Scope("127.0.0.0/8", "hq", "here", touch), "tester")
        register.begin_scan(ScanRun("run-1", "here", NOW))
        register.ingest([sighting(device.port, model=model)])
        (tested,) = await LoginRun(register, Settings(), clock, "here", door=door()).run()
        (known,) = register.devices()
        later = NOW + timedelta(hours=1)
        checked = judge(Subject(known, register.observations(known.id), later))
    return tested.result.outcome.value, tested.result.reason, checked.outcome.value


@pytest.mark.parametrize(
    ("login", "ends"),
    [
        ({**FORM, "accounts": {"admin": INITIAL}}, ("default", "fail", "accepted")),
        ({**BASIC, "accounts": {"admin": INITIAL}}, ("default", "fail", "accepted")),
        (
            {**FORM, "accounts": {"admin": OWN}, "refused_page": "Wrong {form}"},
            ("changed", "pass", "refused"),
        ),
        ({"kind": "digest", "accounts": {"admin": OWN}}, ("changed", "pass", "refused")),
        ({**FORM, **LOCKING, "accounts": {"admin": OWN}}, ("locked", "unknown", "refused")),
        (
            {**FORM, "accounts": {"admin": OWN}, "refused_page": "Oh."},
            ("not-evaluable", "unknown", "refused"),
        ),
    ],
    ids=["default form", "default basic", "changed form", "changed digest", "locked", "says nothing"],
)
async def test_what_a_device_says_becomes_the_outcome(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    login: dict[str, Any],
    ends: tuple[str, str, str],
) -> None:
    outcome, check, booked = ends
    pairs = [("admin", INITIAL), ("user", INITIAL)][: 2 if outcome == "locked" else 1]
    monkeypatch.setattr("agent.logins.families.all_families", lambda: (family(*pairs),))
    async with speaking("http", pages=PAGES, logins=[login]) as device:
        said, _reason, checked = await told(tmp_path, device)
    assert (said, checked) == (outcome, check)
    assert [each for _protocol, _account, each in device.logins] == [booked]


async def test_whoever_asks_for_no_login_fails_without_a_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = (family(("", INITIAL), on=("vnc",)),)
    monkeypatch.setattr("agent.logins.families.all_families", lambda: rows)
    monkeypatch.setattr("agent.logins.ways._BY_SOURCE", {"http": "vnc"})
    async with speaking("vnc", asks="no") as device:
        said, _reason, checked = await told(tmp_path, device)
    assert (said, checked, device.logins) == ("no-login-asked", "fail", [])


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"touch": Touch.QUERY}, "login"),
        ({"model": ""}, "not identified"),
        ({"model": "X-1"}, "no published"),
    ],
    ids=["not allowed", "no model", "nothing published"],
)
async def test_who_is_skipped_is_told_why_and_gets_no_packet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: dict[str, Any], why: str
) -> None:
    monkeypatch.setattr("agent.logins.families.all_families", lambda: (family(("admin", INITIAL)),))
    async with speaking("http", pages=PAGES, logins=[{**FORM, "accounts": {"admin": INITIAL}}]) as device:
        said, reason, checked = await told(tmp_path, device, **more)
    assert (said, checked, device.logins) == ("skipped", "unknown", [])
    assert why in reason
