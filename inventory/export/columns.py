"""The columns of the register as documents show it: Article 22's fields, and what helps to find a device."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache

from inventory.export.wording import Term, label_of
from inventory.types import Attribute, ConnectionMethod, Device, DeviceClass, DeviceStatus, InScope

SEPARATOR = "; "
PERSON = "person:"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its key in CSV, heading, width in characters, how to read a cell and how to say it."""

    key: str
    heading: Term
    width: int
    read: Callable[[Device], str | datetime]
    say: Callable[[str, str], str] | None = None

    def raw(self, device: Device) -> str:
        """The cell as machines read it: vocabulary words, and times as ISO 8601 in UTC."""
        return in_words(self.read(device))

    def shown(self, device: Device, language: str) -> str | date:
        """The cell as people read it in `language`: names for words, a date for a time."""
        return self.said(self.read(device), language)

    def said(self, value: str | datetime, language: str) -> str | date:
        """The same of a value that was read already."""
        if isinstance(value, datetime):
            return value.date()
        return self.say(value, language) if self.say and value else value


def in_words(value: str | datetime) -> str:
    """A value as machines read it."""
    return timestamp(value) if isinstance(value, datetime) else value


@lru_cache(4096)  # what one scan saw, or one person entered, has one moment
def timestamp(at: datetime) -> str:
    """`2026-11-20T08:30:00Z`: ISO 8601 in UTC, microseconds only where there are any."""
    return at.isoformat().replace("+00:00", "Z")


def ports_in_use(device: Device) -> str:
    """The open ports seen, `tcp/80 http; tcp/443 https`, in the order of protocol and number."""
    services = device.services
    if len(services) > 1:
        services = tuple(sorted(services, key=lambda service: (service.proto, service.port)))
    return SEPARATOR.join(f"{service.key} {service.name}".strip() for service in services)


def empty_fields(device: Device) -> tuple[str, ...]:
    """The keys of Article 22's fields nobody filled; what is not networked needs no address and no ports."""
    unconnected = device.text(Attribute.CONNECTION_METHOD) == ConnectionMethod.NONE
    needed = [key for key in ARTICLE_22 if not (unconnected and key in _OF_THE_NETWORK)]
    cells = {key: COLUMN[key].read(device) for key in needed}
    return tuple(key for key, cell in cells.items() if not cell or cell == ConnectionMethod.UNKNOWN)


def last_confirmed(device: Device) -> str:
    """Who last entered or confirmed a value, and on which day: `Wang 2026-05-02`; "" for nobody."""
    entered = [held for held in device.attributes.values() if held.source.startswith(PERSON)]
    if not entered:
        return ""
    latest = max(entered, key=lambda held: (held.at, held.source))
    return f"{latest.source.removeprefix(PERSON)} {latest.at.date()}"


def _attribute(attribute: Attribute) -> Callable[[Device], str]:
    def read(device: Device) -> str:
        held = device.attributes.get(attribute)
        return held.value if held else ""

    return read


def _each(values: Callable[[Device], list[str]]) -> Callable[[Device], str]:
    return lambda device: SEPARATOR.join(dict.fromkeys(values(device)))


def _held_or(attribute: Attribute, otherwise: StrEnum) -> Callable[[Device], str]:
    return lambda device: device.text(attribute) or str(otherwise)


def _named(vocabulary: type[StrEnum]) -> Callable[[str, str], str]:
    return lru_cache(256)(lambda value, language: label_of(vocabulary, value, language))


@lru_cache(256)
def _headings(keys: str, language: str) -> str:
    return SEPARATOR.join(COLUMN[key].heading.within(language) for key in keys.split(SEPARATOR) if key)


