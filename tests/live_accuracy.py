"""`python -m tests.live_accuracy`: recorded SNMP agents, scanned; what is found goes into docs/accuracy.md.

Every agent of the office cases is played by a simulator in a network namespace and scanned by `muster scan`;
each must come out as `muster identify --snmpwalk` has it from the whole walk. Takes a quarter of an hour.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.cli.identify import answer
from agent.fingerprints import Fingerprinter
from agent.snmp_octets import text_of_octets
from inventory.types import Fact
from tests.accuracy import CORPUS, LIVE, REPORT, ROOT

SCRIPT = ROOT / "tests" / "agent" / "recorded_agents_in_a_namespace.py"
FIELDS = ("vendor", "model", "version", "serial", "device_class")
UNSHARE = ["unshare", "-nm"] if os.geteuid() == 0 else ["unshare", "-Urnm"]
_SECONDS_EACH = 10


@dataclass
class Live:
    """How many agents were asked how often, and whose answers differ from those of their walks."""

    requests: Counter[int] = field(default_factory=Counter)
    devices: int = 0
    differ: list[str] = field(default_factory=list)


def main() -> int:
    """Scans them all, writes the section and prints it; 6 where that is not possible."""
    if reason := why_not():
        print(f"live accuracy: {reason}", file=sys.stderr)
        return 6
    live = compared(scanned(1), Fingerprinter.load())
    section = written(live)
    report = REPORT.read_text(encoding="utf-8")
    kept = LIVE.sub("", report).rstrip("\n")
    REPORT.write_text(f"{kept}\n\n{section}", encoding="utf-8")
    print(section, *live.differ, sep="\n")
    return 0


def why_not() -> str:
    """Why recorded agents cannot be scanned here; empty where they can."""
    if not (CORPUS / "snmp" / "agents").is_dir():
        return "no recorded corpus beside the checkout"
    if not (Path(sys.executable).parent / "snmpsim-command-responder").exists():
        return "snmpsim is not installed"
    tried = subprocess.run([*UNSHARE, "true"], capture_output=True, check=False, timeout=20)
    return "" if tried.returncode == 0 else "namespaces cannot be made here"


def scanned(every: int) -> dict[str, dict[str, Any]]:
    """What a scan has of every N-th recorded agent, by the case's id; CalledProcessError where it fails."""
    done = subprocess.run(
        [*UNSHARE, "--fork", "--pid", "--kill-child", sys.executable, str(SCRIPT), str(CORPUS), str(every)],
        capture_output=True,
        text=True,
        timeout=120 + 700 // every * _SECONDS_EACH,
        check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return found


def compared(found: dict[str, dict[str, Any]], engine: Fingerprinter) -> Live:
    """The facts heard, and the devices in the register, against the whole walks of the same agents."""
    live = Live()
    for identity, one in found.items():
        walk = list(recorded_walk(agent_of(CORPUS, identity)))
        offline = _fields(answer(engine, identity, walk, "snmp"))
        heard = _fields(answer(engine, identity, [Fact(*pair) for pair in one["facts"]], "snmp"))
        live.requests[one["requests"]] += 1
        live.devices += one["device"] is not None
        if heard != offline or (one["device"] and _fields(one["device"]) != offline):
            live.differ.append(identity)
    return live


def agent_of(corpus: Path, identity: str) -> Path:
    """The file that plays a case of the corpus."""
    return corpus / "snmp" / "agents" / f"{hashlib.sha1(identity.encode()).hexdigest()[:12]}.snmprec"


def recorded_walk(file: Path) -> Iterator[Fact]:
    """The objects of one agent's file (`OID|type|value` a line, octets as text or `4x` in hexadecimal)."""
    for line in file.read_bytes().splitlines():
        oid, kind, value = (*line.split(b"|", 2), b"", b"")[:3]
        if kind.rstrip(b"x") == b"4":
            octets = bytes.fromhex(value.decode()) if kind.endswith(b"x") else value
            yield Fact(oid.decode(), text_of_octets(octets, oid.decode()))
        elif kind:
            yield Fact(oid.decode(), value.decode("latin-1"))


def written(live: Live) -> str:
    """The section of docs/accuracy.md."""
    count = sum(live.requests.values())
    asked = ", ".join(f"{many} with {number}" for number, many in sorted(live.requests.items()))
    return f"""## Live

Written by `python -m tests.live_accuracy`: {count} recorded agents of office devices, each played by snmpsim
in a network namespace and scanned by `muster scan`; {count - len(live.differ)} of them come out as
`muster identify --snmpwalk` has them from their whole walks: vendor, model, version, serial and class alike.
{live.devices} are a device of their own in the register; the others share a recorded serial or MAC.
SNMP requests to identify one (datagrams on the wire, the v3 discovery counted):
{asked}.
"""


def _fields(told: dict[str, Any]) -> list[str | None]:
    return [None if told[name] == "unknown" else told[name] for name in FIELDS]


if __name__ == "__main__":
    sys.exit(main())
