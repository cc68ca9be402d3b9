"""A pretend office in a register: rivals and gaps, verdicts of every outcome, findings of every age."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

from inventory.register import Register
from inventory.types import (
    AddressState,
    Article,
    Assessment,
    Attestation,
    Attribute,
    CheckOutcome,
    CheckResult,
    Claim,
    Device,
    ExceptionRecord,
    Fact,
    Finding,
    FindingState,
    FixedClock,
    ObligationLevel,
    Observation,
    ReplacementPlan,
    ScanRun,
    Scope,
    SegmentCoverage,
    Severity,
    Sighting,
    Target,
    Unsettled,
    Verdict,
    VerdictOutcome,
    share,
)

NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
EDITION = date(2024, 12, 27)

SMALL = 100

# class, vendor, model, firmware
KINDS = (
    ("printer", "RICOH", "IM C3000", "1.06"),
    ("camera", "Hikvision", "DS-2CD2143G2-I", "5.7.3"),
    ("switch", "Cisco", "C9200L-24P", "17.9.4"),
    ("recorder", "Dahua", "NVR5216-16P", "4.001"),
    ("phone", "Yealink", "SIP-T46U", "108.86.0.20"),
    ("access-point", "Aruba", "AP-505", "8.10.0.7"),
    ("environmental-sensor", "", "", ""),
    ("nas", "Synology", "DS920+", "7.2.1"),
)
OWNERS = ("王小明", "陳美玲", "", "Lin Wei", "資訊部 李大華")
PLACES = ("3F 影印室", "機房 A 櫃", "", "12樓會議室", "1F lobby")
ARTICLES = (
    ("21", "Definition and scope", "物聯網設備定義及指引適用範圍"),
    ("22", "Inventory and assessment", "設備盤點評估"),
    ("23", "Software of devices", "設備軟體控管"),
    ("24", "Access rights", "設備權限控管"),
    ("25", "Connections", "設備連線控管"),
    ("26", "Purchase", "設備採購控管"),
    ("30", "Sensors without management", "不具備管理功能之感測器控管"),
)


def furnish(place: Path, devices: int) -> None:
    """Fills a new register with a scan of that many devices, what people said of them, and an assessment."""
    clock = FixedClock(NOW)
    with Register.open(str(place), clock, entropy=_same_every_time()) as register:
        if not devices:
            return
        clock.at = NOW - timedelta(days=30)
        earlier = range(devices - devices // 10) if devices <= SMALL else range(SMALL)
        _scan(register, "run-1", clock.at, earlier, devices)
        ids = {device.addresses[0].ip: device.id for device in register.devices()}
        for number, (owner, spot) in enumerate(zip(OWNERS, PLACES, strict=True)):
            mine = [ids[ip] for n in range(devices) if n % 5 == number and (ip := _ip(n)) in ids]
            said = {Attribute.OWNER: owner, Attribute.LOCATION: spot}
            register.edit(mine, {attribute: text for attribute, text in said.items() if text}, "chen")
        register.edit([ids[_ip(0)]], {Attribute.FIRMWARE: "1.00"}, "chen")
        clock.at = NOW - timedelta(minutes=5)
        _scan(register, "run-2", clock.at, range(1 if devices > 5 else 0, devices), devices)
        clock.at = NOW
        everyone = [device.id for device in register.devices()]
        register.save_assessment(_assessment(everyone))
        register.save_results(_results(register.devices()[:SMALL]))
        _records(register, everyone)
        register.add_scope(Scope("10.0.0.0/22", "hq", "office", do_not_probe=("10.0.3.9/32",)), "chen")


def _scan(register: Register, run: str, at: datetime, numbers: range, devices: int) -> None:
    begun = ScanRun(run, "admin", at)
    register.begin_scan(begun)
    register.ingest([sighting(run, at, number) for number in numbers])
    counts = {
        AddressState.FOUND: len(numbers),
        AddressState.SILENT: 1016 - devices % 1000,
        AddressState.REFUSED: 4,
    }
    covered = SegmentCoverage(
        site="hq",
        segment="office",
        network="10.0.0.0/22",
        addresses=sum(counts.values()),
        counts=counts,
        method="arp",
        unsettled=(Unsettled("10.0.3.9", AddressState.REFUSED, "do not probe"),),
    )
    finished = at + timedelta(minutes=2)
    register.finish_scan(ScanRun(run, "admin", at, finished=finished, coverage=(covered,)))


def sighting(
    run: str, at: datetime, number: int, *, model: str = "", serial: str = "", hostname: str = ""
) -> Sighting:
    """What a scan hears of the office's device of that number."""
    kind, vendor, usual, firmware = KINDS[number % len(KINDS)]
    model = model or usual
    mac = f"00:26:73:{number >> 16 & 255:02x}:{number >> 8 & 255:02x}:{number & 255:02x}"
    target = Target(_ip(number), mac, "hq", ("office", "iot", "server")[number % 3])
    said = [
        (Attribute.DEVICE_CLASS, kind),
        (Attribute.VENDOR, vendor),
        (Attribute.MODEL, model),
        (Attribute.FIRMWARE, firmware),
        (Attribute.CONNECTION_METHOD, "wired"),
        (Attribute.SERIAL, serial),
        (Attribute.HOSTNAME, hostname),
    ]
    claims = tuple(
        Claim(attribute, value, 0.95, f"snmp.{attribute.value}", "snmp", "udp/161")
        for attribute, value in said
        if value
    )
    seen = Observation(
        run=run,
        vantage="admin",
        target=target,
        source="snmp",
        at=at,
        facts=(
            Fact("1.3.6.1.2.1.1.1.0", f"{vendor} {model}".strip() or "sensor"),
            Fact("snmp.community", "public"),
        ),
        service="udp/161",
        digest="ab" * 32,
    )
    return Sighting(run, target, at, (seen,), claims)


