"""The names of evidence: what one kind of text may be called, and which kinds carry a product's name."""

SYS_DESCR = "snmp_sysdescr"
SYS_OBJECT_ID = "1.3.6.1.2.1.1.2.0"
ANSWERED_ENTERPRISE = "snmp.enterprise"  # the number of an enterprise that the agent has objects of
MODEL_NAME = "model"  # vendor and model as claimed, for rules on how a vendor names its devices
PRODUCT_TEXT = "text"  # rules with this source are tried on every source of PRODUCT_TEXTS

_SAME = {
    SYS_DESCR: ("1.3.6.1.2.1.1.1.0", "snmp.sysdescr", "lldp.sysdesc", "lldp.system-description",
                "1.0.8802.1.1.2.1.3.4.0", "cdp.version", "cdp.software"),
    "html_title": ("http.title", "html.title"),
    "http_servers": ("http.server", "http_server", "webserver", "ssdp.server", "upnp.server"),
    "http_wwwauth": ("http.wwwauth", "http.www-authenticate", "http_wwwauths"),
    "http_cookies": ("http.cookies", "http.set-cookie", "http.cookie"),
    "x509_subjects": ("tls.subject", "x509.subject", "x509_subject"),
    "x509_issuers": ("tls.issuer", "x509.issuer", "x509_issuer"),
    "ftp_banners": ("ftp", "ftp.banner", "ftp_banner"),
    "telnet_banners": ("telnet", "telnet.banner", "telnet_banner"),
    "ssh_banners": ("ssh", "ssh.banner", "ssh_banner"),
    "smtp_banners": ("smtp", "smtp.banner", "smtp_banner"),
    "sip_banners": ("sip", "sip.server", "sip_banner", "sipserver"),
    "sip_user_agents": ("sip.user-agent", "sip_user_agent"),
    "rtsp_servers": ("rtsp", "rtsp.server", "rtsp_server"),
    "hp_pjl_id": ("pjl", "pjl.id", "pjl_id"),
    "dhcp_vendor_class": ("dhcp.vendor-class", "dhcpvendorcode", "dhcp.vendor_class"),
    "mdns_device-info_txt": ("mdns_device-info", "mdns.device-info"),
    "dns_versionbind": ("dns.version-bind", "dns.versionbind"),
    "ntp_banners": ("ntp", "ntp.banner"),
    "smb_native_os": ("smb", "smb.native-os"),
    "ieee1284": ("ipp.printer-device-id", "1.3.6.1.4.1.11.2.3.9.1.1.7.0", "1.3.6.1.4.1.2435.2.3.9.1.1.7.0",
                 "1.3.6.1.4.1.2699.1.2.1.2.1.1.3.1", "1.3.6.1.4.1.253.8.51.1.2.1.20.1", "mdns.txt.device-id"),
    "printer.product": ("ipp.printer-make-and-model", "mdns.txt.ty", "1.3.6.1.2.1.43.5.1.1.16.1",
                        "mdns.txt.product"),
    "hr.device": ("1.3.6.1.2.1.25.3.2.1.3.1",),
    "platform": ("cdp.platform",),
}  # fmt: skip
_CANONICAL = {other: name for name, others in _SAME.items() for other in others}

PRODUCT_TEXTS = frozenset({
    SYS_DESCR, "html_title", "http_servers", "http.realm", "ftp_banners", "telnet_banners", "smtp_banners",
    "sip_banners", "sip_user_agents", "rtsp_servers", "hp_pjl_id", "dhcp_vendor_class", "hr.device",
    "printer.product", "upnp.modelname", "upnp.modeldescription", "onvif.model", "platform",
    "ieee1284.mdl", "ieee1284.des", "x509.cn", "x509.ou",
    "entity.descr", "entity.model", "http.headline", "onvif.name", "mdns.instance",
})  # fmt: skip

MODEL_TEXTS = frozenset({  # nothing but a product's name is written there
    "hp_pjl_id", "printer.product", "upnp.modelname", "onvif.model", "onvif.name", "platform", "hr.device",
    "ieee1284.mdl", "ieee1284.des", "entity.model", "sip_user_agents", "dhcp_vendor_class",
})  # fmt: skip


def canonical_source(name: str) -> str:
    """The name rules know a piece of evidence by; numeric OIDs and unknown names stay as they are."""
    if known := _CANONICAL.get(name):
        return known
    if name[:1].isdecimal():
        return name
    folded = name.casefold()
    return _CANONICAL.get(folded, folded)


def objects_below(prefix: str) -> tuple[str, ...]:
    """The OIDs below `prefix` that stand for a kind of evidence of their own (`….7.0` is an IEEE 1284 id)."""
    return tuple(name for name in _CANONICAL if name.startswith(prefix))
