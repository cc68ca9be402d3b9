"""A pretend office, frozen: enough of everything that a snapshot can hold, written by hand."""

from datetime import UTC, date, datetime, timedelta
from types import ModuleType

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import strategies as st

from inventory.export.form import in_passing
from inventory.snapshot import CoverageRecord, PreviousSnapshot, Snapshot
from inventory.snapshot.signing import Signer
from inventory.types import (
    Address,
    AddressState,
    Article,
    Attestation,
    Attribute,
    CheckOutcome,
    CheckResult,
    Comment,
    Device,
    DeviceStatus,
    ExceptionRecord,
    Finding,
    FindingState,
    Held,
    Identifier,
    IdentifierKind,
    ObligationLevel,
    PlanStep,
    ReplacementPlan,
    Scope,
    SegmentCoverage,
    Service,
    Severity,
    Tick,
    Ticked,
    Unsettled,
    Verdict,
    VerdictOutcome,
    share,
)

SCANNED = datetime(2026, 11, 18, 1, 30, tzinfo=UTC)
ON = date(2026, 11, 20)
EDITION = date(2024, 12, 27)
HOSTILE = "=cmd|' /c calc'!A1\x00<script>alert(1)</script>\u202egpj.exe\ud800$x^2$"

A = Attribute


def device(number: int, segment: str, texts: dict[Attribute, str], ports: str = "") -> Device:
    """Device `number`, seen by the scan, with what it and a person said of it."""
    people = {A.OWNER, A.LOCATION, A.PURPOSE, A.IN_SCOPE}
    held = {
        attribute: Held(
            value,
            "person:Lin" if attribute in people else "http.title",
            SCANNED,
            1.0 if attribute in people else 0.8,
            locked=attribute in people,
        )
        for attribute, value in texts.items()
    }
    services = tuple(
        Service(proto, int(port), name, "", "", SCANNED, SCANNED)
        for proto, port, name in (entry.split("/") for entry in ports.split())
    )
    address = Address(
        f"192.168.{10 if segment == 'office' else 20}.{number}",
        f"00:00:5e:00:53:{number:02x}",
        "hq",
        segment,
        SCANNED - timedelta(days=300),
        SCANNED,
    )
    return Device(
        f"d-{number:04}",
        DeviceStatus.CONFIRMED,
        "hq",
        segment,
        SCANNED - timedelta(days=300),
        SCANNED,
        held,
        (address,),
        services,
        (Identifier(IdentifierKind.MAC, address.mac or ""),),
    )


PRINTER = device(
    11,
    "office",
    {
        A.DEVICE_CLASS: "printer",
        A.VENDOR: "Ricoh",
        A.MODEL: "IM C3000",
        A.FIRMWARE: "1.07",
        A.SERIAL: "3120M450012",
        A.CONNECTION_METHOD: "wired",
        A.OWNER: "林美玲",
        A.LOCATION: "三樓文印室",
        A.PURPOSE: "部門列印",
        A.IN_SCOPE: "in",
    },
    "tcp/80/http tcp/443/https tcp/9100/jetdirect udp/161/snmp",
)
CAMERA = device(
    21,
    "iot",
    {A.DEVICE_CLASS: "camera", A.VENDOR: "Axis", A.MODEL: "P3245-LV", A.CONNECTION_METHOD: "wired"},
    "tcp/80/http tcp/554/rtsp",
)
ACCESS_POINT = device(
    22,
    "iot",
    {
        A.DEVICE_CLASS: "access-point",
        A.VENDOR: "Ubiquiti",
        A.MODEL: "U6-Pro",
        A.SSID: "branch-guest",
        A.CONNECTION_METHOD: "wired",
        A.OWNER: "陳志豪",
    },
    "tcp/22/ssh",
)
LIAR = device(31, "iot", {A.VENDOR: HOSTILE, A.MODEL: "A" * 5000, A.HOSTNAME: "@SUM(1+1)", A.OWNER: "+886"})
SENSOR = Device(
    "d-0041",
    DeviceStatus.CONFIRMED,
    "hq",
    "iot",
    SCANNED,
    SCANNED,
    {
        A.DEVICE_CLASS: Held("environmental-sensor", "person:Lin", SCANNED, 1.0, locked=True),
        A.LOCATION: Held("機房", "person:Lin", SCANNED, 1.0, locked=True),
        A.CONNECTION_METHOD: Held("wireless", "person:Lin", SCANNED, 1.0, locked=True),
    },
)


