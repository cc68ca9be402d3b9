"""The demo's exceptions: what nobody can mend is planned away, and excepted until then (Art. 29).

Whether an exception counts is not decided here: Article 29 asks that such a device be isolated, as measured.
The one in quarantine is; the recorder's segment leaks.
"""

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Muster = Callable[..., list[str]]

_OLD = {"GV-SNVR0812": "stands in the segment iot", "DNS-320L": "stands in quarantine"}
_A_YEAR = timedelta(days=365)


def except_the_old(muster: Muster) -> tuple[list[str], ...]:
    """Puts one plan and the exceptions on record, and gives the commands that did."""
    end = (datetime.now(UTC) + _A_YEAR).date().isoformat()
    listed = json.loads(_said(muster("register", "list", "--format", "json")))
    old = {device["id"]: _OLD[device["model"]] for device in listed if device["model"] in _OLD}
    why = ["--reason", "no updates any more", "--successor", "devices with updates"]
    planned = muster("plan", "new", *old, *why, "--due", end)
    plan, *_rest = _said(planned).split()
    approved = muster("plan", "advance", plan)
    granted = ["--approver", "Lin", "--cause", "weakness", "--connection", "when-necessary"]
    granted += ["--article", "23", "--reason", "no updates any more", "--plan", plan, "--until", end]
    excepted = [muster("exception", "add", one, *granted, "--control", place) for one, place in old.items()]
    for command in (approved, *excepted):
        _said(command)
    return planned, approved, *excepted


def _said(command: list[str]) -> str:
    """What the command prints; CalledProcessError where it ends badly."""
    return subprocess.run(command, check=True, text=True, capture_output=True).stdout
