"""The register at 1,000 and 100,000 devices: pages, one device, the past, intake, import, size.

The peer column holds what we promise (the thresholds of the design); the import's peer is NetBox as its
own users measured it, 25 s for 10 devices. Times are the best of three, wall clock.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from inventory.query import EVERYTHING, SortKey, parse
from inventory.register import Register
from inventory.types import Attribute, FixedClock, ImportRow, Sighting
from tests.bench import big_register
from tests.inventory.heard import heard

Row = tuple[str, float, float, float, str]

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
)
SMALL, LARGE = 1_000, 100_000
NETBOX_ROWS_A_SECOND = 10 / 25


def bench(large: int = LARGE) -> list[Row]:
    """Every number of the register's room."""
    with tempfile.TemporaryDirectory() as folder:
        small, big = Path(folder) / "small.sqlite", Path(folder) / "big.sqlite"
        big_register.fill(small, SMALL)
        big_register.fill(big, large)
        kib = big.stat().st_size / large / 1024
        rows = [_row(f"size of a device with 3 years of history, {large:,} devices", kib, 15, "KiB")]
        with Register.open(str(small), FixedClock(big_register.NOW)) as register:
            few = _worst_page(register)[0]
        with Register.open(str(big), FixedClock(big_register.NOW)) as register:
            rows += _reading(register, large)
            many = _worst_page(register)
            rows.append(_row(f"slowest filtered page of 100 ({many[1]})", many[0], 50, "ms"))
            rows.append(_row(f"the same at {SMALL:,} devices", few, 50, "ms"))
            rows += _writing(register)
    return rows


def _reading(register: Register, count: int) -> list[Row]:
    one = big_register.device_id(count // 2)
    then = big_register.NOW - timedelta(days=500)
    sorts = max(_ms(lambda key=key: register.page(parse(f"sort:-{key}"), 0, 100)) for key in SortKey)

    def whole() -> None:
        register.device(one)
        register.history(one)

    return [
        _row("one device with its history", _ms(whole), 20, "ms"),
        _row("slowest sort of a page of 100", sorts, 50, "ms"),
        _row("page as of 500 days ago", _ms(lambda: register.page_at(EVERYTHING, then, 0, 100)), 100, "ms"),
        _row(
            "the same, filtered by owner",
            _ms(lambda: register.page_at(parse("owner:person01"), then, 0, 100)),
            100,
            "ms",
        ),
    ]


def _worst_page(register: Register) -> tuple[float, str]:
    return max((_ms(lambda text=text: register.page(parse(text), 0, 100)), text) for text in FILTERS)


def _writing(register: Register) -> list[Row]:
    rows = list(_list(10_000))
    begun = time.perf_counter()
    register.import_rows(rows, "bench", name="bench")
    rate = len(rows) / (time.perf_counter() - begun)
    first = _intake(register, "bench-1", big_register.NOW)
    again = _intake(register, "bench-2", big_register.NOW + timedelta(days=7))
    return [
        (
            "import into the large register, NetBox as peer",
            rate,
            NETBOX_ROWS_A_SECOND,
            rate / NETBOX_ROWS_A_SECOND,
            "rows/s",
        ),
        _row("the same against the promise", rate, 5000, "rows/s"),
        _row("20,000 observations of new devices", first, 10, "s"),
        _row("20,000 observations of known devices", again, 10, "s"),
    ]


def _intake(register: Register, run: str, at: object) -> float:
    begun = time.perf_counter()
    batch: list[Sighting] = []
    for number in range(4000):
        mac = f"00:26:74:00:{number >> 8:02x}:{number & 255:02x}"
        batch.append(
            heard(
                f"10.200.{number >> 8}.{number & 255}",
                mac,
                run=run,
                at=at,
                ports=("tcp/22", "tcp/80", "tcp/443", "udp/161", "tcp/9100"),
                vendor="Ricoh",
                model="IM C3000",
                firmware=f"1.{number % 7}",
                serial=f"BN{number:07}",
                device_class="printer",
            )
        )
        if len(batch) == 250:
            register.ingest(batch)
            batch = []
    return time.perf_counter() - begun


def _list(count: int) -> Iterator[ImportRow]:
    for number in range(count):
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
        ip = f"10.240.{number >> 8}.{number & 255}"
        yield ImportRow(number + 2, values, site="branch", segment="office", ip=ip)


def _ms(call: Callable[[], object]) -> float:
    best = float("inf")
    for _again in range(3):
        begun = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - begun)
    return best * 1000


def _row(what: str, ours: float, promised: float, unit: str) -> Row:
    return (what, ours, promised, ours / promised, unit)