PACK_TITLES = {
    "guideline-2024": ("Guideline, chapter 5: IoT devices", "管控指引 第五章 物聯網設備安全控管"),
    "twse": ("TWSE inspection mechanism", "建立證券商資通安全檢查機制"),
}


def article(number: str, en: str, zh: str, pack: str = "guideline-2024") -> Article:
    """One article of a pack with a short summary."""
    return Article(
        pack,
        *PACK_TITLES[pack],
        EDITION,
        number,
        en,
        zh,
        f"{en}: what it asks.",
        f"{zh}之要求。",
        ObligationLevel.MUST,
        "yearly",
    )


ARTICLES = (
    article("22", "Register of devices", "設備盤點評估"),
    article("23", "Device software", "設備軟體控管"),
    article("24", "Access rights", "設備權限控管"),
    article("CC-17010 m(a)", "Wireless protocols", "無線網路管理", "twse"),
)


def verdict(device_id: str, number: str, outcome: VerdictOutcome, rule: str = "", pack: str = "") -> Verdict:
    """What one rule of an article says of one device."""
    return Verdict(
        device_id,
        pack or "guideline-2024",
        EDITION,
        number,
        rule or f"rule-{number}",
        outcome,
        Severity.MEDIUM,
        f"{outcome} because of the evidence.",
        f"依佐證判定為{outcome}。",
        ON,
        ("check.registration",),
    )


VERDICTS = (
    verdict("d-0011", "22", VerdictOutcome.COMPLIANT),
    verdict("d-0021", "22", VerdictOutcome.BREACH),
    verdict("d-0022", "22", VerdictOutcome.BREACH),
    verdict("d-0031", "22", VerdictOutcome.BREACH),
    verdict("d-0041", "22", VerdictOutcome.COMPLIANT),
    verdict("d-0011", "23", VerdictOutcome.EXCEPTED),
    verdict("d-0021", "23", VerdictOutcome.UNDETERMINED),
    verdict("d-0022", "23", VerdictOutcome.UNDETERMINED),
    verdict("d-0031", "23", VerdictOutcome.UNDETERMINED),
    verdict("d-0041", "23", VerdictOutcome.NOT_APPLICABLE),
    verdict("d-0011", "24", VerdictOutcome.COMPLIANT),
    verdict("d-0011", "24", VerdictOutcome.UNDETERMINED, "privileges"),
    verdict("d-0022", "CC-17010 m(a)", VerdictOutcome.COMPLIANT, pack="twse"),
)


def finding(device_id: str, number: str, state: FindingState, due: date, severity: Severity) -> Finding:
    """A breach of an article with its life."""
    return Finding(
        f"f-{device_id}-{number}",
        device_id,
        "guideline-2024",
        number,
        f"rule-{number}",
        state,
        severity,
        date(2026, 8, 1),
        ON,
        due,
        "Owner and location are missing.",
        "未登錄管理人員及存放位置。",
        "Enter owner and location.",
        "請補登管理人員及存放位置。",
        date(2026, 11, 1) if state is FindingState.RESOLVED else None,
        "陳志豪" if device_id == "d-0021" else "",
    )


FINDINGS = (
    finding("d-0021", "22", FindingState.CONTINUING, date(2026, 10, 30), Severity.HIGH),
    finding("d-0022", "22", FindingState.OPEN, date(2026, 12, 20), Severity.MEDIUM),
    finding("d-0031", "22", FindingState.OPEN, date(2026, 12, 20), Severity.MEDIUM),
    finding("d-0011", "23", FindingState.EXCEPTED, date(2026, 12, 20), Severity.LOW),
    finding("d-0041", "22", FindingState.RESOLVED, date(2026, 10, 1), Severity.LOW),
)


