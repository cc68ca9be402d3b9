"""Software that is not the device: systems taken for models, servers' versions taken for firmware."""

import ipaddress
import re

from agent.fingerprints.sources import PRODUCT_TEXT, SYS_DESCR
from inventory.types import Attribute

_SYSTEMS = re.compile(
    r"(?:Cisco )?(?:IOS|IOS[- ]XE|IOS[- ]XR|NX-OS|CatOS|AireOS)|Adaptive Security Appliance|ASA OS|"
    r"Aruba ?OS(?:-CX)?|AOS-W|InstantOS|RouterOS|SwOS|EdgeOS|AirOS|UniFi OS|FortiOS|PAN-OS|ScreenOS|JUNOS|"
    r"Junos OS|SonicOS|GAiA|Comware|VRP|EXOS|ExtremeXOS|FastIron|Fabric OS|EOS|DSM|DiskStation Manager|QTS|"
    r"QuTS hero|ONTAP|Data ONTAP|FreeNAS|TrueNAS|ESXi?|XenServer|Linux|"
    r"Windows(?: Server)?(?: \d{2,4}\S*| CE| XP| NT)?|(?:Free|Net|Open)BSD|VxWorks|"
    r"Android|(?:Open|LEDE|DD-)WRT|ZyNOS|NOS|ENEA OSE|QNX|Nucleus",
    re.IGNORECASE,
)
_SERVER_NAMES = re.compile(
    r"^\W*(?:nginx|Apache|lighttpd|MiniDLNA|ReadyMedia|CUPS|Microsoft-IIS|IIS|Jetty|(?:Apache )?Tomcat|Boa|"
    r"GNU inetutils|GoAhead|mini_httpd|thttpd|micro_httpd|RomPager|Samba|OpenSSL|PHP|Node|WordPress|"
    r"udhcpc?|dhcpcd|BusyBox|FreeSWITCH)\b",
    re.IGNORECASE,
)
_HOUSES = frozenset({"Microsoft", "Apache", "Debian", "Ubuntu", "Canonical", "Red Hat", "Linux", "FreeBSD"})
_SURE_OF_A_HOUSE = 0.25  # less than a MAC's block
_SERVERS = frozenset({"http_servers", "rtsp_servers", "ftp_banners", "smtp_banners"})
_PAGES = frozenset({"html_title", "http.realm", "http.headline", "x509.cn"})
_PROTOCOLS_OWN = ipaddress.IPv4Network("192.0.0.0/24")  # RFC 6890; cameras are shipped with one of it
_DOTTED_QUAD = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")


def settled(
    attribute: Attribute, value: str, source: str, rule_sources: tuple[str, ...], text: str = ""
) -> Attribute | None:
    """What `attribute` of a rule really is when `value` was read in a `text` of `source`; None where nothing.

    An operating system is no model. What a rule for any text reads as a version in the name of a server
    (RFC 9110, section 10.2.4) is the server's; a private address in a greeting or a title is no version.
    """
    if attribute is Attribute.MODEL and _SYSTEMS.fullmatch(value):
        return Attribute.OS
    if attribute is Attribute.FIRMWARE and PRODUCT_TEXT in rule_sources:
        if source != SYS_DESCR and is_private_address(value):
            return None
        if source in _SERVERS or _SERVER_NAMES.match(text):
            return Attribute.SERVICE_VERSION
    return attribute


def certainty_of_vendor(vendor: str, source: str, certainty: float) -> float:
    """How surely `vendor` made the device: whoever wrote its server hardly did."""
    hardly = vendor in _HOUSES and source in _SERVERS | _PAGES
    return min(certainty, _SURE_OF_A_HOUSE) if hardly else certainty


def is_private_address(value: str) -> bool:
    """Whether a dotted quad is an address of somebody's own network (RFC 1918, RFC 6890 and the like)."""
    if not _DOTTED_QUAD.fullmatch(value):
        return False
    try:
        address = ipaddress.IPv4Address(value)
        return address.is_private or address in _PROTOCOLS_OWN
    except ValueError:
        return False
