"""The demo: the whole of Muster once, on the pretend office, by the commands a user would type.

Everything goes through the `muster` command, as a stranger's script would; nothing of Muster is imported.
"""

import argparse
import json
import os
import secrets
import shlex
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lab.demo_exception import except_the_old
from lab.demo_isolation import expected_matrix, measure
from lab.layout import Office
from lab.persona import FOLDER as PERSONAS
from lab.persona import load_personas
from lab.topology import DEFAULT, load_office

SITE = "hq"
SETTINGS = """# The demo's settings; the community of the office's well-kept gear lies in the vault.
vault = "{vault}"
"""
MEANT = """
[isolation]
expected = "{isolation}"

[wireless]
expected = "{wireless}"
"""
COMMUNITY = "firm-ro"
"""What the office's well-kept gear answers to."""
OWN_NETWORKS = """# The firm's own wireless networks.
names: [BRANCH, OFFICE]
networks:
  - {ssid: BRANCH, purpose: tablets, users: staff on official business, approved_by: Lin, guard: other}
  - {ssid: TRADING, purpose: the trading floor, users: traders, approved_by: Lin, guard: 802.1x}
"""
FRESH_FILES = (
    "vault.json",
    "vault-passphrase",
    "register.sqlite",
    "register.sqlite-wal",
    "register.sqlite-shm",
    "register.json",
)


class DemoFailed(Exception):
    """A step ended badly; the message names the command and its exit code."""


@dataclass(frozen=True)
class Demo:
    """Where the demo's files lie, and which office it plays in."""

    folder: Path
    topology: Path

    @property
    def register(self) -> Path:
        """The register the demo fills and leaves behind."""
        return self.folder / "register.sqlite"

    @property
    def settings(self) -> Path:
        """What the operator would write into muster.toml before the first scan."""
        return self.folder / "muster.toml"

    @property
    def truth(self) -> Path:
        """What the lab says its devices are."""
        return self.folder / "truth.json"

    @property
    def export(self) -> Path:
        """The register in its public JSON form."""
        return self.folder / "register.json"

    @property
    def capture(self) -> Path:
        """What a wireless survey of the office heard."""
        return self.folder / "wireless.pcap"

    @property
    def office(self) -> Office:
        """The office it plays in."""
        return load_office(self.topology, load_personas(PERSONAS))

    def muster(self, *words: str) -> list[str]:
        """A `muster` command line on the demo's settings and register."""
        return [_muster(), "--config", str(self.settings), "--register", str(self.register), *words]

    def step(self, why: str, *words: str) -> None:
        """Says what comes and how to type it, and does it."""
        command = self.muster(*words)
        print(f"\n── {why}\n$ {shlex.join(_typed(command))}", flush=True)
        _must(command)

    def at_the_vantage(self) -> None:
        """What the admin does inside the office: call the roll, and measure between segments."""
        self.step("Call the roll: find and identify every device, gently", "scan")
        survey = self.muster("wireless", "import", str(self.capture), "--site", SITE)
        with ThreadPoolExecutor(1) as beside, _meanwhile(survey):
            excepting = beside.submit(except_the_old, self.muster)
            print("\n── Measure what passes between segments, from a vantage in each", flush=True)
            measure(self.office, self.muster, self.folder, SITE)
        print(f"\n── Meanwhile, take in what a wireless survey heard\n$ {shlex.join(_typed(survey))}")
        print("\n── Meanwhile, plan away what cannot be mended, and except it until then (Art. 29)")
        for command in excepting.result():
            print(f"$ {shlex.join(_typed(command))}", flush=True)

    def play(self) -> None:
        """The whole demo, from an empty register to a snapshot."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in FRESH_FILES:
            (self.folder / name).unlink(missing_ok=True)
        shutil.rmtree(self.folder / "snapshot", ignore_errors=True)
        began = time.monotonic()
        self._write_settings()
        with (
            _meanwhile([_muster(), "lab", "wireless", str(self.capture)]),
            _meanwhile(self._vault, f"{COMMUNITY}\n"),
        ):
            networks = [f"{segment.network}={segment.name}" for segment in self.office.segments]
            self.step("Without a scope no packet leaves", "scope", "add", *networks, "--site", SITE)
        print(f"\n── The SNMP community goes into the vault\n$ {shlex.join(_typed(self._vault))}")
        self._scan_the_office()
        self.step("Run the checks on the evidence", "check")
        self.step("Judge every device, article by article", "assess")
        year = str(datetime.now(UTC).year)
        snapshot = str(self.folder / "snapshot")
        export = self.muster("register", "export", "--format", "json", "--out", str(self.export))
        with _meanwhile(export):
            self.step(
                "Freeze the register for the auditor", "snapshot", "create", "--year", year, "--out", snapshot
            )
        self._summary()
        print(f"\nDone in {time.monotonic() - began:.0f} s. Everything is in {self.folder}/.")
        print(f"Open the register on screen:  {shlex.join(_typed(self.muster('tui')))}")

    @property
    def _vault(self) -> list[str]:
        return self.muster("vault", "set", "office-gear")

    def _write_settings(self) -> None:
        """What an admin would write down beforehand; the vault's passphrase is made up for this demo."""
        vault, passphrase = self.folder / "vault.json", self.folder / "vault-passphrase"
        isolation, wireless = self.folder / "isolation.yaml", self.folder / "wireless.yaml"
        isolation.write_text(expected_matrix(self.office), encoding="utf-8")
        wireless.write_text(OWN_NETWORKS, encoding="utf-8")
        places = {"vault": vault, "isolation": isolation, "wireless": wireless}
        text = (SETTINGS + MEANT).format(**{name: path.absolute() for name, path in places.items()})
        self.settings.write_text(text, encoding="utf-8")
        passphrase.touch(mode=0o600)
        passphrase.write_text(secrets.token_urlsafe(16), encoding="ascii")
        os.environ["MUSTER_VAULT_PASSPHRASE_FILE"] = str(passphrase.absolute())

    def _scan_the_office(self) -> None:
        inside = [sys.executable, "-m", "lab.demo", "--at-vantage", "--folder", str(self.folder)]
        print("── Bring up a pretend office in network namespaces; it vanishes with this process", flush=True)
        _must(
            [
                *(_muster(), "lab", "run", "--topology", str(self.topology)),
                *("--write-truth", str(self.truth), "--health", str(self.folder / "health.json")),
                *("--", *inside, "--topology", str(self.topology)),
            ]
        )

    def _summary(self) -> None:
        devices = json.loads(self.export.read_text(encoding="utf-8"))
        counts = Counter(device["device_class"] for device in devices)
        print(f"\n── {len(devices)} devices by class")
        print("   " + ", ".join(f"{name} {count}" for name, count in counts.most_common()))
        print("\n── The register held against the lab's own truth", flush=True)
        _must([_muster(), "lab", "compare", str(self.export), "--truth", str(self.truth)], may_differ=True)


