"""How much five years of weekly scans take up: every scan goes through the intake, week after week.

A fifth of the office has 200 devices; the file of it is measured and counted five times. Each device answers
at five ports. Each week a fifth of them has another address, one in ten says something new at every port (a
page counter, a date), now and then a port is shut; firmware changes once a year.
"""

from datetime import timedelta
from pathlib import Path
from random import Random

from inventory.register import Register
from inventory.types import FixedClock, ScanRun, Sighting
from tests.bench import big_register
from tests.inventory.heard import WEEK, heard

WEEKS, DEVICES, A_PART = 260, 1000, 5
PORTS = ("tcp/22", "tcp/80", "tcp/443", "udp/161", "tcp/9100")
BEGUN = big_register.NOW - WEEKS * WEEK


def megabytes(place: Path, *, weeks: int = WEEKS) -> float:
    """What the whole office takes up after that many weekly scans, in MB of 10⁶ octets."""
    chance = Random(5)
    count = DEVICES // A_PART
    addresses = list(range(count))
    with Register.open(str(place), FixedClock(big_register.NOW)) as register:
        for week in range(weeks):
            moving = chance.sample(range(count), count // 5)
            for one, other in zip(moving, [*moving[1:], moving[0]], strict=True):
                addresses[one], addresses[other] = addresses[other], addresses[one]
            began = BEGUN + week * WEEK
            run = ScanRun(f"run-{week}", "admin", began, None, stopped=False, profile="gentle")
            register.begin_scan(run)
            register.ingest([_seen(number, addresses[number], week, chance) for number in range(count)])
            register.finish_scan(
                ScanRun(run.id, "admin", began, began + timedelta(hours=1), stopped=False, profile="gentle")
            )
    return sum(each.stat().st_size for each in place.parent.glob(f"{place.name}*")) * A_PART / 1e6


def _seen(number: int, address: int, week: int, chance: Random) -> Sighting:
    shut = chance.randrange(len(PORTS)) if chance.random() < 0.02 else None
    ports = tuple(port for place, port in enumerate(PORTS) if place != shut)
    counter = str(week) if number % 10 == 0 else ""
    return heard(
        f"10.1.{address >> 8}.{address & 255}",
        f"00:26:75:00:{number >> 8:02x}:{number & 255:02x}",
        run=f"run-{week}",
        at=BEGUN + week * WEEK + timedelta(seconds=number),
        ports=ports,
        facts=(("http_servers", "embedded"), ("html_title", f"device {number} {counter}")),
        vendor="Ricoh",
        model="IM C3000",
        firmware=f"{1 + (week + number) // 52}.0",
        serial=f"YN{number:06}",
        hostname=f"device-{number}",
        device_class="printer",
    )
