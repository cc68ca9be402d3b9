"""What the devices remember: logins tried, paper used, faults of the lab. One folder per office.

Each line is appended with one write, so many processes may share a file.
"""

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True)
class Login:
    """One login somebody tried; the password is never kept."""

    at: str
    device: str
    protocol: str
    account: str
    outcome: str


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


class Journal:
    """The logbooks of one office, in its run folder."""

    def __init__(self, folder: Path, now: Callable[[], datetime] = utc_now) -> None:
        self._logins = folder / "logins.jsonl"
        self._faults = folder / "faults.txt"
        self._paper = folder / "paper"
        self._now = now

    def prepare(self) -> None:
        """Makes the folders the logbooks need."""
        self._paper.mkdir(parents=True, exist_ok=True)

    def log_login(self, device: str, protocol: str, account: str, outcome: str) -> None:
        """Notes a login that a device was asked for; outcome is `accepted` or `refused`."""
        at = self._now().isoformat(timespec="milliseconds")
        login = Login(at, device, protocol, account, outcome)
        _append(self._logins, json.dumps(asdict(login), ensure_ascii=False).encode() + b"\n")

    def log_paper(self, device: str, payload: bytes) -> None:
        """Puts bytes on a device's paper."""
        _append(self.paper_of(device), payload)

    def log_fault(self, words: str) -> None:
        """Notes a defect of the lab itself."""
        _append(self._faults, words.encode("utf-8", "backslashreplace") + b"\n")

    def paper_of(self, device: str) -> Path:
        """The file that is a device's paper."""
        return self._paper / device

    def logins(self) -> tuple[Login, ...]:
        """Every login tried so far, oldest first."""
        return tuple(sorted(_logins(self._logins), key=lambda one: one.at))

    def faults(self) -> tuple[str, ...]:
        """Every fault noted so far."""
        if not self._faults.exists():
            return ()
        return tuple(self._faults.read_text(encoding="utf-8").splitlines())

    def paper_used(self) -> dict[str, int]:
        """Bytes on paper by device, devices with clean trays left out."""
        used = {path.name: path.stat().st_size for path in sorted(self._paper.glob("*"))}
        return {device: size for device, size in used.items() if size}


def _logins(path: Path) -> list[Login]:
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Login(**json.loads(line)) for line in lines]


def _append(path: Path, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
    file = os.open(path, flags, 0o600)
    try:
        os.write(file, data)
    finally:
        os.close(file)