def _ip(number: int) -> str:
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def _assessment(ids: list[str]) -> Assessment:
    verdicts = tuple(
        _verdict(device, n, article) for n, device in enumerate(ids) for article in range(len(ARTICLES))
    )
    findings = tuple(_finding(verdict) for verdict in verdicts if verdict.outcome in _FOUND)
    return Assessment(TODAY, tuple(_article(*names) for names in ARTICLES), share(verdicts), findings)


def _article(number: str, english: str, chinese: str) -> Article:
    return Article(
        pack="sfi-iot-2024",
        pack_title_en="Guideline on emerging technology",
        pack_title_zh="新興科技資通安全管控指引",
        edition=EDITION,
        number=number,
        title_en=english,
        title_zh=chinese,
        summary_en=english,
        summary_zh=chinese,
        level=ObligationLevel.MUST,
        cycle="yearly",
    )


def _verdict(device: str, number: int, article: int) -> Verdict:
    outcomes = list(VerdictOutcome)
    name = ARTICLES[article][0]
    return Verdict(
        device=device,
        pack="sfi-iot-2024",
        edition=EDITION,
        article=name,
        rule=f"rule-{name}",
        outcome=VerdictOutcome.UNDETERMINED if name == "26" else outcomes[(number * 2 + article) % 5],
        severity=list(Severity)[(number + article) % 3],
        reason_en="Port tcp/80 is open and nobody has declared it; its login page came without encryption.",
        reason_zh="tcp/80 未申報即開放，其登入頁面未加密。",
        judged_on=TODAY,
        because=("check:ports", "owner"),
        remedy_en="Close the port on the device, or declare it with the reason it is needed.",
        remedy_zh="關閉該連接埠，或填寫申報原因。",
        due_days=30,
    )


_FOUND = (VerdictOutcome.BREACH, VerdictOutcome.EXCEPTED)


def _finding(verdict: Verdict) -> Finding:
    old = verdict.severity is Severity.HIGH
    opened = TODAY - timedelta(days=40) if old else TODAY
    state = FindingState.CONTINUING if old else FindingState.OPEN
    return Finding(
        id=f"f-{verdict.device}-{verdict.article}",
        device=verdict.device,
        pack=verdict.pack,
        article=verdict.article,
        rule=verdict.rule,
        state=FindingState.EXCEPTED if verdict.outcome is VerdictOutcome.EXCEPTED else state,
        severity=verdict.severity,
        opened=opened,
        last_judged=TODAY,
        due=opened + timedelta(days=30),
        reason_en=verdict.reason_en,
        reason_zh=verdict.reason_zh,
        remedy_en=verdict.remedy_en,
        remedy_zh=verdict.remedy_zh,
    )


def _results(devices: Iterable[Device]) -> list[CheckResult]:
    """Of every third device its isolation was measured; wireless ones are graded."""
    results = []
    for number, device in enumerate(devices):
        if number % 3 == 0:
            leaks = number % 2 == 0
            outcome = CheckOutcome.FAIL if leaks else CheckOutcome.PASS
            facts = {"measured": "leaking" if leaks else "isolated"}
            reason = "reached the internal network" if leaks else "isolated by measurement"
            results.append(CheckResult(device.id, "isolation", outcome, reason, NOW, facts=facts))
        if device.device_class.value == "access-point":
            facts = {"offered": "yes", "ssids": "office-guest", "weak": "wep"}
            results.append(
                CheckResult(device.id, "wireless", CheckOutcome.FAIL, "WEP is broken", NOW, facts=facts)
            )
    return results


def _records(register: Register, ids: list[str]) -> None:
    """A plan that is late and one that is not, an exception that ends soon, an answer that is due."""
    for name, due, state in (
        ("plan-2026-001", date(2026, 9, 30), "ordered"),
        ("plan-2026-002", date(2027, 3, 31), "approved"),
    ):
        plan = ReplacementPlan(name, tuple(ids[:2]), "No more updates", "NVR-9000", due, "陳美玲", state)
        register.add_plan(plan, "chen")
    exception = ExceptionRecord(
        id="exception-2026-001",
        device=ids[0],
        articles=("23", "25"),
        reason="The maker has gone",
        compensating_control="a segment of its own",
        approver="王小明",
        start=date(2026, 1, 1),
        expiry=date(2026, 12, 31),
        plan="plan-2026-002",
    )
    register.add_exception(exception, "chen")
    for name, article, due in (("attest-1", "26", date(2026, 12, 1)), ("attest-2", "28", date(2026, 10, 1))):
        register.add_attestation(
            Attestation(name, article, "", article == "26", "chen", date(2025, 12, 1), "minutes", due), "chen"
        )


def _same_every_time() -> Callable[[int], bytes]:
    numbers = count(1)
    return lambda size: (next(numbers) * 0x9E3779B97F4A7C15 % (1 << 8 * size)).to_bytes(size, "big")