COLUMNS: tuple[Column, ...] = (
    Column("id", Term("Device", "設備編號"), 14, lambda device: device.id),
    Column("status", Term("Status", "狀態"), 10, lambda device: str(device.status), _named(DeviceStatus)),
    Column(
        "device_class",
        Term("Class", "設備類別"),
        16,
        lambda device: str(device.device_class),
        _named(DeviceClass),
    ),
    Column("vendor", Term("Vendor", "廠牌"), 16, _attribute(Attribute.VENDOR)),
    Column("model", Term("Model", "型號"), 24, _attribute(Attribute.MODEL)),
    Column("firmware", Term("Firmware", "韌體版本"), 18, _attribute(Attribute.FIRMWARE)),
    Column("serial", Term("Serial", "序號"), 18, _attribute(Attribute.SERIAL)),
    Column("hostname", Term("Hostname", "主機名稱"), 20, _attribute(Attribute.HOSTNAME)),
    Column("ip", Term("IP addresses", "IP 位址"), 18, _each(lambda device: [a.ip for a in device.addresses])),
    Column(
        "mac",
        Term("MAC addresses", "MAC 位址"),
        20,
        _each(lambda device: [address.mac for address in device.addresses if address.mac]),
    ),
    Column(
        "connection_method",
        Term("Connection method", "連線方式"),
        10,
        _held_or(Attribute.CONNECTION_METHOD, ConnectionMethod.UNKNOWN),
        _named(ConnectionMethod),
    ),
    Column("ports", Term("Ports in use", "使用連接埠"), 36, ports_in_use),
    Column("declared_ports", Term("Declared ports", "申報連接埠"), 20, _attribute(Attribute.DECLARED_PORTS)),
    Column("location", Term("Location", "存放位置"), 20, _attribute(Attribute.LOCATION)),
    Column("owner", Term("Owner", "管理人員"), 14, _attribute(Attribute.OWNER)),
    Column("purpose", Term("Purpose", "用途"), 22, _attribute(Attribute.PURPOSE)),
    Column(
        "empty_fields",
        Term("Fields left empty", "未填欄位"),
        20,
        lambda device: SEPARATOR.join(empty_fields(device)),
        _headings,
    ),
    Column("confirmed", Term("Last confirmed by", "最近人工確認"), 18, last_confirmed),
    Column(
        "in_scope",
        Term("In scope, as entered", "適用指引（人工認定）"),
        12,
        _held_or(Attribute.IN_SCOPE, InScope.UNDETERMINED),
        _named(InScope),
    ),
    Column("site", Term("Site", "據點"), 10, lambda device: device.site),
    Column("segment", Term("Segment", "網段"), 12, lambda device: device.segment),
    Column("vlan", Term("VLAN", "VLAN"), 8, _attribute(Attribute.VLAN)),
    Column("switch_port", Term("Switch port", "交換器連接埠"), 18, _attribute(Attribute.SWITCH_PORT)),
    Column("ssid", Term("SSID", "無線網路名稱 SSID"), 16, _attribute(Attribute.SSID)),
    Column("os", Term("Operating system", "作業系統"), 18, _attribute(Attribute.OS)),
    Column("asset_tag", Term("Asset tag", "財產編號"), 14, _attribute(Attribute.ASSET_TAG)),
    Column("supplier", Term("Supplier", "供應商"), 16, _attribute(Attribute.SUPPLIER)),
    Column("contract", Term("Contract", "合約編號"), 16, _attribute(Attribute.CONTRACT)),
    Column("purchase_date", Term("Purchase date", "購置日期"), 12, _attribute(Attribute.PURCHASE_DATE)),
    Column("security_mark", Term("Security mark", "資安標章"), 16, _attribute(Attribute.SECURITY_MARK)),
    Column(
        "physical_control",
        Term("Physical control", "實體控管評估"),
        18,
        _attribute(Attribute.PHYSICAL_CONTROL),
    ),
    Column("access_right", Term("Access rights", "存取權限評估"), 18, _attribute(Attribute.ACCESS_RIGHT)),
    Column("network_zone", Term("Network zone", "網路區域"), 14, _attribute(Attribute.NETWORK_ZONE)),
    Column("first_seen", Term("First seen", "首次發現"), 12, lambda device: device.first_seen),
    Column("last_seen", Term("Last seen", "最近發現"), 12, lambda device: device.last_seen),
    Column("notes", Term("Notes", "備註"), 24, _attribute(Attribute.NOTES)),
)

COLUMN = {column.key: column for column in COLUMNS}
CUSTOM = "custom."


@lru_cache(16)
def columns_of(own_fields: tuple[str, ...]) -> tuple[Column, ...]:
    """Every column of a list of devices that have these fields of the firm's own: COLUMNS, then those.

    Such a field has the key `custom.NAME`, so that none can be taken for one of COLUMNS.
    """
    own = (Column(f"{CUSTOM}{name}", Term(name, name), 16, _own_field(name)) for name in own_fields)
    return (*COLUMNS, *own)


def _own_field(name: str) -> Callable[[Device], str]:
    return lambda device: device.custom[name].value if name in device.custom else ""


# Article 22: purpose; IP, connection method, ports in use; storage location; manager. The ports are those
# declared: what a scan saw open is what they are held against, not an entry in the register.
ARTICLE_22 = ("purpose", "ip", "connection_method", "declared_ports", "location", "owner")
_OF_THE_NETWORK = frozenset(("ip", "declared_ports"))