def main() -> None:
    """Plays the demo, or its inner part at the vantage; exit code 1 where a step failed."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("demo-out"))
    parser.add_argument("--topology", type=Path, default=DEFAULT)
    parser.add_argument("--at-vantage", action="store_true", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    demo = Demo(wanted.folder, wanted.topology)
    try:
        if wanted.at_vantage:
            demo.at_the_vantage()
        else:
            demo.play()
    except (DemoFailed, subprocess.CalledProcessError) as failure:
        print(f"\ndemo: {failure}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _must(command: list[str], *, may_differ: bool = False) -> None:
    done = subprocess.run(command, check=False)
    if done.returncode and not (may_differ and done.returncode == 1):
        raise DemoFailed(f"{shlex.join(_typed(command))} ended with exit code {done.returncode}")


@contextmanager
def _meanwhile(command: list[str], typed_in: str = "") -> Iterator[None]:
    """Has the command run beside what is done here, and ends with both."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as running:
        try:
            if running.stdin:
                running.stdin.write(typed_in)
                running.stdin.close()
            yield
        finally:
            code = running.wait()
    if code:
        raise DemoFailed(f"{shlex.join(_typed(command))} ended with exit code {code}")


def _muster() -> str:
    beside = Path(sys.executable).with_name("muster")
    return str(beside) if beside.exists() else "muster"


def _typed(command: list[str]) -> list[str]:
    """The command as a person in this folder would type it."""
    here = Path.cwd()
    return [str(Path(word).relative_to(here)) if word.startswith(f"{here}/") else word for word in command]


if __name__ == "__main__":
    main()
