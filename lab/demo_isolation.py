"""The demo's measurement between segments: answerers and askers at every vantage, by Muster's commands."""

import json
import os
import secrets
import subprocess
from collections.abc import Callable
from pathlib import Path

from lab.layout import Office, Vantage
from lab.office import NAMESPACES
from lab.plan import vantage_namespace
from lab.wiring import awake

Muster = Callable[..., list[str]]

_SERVICES = ("tcp/80", "tcp/443", "tcp/445", "udp/514", "icmp", "mdns", "ssdp")
_AT_MOST = 60
_SECONDS = "0.5"


def expected_matrix(office: Office) -> str:
    """What the office's people mean to let through, as Muster reads it: all rules but the wrong."""
    holes = [
        {"from": rule.source, "to": rule.target, "services": list(rule.ports), "reason": rule.why}
        for rule in office.rules
        if not rule.wrong
    ]
    return json.dumps({"kept_apart": ["iot", "guest", "quarantine"], "holes": holes}, ensure_ascii=False)


def measure(office: Office, muster: Muster, folder: Path, site: str) -> None:
    """Answers and asks at every vantage but the manager's, all at once; the register keeps the answers."""
    vantages = [vantage for vantage in office.vantages if not vantage.manages]
    services = [word for service in _SERVICES for word in ("--service", service)]
    journals = {vantage.name: folder / f"isolation-{vantage.name}.jsonl" for vantage in vantages}
    surroundings = os.environ | {
        "MUSTER_ISOLATION_TOKEN": secrets.token_urlsafe(16),
        "MUSTER_SCAN__TIMEOUT": _SECONDS,
    }
    serving: list[subprocess.Popen[str]] = []
    asking: list[subprocess.Popen[str]] = []
    try:
        for vantage in vantages:
            journals[vantage.name].unlink(missing_ok=True)
            words = ["--segment", vantage.segment.name, "--address", str(vantage.ip)]
            words += ["--journal", str(journals[vantage.name]), "--seconds", str(_AT_MOST)]
            command = muster("isolation", "serve", *words, *services)
            serving.append(_at(vantage, command, surroundings | {"PYTHONUNBUFFERED": "1"}))
        for one in serving:
            if one.stdout:
                one.stdout.readline()
        for vantage in vantages:
            others = [other for other in vantages if other.segment != vantage.segment]
            words = ["--site", site, "--from", vantage.segment.name]
            words += [word for other in others for word in ("--to", f"{other.segment.name}={other.ip}")]
            words += [word for other in others for word in ("--journal", str(journals[other.name]))]
            command = muster("isolation", "probe", "--format", "json", *words, *services)
            asking.append(_at(vantage, command, surroundings))
        for vantage, one in zip(vantages, asking, strict=True):
            _out, err = one.communicate(timeout=_AT_MOST)
            print(f"   from {vantage.segment.name}: {(err.strip().splitlines() or [''])[-1]}", flush=True)
    finally:
        for one in (*asking, *serving):
            if one.poll() is None:
                one.terminate()
            one.communicate(timeout=10)


def _at(vantage: Vantage, command: list[str], surroundings: dict[str, str]) -> subprocess.Popen[str]:
    pin = Path(os.environ[NAMESPACES], vantage_namespace(vantage))
    return subprocess.Popen(
        ["nsenter", f"--net={pin}", "--", *awake(command)],
        env=surroundings,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
