"""Runs inside `unshare`: `muster listen` on a live wire while real senders speak; prints one JSON object.

mDNS is avahi's, where it is installed; ARP and IGMP are the kernel's own; the rest are laid out by scapy. The
listening side has no address, so the only frames its interface could send are Muster's.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

NEAR = """
link set lo up
netns add far
link add near0 type veth peer name far0 netns far
link set near0 addrgenmode none
link set near0 up
"""
FAR = """
link set lo up
addr add 10.99.0.2/24 dev far0
link set far0 address 02:00:00:00:99:02
link set far0 addrgenmode none
link set far0 up
"""
IN_FAR = ["ip", "netns", "exec", "far"]
AVAHI = "[server]\nhost-name=talker\nuse-ipv6=no\nenable-dbus=no\nallow-interfaces=far0\n[publish]\n"
EVERY = {"arp", "dhcp", "mdns", "ssdp", "wsd", "nbns", "lldp", "cdp", "igmp"}
SPEAKER = r"""
import socket, time
from scapy.contrib.cdp import CDPMsgDeviceID, CDPMsgPlatform, CDPv2_HDR
from scapy.contrib.lldp import (LLDPDUChassisID, LLDPDUEndOfLLDPDU, LLDPDUPortID, LLDPDUSystemDescription,
                                LLDPDUTimeToLive)
from scapy.layers.dhcp import BOOTP, DHCP
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import LLC, SNAP, Dot3, Ether
from scapy.layers.netbios import NBNSHeader, NBNSRegistrationRequest
from scapy.packet import Raw
from scapy.sendrecv import sendp

OWN = "02:00:00:00:99:02"
def frame(to, port, body, source="10.99.0.2"):
    mac = "ff:ff:ff:ff:ff:ff" if to.endswith(".255") else "01:00:5e:7f:ff:fa"
    return Ether(src=OWN, dst=mac) / IP(src=source, dst=to, ttl=1) / UDP(sport=port, dport=port) / body

options = [("message-type", "request"), ("requested_addr", "10.99.0.2"), ("hostname", "talker"),
           ("vendor_class_id", b"udhcp 1.36"), ("param_req_list", [1, 3, 6]), "end"]
lease = Ether(src=OWN, dst="ff:ff:ff:ff:ff:ff") / IP(src="0.0.0.0", dst="255.255.255.255")
lease = lease / UDP(sport=68, dport=67) / BOOTP(chaddr=bytes.fromhex(OWN.replace(":", "")))
lease = lease / DHCP(options=options)
lldp = Ether(src=OWN, dst="01:80:c2:00:00:0e") / LLDPDUChassisID(subtype=4, id=OWN)
lldp = lldp / LLDPDUPortID(subtype=5, id="far0") / LLDPDUTimeToLive(ttl=120)
lldp = lldp / LLDPDUSystemDescription(description="A talker of the lab") / LLDPDUEndOfLLDPDU()
cdp = Dot3(src=OWN, dst="01:00:0c:cc:cc:cc") / LLC(dsap=0xAA, ssap=0xAA, ctrl=3) / SNAP(OUI=0xC, code=0x2000)
cdp = cdp / CDPv2_HDR(msg=[CDPMsgDeviceID(val="talker"), CDPMsgPlatform(val="Lab 2")])
notify = (b"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNT: upnp:rootdevice\r\nNTS: ssdp:alive\r\n"
          b"LOCATION: http://10.99.0.2/d.xml\r\nSERVER: Lab/1 UPnP/1.0 Talker/2\r\nUSN: uuid:1\r\n\r\n")
hello = (b'<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"'
         b' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"'
         b' xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><s:Header><a:Action>'
         b"http://schemas.xmlsoap.org/ws/2005/04/discovery/Hello</a:Action></s:Header><s:Body><d:Hello>"
         b"<a:EndpointReference><a:Address>urn:uuid:1</a:Address></a:EndpointReference>"
         b"<d:Types>dn:NetworkVideoTransmitter</d:Types></d:Hello></s:Body></s:Envelope>")
name = NBNSHeader(OPCODE=5, NM_FLAGS=0x11, QDCOUNT=1, ARCOUNT=1)
name = name / NBNSRegistrationRequest(QUESTION_NAME=b"TALKER", RR_NAME=0xC00C, NB_ADDRESS="10.99.0.2")
member = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
group = socket.inet_aton("239.1.2.3") + socket.inet_aton("10.99.0.2")
member.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
for _round in range(40):
    sendp([lease, lldp, cdp, frame("239.255.255.250", 1900, Raw(notify)),
           frame("239.255.255.250", 3702, Raw(hello)), frame("10.99.0.255", 137, name)],
          iface="far0", verbose=False)
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("10.99.0.77", 9))  # the kernel asks by ARP
    time.sleep(0.5)
"""


def run(*words: str, given: str = "") -> str:
    return subprocess.run(words, input=given, text=True, check=True, capture_output=True).stdout


def sent() -> int:
    """Frames that ever left near0, whoever sent them and in whatever way."""
    (link,) = json.loads(run("ip", "-s", "-j", "link", "show", "near0"))
    return int(link["stats64"]["tx"]["packets"])


@contextmanager
def started(*words: str) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as daemon:
        try:
            yield daemon
        finally:
            daemon.terminate()


def until_listening() -> None:
    ends = time.monotonic() + 20
    while len(Path("/proc/net/packet").read_text(encoding="ascii").splitlines()) < 2:
        assert time.monotonic() < ends, "muster never listened"
        time.sleep(0.05)


def main() -> None:
    run("mount", "-t", "tmpfs", "none", "/run")
    Path("/run/netns").mkdir(parents=True)
    run("ip", "-force", "-batch", "-", given=NEAR)
    run("ip", "-n", "far", "-force", "-batch", "-", given=FAR)
    with TemporaryDirectory() as folder:
        print(json.dumps(listened(Path(folder))))


def listened(folder: Path) -> dict[str, Any]:
    """What was heard (source → lines), what the listening side sent, and what should be heard."""
    conf = folder / "avahi.conf"
    conf.write_text(AVAHI, encoding="utf-8")
    before = sent()
    words = [sys.executable, "-m", "muster", "listen", "--interface", "near0", "--seconds", "40"]
    muster = subprocess.Popen(
        [*words, "--no-register", "--format", "json"], stdout=subprocess.PIPE, text=True
    )
    until_listening()
    heard: dict[str, list[Any]] = {}
    wanted = EVERY - (set() if shutil.which("avahi-daemon") else {"mdns"})
    missing = set(wanted)
    avahi = ["avahi-daemon", "--no-drop-root", "--no-chroot", "-f", str(conf)]
    with (
        started(*IN_FAR, *(avahi if "mdns" in wanted else ["true"])),
        started(*IN_FAR, sys.executable, "-c", SPEAKER),
    ):
        assert muster.stdout
        for line in muster.stdout:
            said = json.loads(line)
            heard.setdefault(said.get("source", "summary"), []).append(said)
            if not missing:
                continue
            missing -= set(heard)
            if not missing:
                os.kill(muster.pid, signal.SIGINT)
    code = muster.wait()
    return {"heard": heard, "sent": sent() - before, "wanted": sorted(wanted), "code": code}


if __name__ == "__main__":
    main()
