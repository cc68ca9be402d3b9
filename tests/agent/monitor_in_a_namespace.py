"""Listens on a tunnel interface of the radiotap kind while a capture's packets come in on it; prints JSON.

Run in a network namespace of its own (`unshare -Urn`), with the capture as its argument.
"""

import fcntl
import json
import os
import socket
import struct
import sys
import threading
from pathlib import Path

from agent.faults import NoWay
from agent.wireless.heard import of_frames
from agent.wireless.live import monitored
from inventory.exits import UsageFault

TUN, SET_INTERFACE, SET_LINK = 0x0001, 0x400454CA, 0x400454CD  # Linux if_tun.h
SET_FLAGS, UP = 0x8914, 0x1
RADIOTAP, PLAIN = 803, 65534
NAME = b"mon0"


def tunnel(kind: int) -> int:
    """A tunnel interface of this kind of hardware, up; what is written to it comes in there."""
    handle = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(handle, SET_INTERFACE, struct.pack("16sH22x", NAME, TUN))
    fcntl.ioctl(handle, SET_LINK, kind)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        fcntl.ioctl(asking, SET_FLAGS, struct.pack("16sH22x", NAME, UP))
    return handle


def packets(capture: bytes) -> list[bytes]:
    """The packets of a classic little-endian pcap."""
    found, at = [], 24
    while at < len(capture):
        (size,) = struct.unpack_from("<I", capture, at + 8)
        found.append(capture[at + 16 : at + 16 + size])
        at += 16 + size
    return found


def hear(recorded: list[bytes]) -> list[bytes]:
    """The frames heard while these packets come in, again and again until as many were heard."""
    handle, enough = tunnel(RADIOTAP), threading.Event()

    def come_in() -> None:
        while not enough.wait(0.05):
            for packet in recorded:
                os.write(handle, struct.pack(">HH", 0, 0) + packet)

    sender = threading.Thread(target=come_in)
    sender.start()
    frames: list[bytes] = []
    try:
        for frame in monitored(NAME.decode(), 20, lambda: len(frames) >= len(recorded)):
            frames.append(frame)  # noqa: PERF402 - its length says when it is enough
    finally:
        enough.set()
        sender.join()
        os.close(handle)
    return frames


def refusal(name: str) -> str:
    """Why nothing is heard there."""
    try:
        list(monitored(name, 1, lambda: False))
    except (UsageFault, NoWay) as fault:
        return str(fault)
    return ""


def main() -> None:
    """Prints what was heard, and why nothing is heard elsewhere."""
    plain = tunnel(PLAIN)
    managed = refusal(NAME.decode())
    os.close(plain)
    heard = of_frames(hear(packets(Path(sys.argv[1]).read_bytes())), NAME.decode())
    said = {
        "networks": {one.bssid: [one.ssid, one.security] for one in heard.networks},
        "managed": managed,
        "missing": refusal("none0"),
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main()
