"""A password shows in no text, log, file or core, whatever becomes of the try."""

import base64
import ctypes
import logging
import resource
import sys
import traceback
from pathlib import Path

import pytest
from logins import MARKER, NOW, door, family, http, server, sighting

from agent.logins import families
from agent.logins.protocol import Credential
from agent.logins.secrecy import Secret, sealed
from agent.logins.trial import LoginOutcome
from agent.service.logins import LoginRun
from inventory.register import Register
from inventory.settings import Settings
from inventory.types import FixedClock, ScanRun, Scope, Touch, TryOutcome

HIDDEN = (MARKER, base64.b64encode(f"admin:{MARKER}".encode()).decode())


def test_a_secret_shows_itself_nowhere() -> None:
    import pickle

    secret = Secret(MARKER)
    assert MARKER not in f"{secret} {secret!r} {Credential('a', secret)!r}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    try:
        raise ValueError(secret)
    except ValueError:
        assert MARKER not in traceback.format_exc()


def is_dumpable() -> bool:
    return bool(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))  # PR_GET_DUMPABLE


@pytest.mark.skipif(sys.platform != "linux", reason="prctl(2) is Linux's")
def test_no_core_is_written_and_nobody_looks_in_while_passwords_are_in_memory() -> None:
    before = resource.getrlimit(resource.RLIMIT_CORE), is_dumpable()
    with sealed():
        assert (resource.getrlimit(resource.RLIMIT_CORE)[0], is_dumpable()) == (0, False)
        with sealed():
            pass
        assert not is_dumpable()
    assert (resource.getrlimit(resource.RLIMIT_CORE), is_dumpable()) == before


@pytest.mark.skipif(sys.platform != "linux", reason="prctl(2) is Linux's")
def test_a_dry_run_is_as_sealed_and_lets_go_of_the_passwords(tmp_path: Path) -> None:
    clock = FixedClock(NOW)
    with Register.open(str(tmp_path / "register.sqlite"), clock) as register:
        register.add_scope(Scope("127.0.0.0/8", "hq", "here", Touch.LOGIN), "tester")
        register.begin_scan(ScanRun("run-1", "here", NOW))
        register.ingest([sighting(80)])
        before, plans = is_dumpable(), LoginRun(register, Settings(), clock, "here").plans()
        next(plans)
        assert not is_dumpable()
        assert families._rows.cache_info().currsize == 1
        plans.close()
    assert is_dumpable() is before
    assert families._rows.cache_info().currsize == 0


async def test_marker_passwords_are_in_no_file_log_or_repr(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr("agent.logins.families.all_families", lambda: (family(("admin", MARKER)),))
    seen: list[str] = []

    def answer(head: str, _body: str) -> str:
        seen.append(head)
        return '401 No\nWWW-Authenticate: Basic realm="R"\n\necho ' + head.replace("\r\n", " ")

    clock = FixedClock(NOW)
    with Register.open(str(tmp_path / "register.sqlite"), clock) as register:
        async with server(http(answer)) as port:
            register.add_scope(Scope("127.0.0.0/8", "hq", "here", Touch.LOGIN), "tester")
            register.begin_scan(ScanRun("run-1", "here", NOW))
            register.ingest([sighting(port)])
            run = LoginRun(register, Settings(), clock, "here", door=door())
            (first,) = await run.run()
            (second,) = await run.run()
            (found,) = register.devices()
            kept = register.observations(found.id)
            tries = register.login_tries(found)
    assert first.result.outcome is LoginOutcome.CHANGED
    assert second.result.tried == 0
    assert sum("Authorization" in head for head in seen) == 1
    assert [one.outcome for one in tries] == [TryOutcome.REFUSED]
    assert any(fact.name == "login.outcome" for each in kept for fact in each.facts)
    shown = caplog.text + "".join(capsys.readouterr()) + repr((first, second, kept, tries, run))
    assert not [word for word in HIDDEN if word in shown]
    assert not written_with(HIDDEN, tmp_path)


def written_with(words: tuple[str, ...], folder: Path) -> list[Path]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [path for path in files if any(word.encode() in path.read_bytes() for word in words)]