def coverage(segment: str, network: str, found: int, refused: int = 0) -> CoverageRecord:
    """A finished look at a network of 254 addresses."""
    counts = dict.fromkeys(AddressState, 0) | {
        AddressState.FOUND: found,
        AddressState.REFUSED: refused,
        AddressState.SILENT: 254 - found - refused,
    }
    unsettled = tuple(
        Unsettled(f"192.168.20.{250 + place}", AddressState.REFUSED, "do-not-probe: life-safety panel")
        for place in range(refused)
    )
    looked = SegmentCoverage("hq", segment, network, 254, counts, "arp + tcp-syn", unsettled)
    return CoverageRecord(looked, "run-7", SCANNED, stopped=False)


OFFICE = Snapshot(
    label="2026",
    on=ON,
    devices=(PRINTER, CAMERA, ACCESS_POINT, LIAR, SENSOR),
    scopes=(
        Scope("192.168.10.0/24", "hq", "office"),
        Scope("192.168.20.0/24", "hq", "iot"),
        Scope("192.168.30.0/24", "hq", "guest"),
    ),
    coverage=(coverage("office", "192.168.10.0/24", 1), coverage("iot", "192.168.20.0/24", 3, refused=2)),
    awaiting_review=1,
    assessed_on=ON,
    articles=ARTICLES,
    results=(
        CheckResult("d-0022", "wireless", CheckOutcome.PASS, "WPA3-SAE with PMF", SCANNED),
        CheckResult("d-0021", "firmware", CheckOutcome.UNKNOWN, "no version known", SCANNED, None, ("e1",)),
    ),
    verdicts=share(VERDICTS),
    findings=FINDINGS,
    attestations=(
        Attestation(
            *("a-1", "28", "", True, "張主任", date(2026, 3, 2), "training-2026.pdf", date(2027, 3, 2)),
            (
                Ticked("users-trained", Tick.YES),
                Ticked("managers-trained", Tick.NOT_APPLICABLE, "林美玲 is new"),
            ),
        ),
    ),
    exceptions=(
        ExceptionRecord(
            "e-1",
            "d-0011",
            ("23",),
            "No update is published any more.",
            "Alone in its segment, printing only.",
            "張主任",
            date(2026, 1, 1),
            date(2026, 12, 31),
            "p-1",
            "weakness",
            "when-necessary",
        ),
    ),
    plans=(
        ReplacementPlan(
            "p-1",
            ("d-0011",),
            "end of updates",
            "IM C3010",
            date(2027, 3, 31),
            "林美玲",
            "approved",
            90_000,
            (
                PlanStep(SCANNED - timedelta(days=30), "林美玲", "draft", date(2026, 12, 31)),
                PlanStep(SCANNED, "Lin", "approved", date(2027, 3, 31)),
            ),
        ),
    ),
    comments=(Comment("f-d-0021-22", SCANNED, "陳志豪", "林美玲 asks the vendor"),),
    versions={"muster": "0.1.0", "form": "1"},
    previous=PreviousSnapshot("2025", date(2025, 11, 21), "0" * 64),
)


def rendered(module: ModuleType, snapshot: Snapshot, language: str) -> bytes:
    """The whole file that an exporter's module makes."""
    return b"".join(in_passing(module.form(snapshot, language), snapshot))


def one_device(text: str, attribute: Attribute = Attribute.MODEL) -> Snapshot:
    """A register of one device that says `text`."""
    held = {attribute: Held(text, "http.title", SCANNED)}
    device = Device("d-1", DeviceStatus.DISCOVERED, "hq", "iot", SCANNED, SCANNED, held)
    return Snapshot("", ON, (device,), assessed_on=ON)


ANY_TEXT = st.text(st.characters(), max_size=60) | st.sampled_from(
    [
        "=1+1",
        "+1",
        "-1",
        "@A1",
        "\t=1",
        "\r=1",
        "＝1",
        " =1",
        "\u202e=1",
        "#REF!",
        "_x003D_1",
        "\ud800",
        "\x00",
        "a\nb",
    ]
)

SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))

FILES = {
    "snapshot.json",
    "summary.json",
    "register.json",
    "register.csv",
    "register.xlsx",
    "report.zh-TW.html",
    "report.en.html",
    "oscal-results.json",
    "oscal-poam.json",
    "verify.py",
}
