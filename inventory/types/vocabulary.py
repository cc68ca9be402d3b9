"""The closed vocabularies: every word that code, data files and screens share."""

from enum import StrEnum


class DeviceClass(StrEnum):
    """What kind of device it is; `UNKNOWN` where the evidence is thin."""

    PRINTER = "printer"
    SCANNER = "scanner"
    FAX = "fax"
    CAMERA = "camera"
    RECORDER = "recorder"
    PBX = "pbx"
    PHONE = "phone"
    ACCESS_POINT = "access-point"
    WLAN_CONTROLLER = "wlan-controller"
    SWITCH = "switch"
    ROUTER = "router"
    FIREWALL = "firewall"
    NAS = "nas"
    UPS = "ups"
    PDU = "pdu"
    ENVIRONMENTAL_SENSOR = "environmental-sensor"
    ACCESS_CONTROL = "access-control"
    INTERCOM = "intercom"
    AV = "av"
    DISPLAY = "display"
    KVM_BMC = "kvm-bmc"
    BUILDING_AUTOMATION = "building-automation"
    MEDIA = "media"
    SERVER = "server"
    WORKSTATION = "workstation"
    MOBILE = "mobile"
    OTHER = "other"
    UNKNOWN = "unknown"


class ConnectionMethod(StrEnum):
    """連線方式 of Art. 22: how the device reaches the network."""

    WIRED = "wired"
    WIRELESS = "wireless"
    NONE = "none"
    UNKNOWN = "unknown"


class Attribute(StrEnum):
    """Everything a claim or a person may say about a device; each keeps its source and time."""

    DEVICE_CLASS = "device_class"
    VENDOR = "vendor"
    MODEL = "model"
    FIRMWARE = "firmware"
    SERIAL = "serial"
    HOSTNAME = "hostname"
    OS = "os"
    CONNECTION_METHOD = "connection_method"
    SWITCH_PORT = "switch_port"
    VLAN = "vlan"
    SSID = "ssid"
    # identifiers that only machines read
    MAC = "mac"
    UUID = "uuid"
    ENGINE_ID = "engine_id"
    SSH_KEY = "ssh_key"
    TLS_KEY = "tls_key"
    # what a service on one port is (the claim names the port)
    SERVICE_NAME = "service_name"
    SERVICE_PRODUCT = "service_product"
    SERVICE_VERSION = "service_version"
    # what people say (Art. 22)
    OWNER = "owner"
    LOCATION = "location"
    PURPOSE = "purpose"
    IN_SCOPE = "in_scope"
    ASSET_TAG = "asset_tag"
    SUPPLIER = "supplier"
    CONTRACT = "contract"
    PURCHASE_DATE = "purchase_date"
    SECURITY_MARK = "security_mark"
    PHYSICAL_CONTROL = "physical_control"
    ACCESS_RIGHT = "access_right"
    NETWORK_ZONE = "network_zone"
    DECLARED_PORTS = "declared_ports"
    NOTES = "notes"


MACHINE_READ = frozenset(
    {
        Attribute.MAC,
        Attribute.UUID,
        Attribute.ENGINE_ID,
        Attribute.SSH_KEY,
        Attribute.TLS_KEY,
        Attribute.SERVICE_NAME,
        Attribute.SERVICE_PRODUCT,
        Attribute.SERVICE_VERSION,
    }
)
"""What only machines say: it becomes identifiers and services, not values a person may edit."""

EDITABLE = tuple(attribute for attribute in Attribute if attribute not in MACHINE_READ)


class Touch(StrEnum):
    """How far a scope lets us go; each level includes the ones before it."""

    PASSIVE = "passive"
    QUERY = "query"
    LOGIN = "login"


class ProbeOutcome(StrEnum):
    """What the network said to one probe: a value, never an exception."""

    ANSWERED = "answered"
    SILENT = "silent"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    FORBIDDEN = "forbidden"
    GARBLED = "garbled"
    NOT_TRIED = "not-tried"


class IdentifierKind(StrEnum):
    """What can tell one device from another, strongest first (see inventory.identity)."""

    SERIAL = "serial"
    UUID = "uuid"
    ENGINE_ID = "engine_id"
    TLS_KEY = "tls_key"
    SSH_KEY = "ssh_key"
    MAC = "mac"
    HOSTNAME = "hostname"
    IP = "ip"


class DeviceStatus(StrEnum):
    """The life of a record; nothing is ever deleted."""

    DISCOVERED = "discovered"
    CONFIRMED = "confirmed"
    IN_SERVICE = "in-service"
    UNSEEN = "unseen"
    RETIRED = "retired"


class InScope(StrEnum):
    """Art. 21: is the device subject to the guideline."""

    IN = "in"
    OUT = "out"
    UNDETERMINED = "undetermined"


class CheckOutcome(StrEnum):
    """What a check found; `UNKNOWN` when the evidence is stale or missing, `ERROR` when the check crashed."""

    PASS = "pass"  # noqa: S105 - a check's outcome, not a secret
    FAIL = "fail"
    NOT_APPLICABLE = "not-applicable"
    UNKNOWN = "unknown"
    ERROR = "error"


class VerdictOutcome(StrEnum):
    """What a rule says of a device; absence of evidence is `UNDETERMINED`, never `COMPLIANT`."""

    COMPLIANT = "compliant"
    BREACH = "breach"
    EXCEPTED = "excepted"
    NOT_APPLICABLE = "not-applicable"
    UNDETERMINED = "undetermined"


WORST_FIRST = (
    VerdictOutcome.BREACH,
    VerdictOutcome.UNDETERMINED,
    VerdictOutcome.EXCEPTED,
    VerdictOutcome.COMPLIANT,
    VerdictOutcome.NOT_APPLICABLE,
)
"""What several verdicts on one device come to: the first of these among them."""


class FindingState(StrEnum):
    """The life of a breach from one assessment to the next."""

    OPEN = "open"
    CONTINUING = "continuing"
    EXCEPTED = "excepted"
    RESOLVED = "resolved"


class Severity(StrEnum):
    """How soon a breach must be mended; the pack says how many days each gives."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Tick(StrEnum):
    """What may be said of one item of a checklist."""

    YES = "yes"
    NO = "no"
    NOT_APPLICABLE = "not-applicable"


class ObligationLevel(StrEnum):
    """應 (must) or 宜 (should)."""

    MUST = "must"
    SHOULD = "should"
