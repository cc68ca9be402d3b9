"""How the office fared: paper used, fragile devices alive or dead, packets, logins tried."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from lab.journal import Journal, Login, utc_now
from lab.layout import Office
from lab.running_daemons import daemon_logins


@dataclass(frozen=True)
class Load:
    """Unicast packets a device received, and packets it sent."""

    packets: int
    most_in_one_second: int
    sent: int = 0


@dataclass(frozen=True)
class Health:
    """The state of an office's devices, from its run folder."""

    paper_bytes: int
    paper: dict[str, int]
    """Bytes of paper by device; only devices that printed."""
    fragile: dict[str, str]
    """Each fragile device: `alive`, or what killed it."""
    load: dict[str, Load]
    """By device; the router's is left out, for it forwards everybody's."""
    logins_tried: int
    logins_accepted: int
    left_out: tuple[str, ...] = ()
    """Daemons that could not be started, and why."""
    faults: tuple[str, ...] = ()
    """Defects of the lab itself; an honest run has none."""

    @property
    def well(self) -> bool:
        """True when nothing was printed and nothing died."""
        return self.paper_bytes == 0 and all(state == "alive" for state in self.fragile.values())

    def line(self) -> str:
        """One line for people."""
        fragile = ", ".join(
            f"{name} {'alive' if state == 'alive' else f'DEAD ({state})'}"
            for name, state in self.fragile.items()
        )
        hit = {name: load for name, load in self.load.items() if load.most_in_one_second}
        hardest = max(hit.items(), key=lambda one: one[1].most_in_one_second, default=("nobody", Load(0, 0)))
        words = [
            f"paper used: {self.paper_bytes} bytes",
            f"fragile: {fragile or 'none here'}",
            f"hardest hit: {hardest[0]} {hardest[1].most_in_one_second} packets/s",
            f"logins tried: {self.logins_tried}",
        ]
        if self.faults:
            words.append(f"lab faults: {len(self.faults)}")
        return "lab: " + "; ".join(words)

    def as_json(self) -> str:
        """The same as indented JSON."""
        return json.dumps(asdict(self) | {"well": self.well}, indent=2, ensure_ascii=False) + "\n"


def examine(office: Office, folder: Path) -> Health:
    """The health of an office, from its run folder, while it is up or just after."""
    journal = Journal(folder)
    paper = journal.paper_used()
    logins = all_logins(office, folder)
    return Health(
        paper_bytes=sum(paper.values()),
        paper=paper,
        fragile={
            device.name: _state(folder / "dead" / device.name)
            for device in office.devices
            if device.persona.fragile
        },
        load={
            name: load
            for name, load in _load(folder / "traffic").items()
            if not (office.router and office.router.name == name)
        },
        logins_tried=len(logins),
        logins_accepted=sum(login.outcome == "accepted" for login in logins),
        left_out=_lines(folder / "left-out.txt"),
        faults=journal.faults(),
    )


def all_logins(office: Office, folder: Path) -> tuple[Login, ...]:
    """Every login anybody tried on any device, oldest first."""
    tried = (*Journal(folder).logins(), *daemon_logins(office, folder, utc_now().year))
    return tuple(sorted(tried, key=lambda one: one.at))


def _state(mark: Path) -> str:
    return mark.read_text(encoding="utf-8") if mark.exists() else "alive"


def _lines(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8").splitlines()) if path.exists() else ()


def _load(folder: Path) -> dict[str, Load]:
    load = {}
    for path in sorted(folder.glob("*")):
        if path.suffix == ".new":
            continue
        for device, counts in json.loads(path.read_text(encoding="utf-8")).items():
            load[device] = Load(**counts)
    return load
