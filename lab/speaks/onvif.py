"""The ONVIF device service (ONVIF Core Specification, section 8) behind a camera's web port.

Whoever asks may learn the time, the services and the host name (access class PRE_AUTH,
section 5.9.4.3); GetDeviceInformation needs a user, unless the persona leaves it open.
"""

import base64
import hashlib
import re
from xml.sax.saxutils import escape

from pydantic import Field

from lab.speaks.host import Host
from lab.speaks.http_wire import Request, Response
from lab.speaks.settings import Settings, YesNo

_OPERATION = re.compile(rb"<(?:[\w.-]+:)?Body[^>]*>\s*<(?:[\w.-]+:)?(\w+)")
_USERNAME = re.compile(rb"<(?:[\w.-]+:)?Username[^>]*>([^<]{1,64})<")
_NONCE = re.compile(rb"<(?:[\w.-]+:)?Nonce[^>]*>([^<]{1,88})<")
_CREATED = re.compile(rb"<(?:[\w.-]+:)?Created[^>]*>([^<]{1,40})<")
_DIGEST = re.compile(rb"<(?:[\w.-]+:)?Password[^>]*#PasswordDigest[^>]*>([^<]{1,40})<")
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:tds="http://www.onvif.org/ver10/device/wsdl" '
    'xmlns:tt="http://www.onvif.org/ver10/schema" '
    'xmlns:ter="http://www.onvif.org/ver10/error"><s:Body>{body}</s:Body></s:Envelope>\n'
)
# Its clock stands still, and it takes tokens of that minute only, as a device does whose clock nobody set.
_MINUTE = b"2026-01-02T03:04:"
_TIME = (
    "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime>"
    "<tt:DateTimeType>NTP</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings>"
    "<tt:TimeZone><tt:TZ>CST-8</tt:TZ></tt:TimeZone><tt:UTCDateTime>"
    "<tt:Time><tt:Hour>3</tt:Hour><tt:Minute>4</tt:Minute><tt:Second>5</tt:Second></tt:Time>"
    "<tt:Date><tt:Year>2026</tt:Year><tt:Month>1</tt:Month><tt:Day>2</tt:Day></tt:Date></tt:UTCDateTime>"
    "</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
)
_FAULT = (
    "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>{code}</s:Value>"
    "</s:Subcode></s:Code><s:Reason><s:Text xml:lang='en'>{reason}</s:Text></s:Reason></s:Fault>"
)


class Onvif(Settings):
    """What GetDeviceInformation says, and whether anyone may ask."""

    path: str = "/onvif/device_service"
    manufacturer: str
    model: str
    firmware: str
    serial: str
    hardware: str = ""
    open: YesNo = False
    accounts: dict[str, str] = Field(default_factory=dict)
    """Account → password that works."""


class DeviceService:
    """Answers SOAP requests; one that names a user is a login, right by its digest or refused."""

    def __init__(self, host: Host, settings: Onvif, protocol: str) -> None:
        self._host = host
        self._settings = settings
        self._address = f"{protocol}://{host.ip}{settings.path}"

    def answer(self, request: Request) -> Response:
        """The SOAP response or fault; GET is refused as a SOAP endpoint does."""
        if request.method != "POST":
            return Response(405, {"Allow": "POST"})
        user = _USERNAME.search(request.body)
        right = user is not None and self._is_right(user[1].decode("utf-8", "replace"), request.body)
        if user is not None:
            outcome = "accepted" if right else "refused"
            self._host.log_login("onvif", user[1].decode("utf-8", "replace"), outcome)
        found = _OPERATION.search(request.body)
        operation = found[1].decode() if found else ""
        match operation:
            case "GetSystemDateAndTime":
                return _soap(200, _TIME)
            case "GetHostname":
                return _soap(200, self._hostname())
            case "GetServices" | "GetCapabilities":
                return _soap(200, self._services(operation))
            case "GetDeviceInformation" if self._settings.open or right:
                return _soap(200, self._information())
            case "GetUsers" if right:
                return _soap(200, self._users())
            case "":
                return _soap(400, _fault("ter:WellFormed", "No operation in the body"))
        return _soap(400, _fault("ter:NotAuthorized", "Sender not Authorized"))

    def _is_right(self, account: str, body: bytes) -> bool:
        """Whether the digest is the account's (OASIS WSS UsernameToken Profile 1.0, section 3.1)."""
        parts = [found[1] if (found := part.search(body)) else b"" for part in (_NONCE, _CREATED, _DIGEST)]
        if account not in self._settings.accounts or not all(parts) or not parts[1].startswith(_MINUTE):
            return False
        try:
            nonce, said = (base64.b64decode(part, validate=True) for part in (parts[0], parts[2]))
        except ValueError:
            return False
        word = self._settings.accounts[account].encode()
        return said == hashlib.sha1(nonce + parts[1] + word, usedforsecurity=False).digest()

    def _users(self) -> str:
        users = "".join(
            f"<tds:User><tt:Username>{escape(name)}</tt:Username>"
            "<tt:UserLevel>Administrator</tt:UserLevel></tds:User>"
            for name in self._settings.accounts
        )
        return f"<tds:GetUsersResponse>{users}</tds:GetUsersResponse>"

    def _information(self) -> str:
        said = self._settings
        elements = (
            ("Manufacturer", said.manufacturer),
            ("Model", said.model),
            ("FirmwareVersion", said.firmware),
            ("SerialNumber", said.serial),
            ("HardwareId", said.hardware),
        )
        inner = "".join(f"<tds:{name}>{escape(text)}</tds:{name}>" for name, text in elements)
        return f"<tds:GetDeviceInformationResponse>{inner}</tds:GetDeviceInformationResponse>"

    def _hostname(self) -> str:
        return (
            "<tds:GetHostnameResponse><tds:HostnameInformation><tt:FromDHCP>false</tt:FromDHCP>"
            f"<tt:Name>{escape(self._host.hostname)}</tt:Name>"
            "</tds:HostnameInformation></tds:GetHostnameResponse>"
        )

    def _services(self, operation: str) -> str:
        address = escape(self._address)
        if operation == "GetCapabilities":
            inner = (
                f"<tds:Capabilities><tt:Device><tt:XAddr>{address}</tt:XAddr></tt:Device></tds:Capabilities>"
            )
        else:
            inner = (
                "<tds:Service><tds:Namespace>http://www.onvif.org/ver10/device/wsdl</tds:Namespace>"
                f"<tds:XAddr>{address}</tds:XAddr></tds:Service>"
            )
        return f"<tds:{operation}Response>{inner}</tds:{operation}Response>"


def _fault(code: str, reason: str) -> str:
    return _FAULT.format(code=code, reason=reason)


def _soap(status: int, body: str) -> Response:
    headers = {"Content-Type": "application/soap+xml; charset=utf-8"}
    return Response(status, headers, _ENVELOPE.format(body=body).encode())
