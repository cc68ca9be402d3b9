"""The register at 1,000 to 100,000 devices: what a reader waits for, and what one more device costs.

Draws `docs/pictures/register-scale.svg`: lines that stay level are what is promised.
"""

import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from inventory.query import SortKey, parse
from inventory.register import Register
from inventory.types import Attribute, FixedClock, ImportRow
from tests.bench import big_register
from tests.inventory.heard import heard

PICTURE = Path(__file__).parents[2] / "docs" / "pictures" / "register-scale.svg"
FILTERS = (
    "class:printer",
    "vendor:ric",
    "firmware:3.1",
    "serial:SN0000",
    "hostname:printer-0",
    "os:vxworks",
    "connection:wired",
    "site:site3",
    "ip:10.0.4.0/24",
    "mac:00:26:73:00",
    "port:443",
    "port:udp/161",
    "status:confirmed",
    "owner:person01",
    "location:3f",
    "purpose:none",
    "vlan:none",
    "asset_tag:any",
    "ricoh 3f",
    "-port:23 -vendor:ricoh",
    "eol<2029",
)
SORTS = tuple(f"sort:{sign}{key}" for key in SortKey for sign in ("", "-"))
FILTERED = tuple(  # each filter with each key, every other time upside down
    f"{text} {sort}" for row, text in enumerate(FILTERS) for sort in SORTS[row % 2 :: 2]
)
OWN_FIELD = (*(f"custom.rack:r7 {sort}" for sort in SORTS), *(f"{text} sort:custom.rack" for text in FILTERS))
THEN = big_register.NOW - timedelta(days=500)
OBSERVATIONS = 20_000
PORTS = ("tcp/22", "tcp/80", "tcp/443", "udp/161", "tcp/9100")
BATCH = 250
A_LIST = 10_000  # rows


@dataclass(frozen=True, slots=True)
class Measured:
    """One register: milliseconds to read, rows a second to import, seconds for a scan's observations."""

    devices: int
    kib: float
    one: float
    filtered: tuple[float, str]
    sorted_: tuple[float, str]
    past: tuple[float, str]
    past_filtered: tuple[float, str]
    own: tuple[float, str]
    past_own: tuple[float, str]
    imported: float
    new: float
    known: float

    @property
    def a_row(self) -> float:
        """Milliseconds to import one device."""
        return 1000 / self.imported

    @property
    def a_sighting(self) -> float:
        """Milliseconds to take in one device that is known, heard at five ports."""
        return self.known * 1000 / (OBSERVATIONS / len(PORTS))


def measure(place: Path, count: int) -> Measured:
    """Fills a register at `place` with `count` devices and measures it; reading is the best of three."""
    big_register.fill(place, count)
    kib = place.stat().st_size / count / 1024
    one = big_register.device_id(count // 2)
    with Register.open(str(place), FixedClock(big_register.NOW)) as register:

        def whole() -> None:
            register.device(one)
            register.history(one)

        def page(text: str) -> tuple[float, str]:
            return _ms(lambda: register.page(parse(text), 0, 100)), text

        def past(text: str) -> tuple[float, str]:
            return _ms(lambda: register.page_at(parse(text), THEN, 0, 100)), text

        return Measured(
            count,
            kib,
            _ms(whole),
            max(map(page, FILTERED)),
            max(map(page, SORTS)),
            max(map(past, SORTS)),
            max(map(past, FILTERED)),
            max(map(page, OWN_FIELD)),
            max(map(past, OWN_FIELD)),
            imported(register, 0),
            _intake(register, "bench-1", 0),
            _intake(register, "bench-2", 7),
        )


def imported(register: Register, number: int) -> float:
    """Rows a second of a list of new devices, the `number`th."""
    rows = list(_list(number * A_LIST, A_LIST))
    begun = time.perf_counter()
    register.import_rows(rows, "bench", name="bench")
    return len(rows) / (time.perf_counter() - begun)


def draw(measured: Sequence[Measured], place: Path = PICTURE) -> None:
    """The lines over the number of devices, both scales logarithmic."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    lines = {
        "as-of page, slowest filter": [one.past_filtered[0] for one in measured],
        "as-of page, slowest sort": [one.past[0] for one in measured],
        "page, slowest filter": [one.filtered[0] for one in measured],
        "page, slowest sort": [one.sorted_[0] for one in measured],
        "one device, its history": [one.one for one in measured],
        "one sighting taken in": [one.a_sighting for one in measured],
        "one row imported": [one.a_row for one in measured],
    }
    with rc_context({"svg.hashsalt": "register", "svg.fonttype": "none"}), warnings.catch_warnings():
        figure = Figure(figsize=(8, 4.5), layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        for label, points in lines.items():
            axes.loglog([one.devices for one in measured], points, marker="o", label=label)
        axes.set_xlabel("devices, each with 3 years of history")
        axes.set_ylabel("milliseconds")
        axes.grid(visible=True, alpha=0.3)
        figure.legend(loc="outside right upper", fontsize="small")
        figure.savefig(place, format="svg", metadata={"Date": None})


def _intake(register: Register, run: str, day: int) -> float:
    """Seconds for a scan's worth of observations, a transaction each batch."""
    numbers = range(OBSERVATIONS // len(PORTS))
    heard_of = [_sighting(number, run, day) for number in numbers]
    begun = time.perf_counter()
    for first in range(0, len(heard_of), BATCH):
        register.ingest(heard_of[first : first + BATCH])
    return time.perf_counter() - begun


def _sighting(number: int, run: str, day: int):
    return heard(
        f"10.200.{number >> 8}.{number & 255}",
        f"00:26:74:00:{number >> 8:02x}:{number & 255:02x}",
        run=run,
        at=big_register.NOW + timedelta(days=day),
        ports=PORTS,
        vendor="Ricoh",
        model="IM C3000",
        firmware=f"1.{number % 7}",
        serial=f"BN{number:07}",
        device_class="printer",
    )


def _list(first: int, count: int) -> Iterator[ImportRow]:
    for number in range(first, first + count):
        values = {
            Attribute.DEVICE_CLASS: "printer",
            Attribute.VENDOR: "Ricoh",
            Attribute.MODEL: "IM C3000",
            Attribute.SERIAL: f"IN{number:08}",
            Attribute.ASSET_TAG: f"A-{number}",
            Attribute.OWNER: f"person{number % 90}",
            Attribute.LOCATION: f"hq / {number % 9}F",
            Attribute.PURPOSE: "printing",
            Attribute.SUPPLIER: "Kyodo",
            Attribute.CONNECTION_METHOD: "wired",
        }
        ip = f"10.{240 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"
        yield ImportRow(number - first + 2, values, site="branch", segment="office", ip=ip)


def _ms(call: Callable[[], object]) -> float:
    best = float("inf")
    for _again in range(3):
        begun = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - begun)
    return best * 1000
