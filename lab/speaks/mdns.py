"""Multicast DNS (RFC 6762) with service discovery (RFC 6763) for one device's services.

Questions to the group are answered to the group; a question with the unicast bit, one from a
port other than 5353, or one sent to the device alone is answered to its asker.
"""

from pydantic import Field, field_validator

from lab.speaks import dns_wire
from lab.speaks.dns_wire import ANY, PTR, SRV, TXT, A, Question, Record
from lab.speaks.host import Address, Host, Speaking
from lab.speaks.settings import Port, PortSettings, Settings

GROUP = "224.0.0.251"
_MDNS_PORT = 5353
_SERVICES = "_services._dns-sd._udp.local"
_HOST_TTL, _OTHER_TTL, _LEGACY_TTL = 120, 4500, 10


class Service(Settings):
    """One service instance: `_ipp._tcp`, its port, its TXT pairs, its subtypes."""

    type: str
    port: Port
    name: str = ""
    """The instance's name; the device's own when empty."""
    txt: dict[str, str] = Field(default_factory=dict)
    subtypes: tuple[str, ...] = ()


class MdnsSettings(PortSettings):
    """A responder: the instance name that a person sees, the services."""

    port: Port = _MDNS_PORT
    name: str = ""
    """Instance name of services that give none; the host name when empty."""
    services: tuple[Service, ...] = ()

    @field_validator("name")
    @classmethod
    def _name_fits_a_label(cls, name: str) -> str:
        if len(name.encode()) > 63:
            raise ValueError("an instance name has at most 63 bytes (RFC 6763 section 4.1.1)")
        return name


async def serve(host: Host, settings: MdnsSettings) -> Speaking:
    """Join the group and answer; OSError when the port or the group cannot be had."""
    responder = Responder(host, settings)
    return await host.udp(settings.port, responder.answer, GROUP)


class Responder:
    """The records of one device and the answers they make."""

    def __init__(self, host: Host, settings: MdnsSettings) -> None:
        self._records = list(_records(host, settings))

    def answer(self, data: bytes, asker: Address) -> list[tuple[bytes, Address]]:
        """The response to one query and where it goes; none when nothing matches."""
        identity, questions = dns_wire.read_query(data)
        answers = [record for record in self._records if _asked_for(record, questions)]
        if not answers:
            return []
        additional = [
            record for record in self._records if record not in answers and self._goes_with(record, answers)
        ]
        if asker[1] == _MDNS_PORT:
            to = asker if all(question.unicast for question in questions) else (GROUP, _MDNS_PORT)
            return [(dns_wire.response(0, answers, additional), to)]
        plain = [record._replace(ttl=_LEGACY_TTL, unique=False) for record in answers]
        extra = [record._replace(ttl=_LEGACY_TTL, unique=False) for record in additional]
        return [(dns_wire.response(identity, plain, extra, tuple(questions)), asker)]

    def _goes_with(self, record: Record, answers: list[Record]) -> bool:
        """SRV and TXT ride along with the PTR that names them, the address with the SRV."""
        named = {answer.data for answer in answers if answer.type == PTR}
        if record.type in (SRV, TXT):
            return dns_wire.name(record.name) in named
        return record.type == A


def _records(host: Host, settings: MdnsSettings) -> list[Record]:
    own_name = host.hostname or host.mac.replace(":", "")
    target = f"{_label(own_name)}.local"
    records = [Record(target, A, _HOST_TTL, dns_wire.address(host.ip))]
    types: set[str] = set()
    for service in settings.services:
        kind = f"{service.type}.local"
        shown = service.name or settings.name or own_name
        instance = f"{_label(shown)}.{kind}"
        if kind not in types:
            records.append(Record(_SERVICES, PTR, _OTHER_TTL, dns_wire.name(kind), unique=False))
            types.add(kind)
        records.append(Record(kind, PTR, _OTHER_TTL, dns_wire.name(instance), unique=False))
        for sub in service.subtypes:
            named = f"{sub}._sub.{kind}"
            records.append(Record(named, PTR, _OTHER_TTL, dns_wire.name(instance), unique=False))
        records.append(Record(instance, SRV, _HOST_TTL, dns_wire.service(service.port, target)))
        records.append(Record(instance, TXT, _OTHER_TTL, dns_wire.text(service.txt)))
    return records


def _asked_for(record: Record, questions: list[Question]) -> bool:
    return any(
        question.type in (record.type, ANY) and question.name.lower() == record.name.lower()
        for question in questions
    )


def _label(text: str) -> str:
    return text.replace(".", "\\.")
