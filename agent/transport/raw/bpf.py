"""The kernel filter: only answers to our own questions reach this process.

Classic BPF (Linux Documentation/networking/filter.rst): ARP replies, and to our address TCP and UDP to our
port and ICMP echo replies and errors. What passes is still checked by its cookie.
"""

import ctypes
import ipaddress
from typing import Final

SNAP: Final = 128

_LD_WORD, _LD_HALF, _LD_BYTE = 0x20, 0x28, 0x30
_LD_HALF_X, _LD_BYTE_X, _LDX_IP_HEADER = 0x48, 0x50, 0xB1
_JUMP_EQUAL, _JUMP_SET, _RETURN = 0x15, 0x45, 0x06

Step = tuple[int, int, str, str]
"""(code, operand, label when true, label when false); no label = the next step."""


def for_answers(ip: str, port: int) -> ctypes.Array[ctypes.c_char]:
    """The program, assembled: an array of sock_filter (8 bytes each)."""
    program: list[tuple[str, Step]] = [
        ("", (_LD_HALF, 12, "", "")),  # EtherType
        ("", (_JUMP_EQUAL, 0x0806, "arp", "")),
        ("", (_JUMP_EQUAL, 0x0800, "", "drop")),
        ("", (_LD_WORD, 30, "", "")),  # destination address
        ("", (_JUMP_EQUAL, int(ipaddress.IPv4Address(ip)), "", "drop")),
        ("", (_LD_HALF, 20, "", "")),  # a later fragment has no ports
        ("", (_JUMP_SET, 0x1FFF, "drop", "")),
        ("", (_LDX_IP_HEADER, 14, "", "")),
        ("", (_LD_BYTE, 23, "", "")),  # protocol
        ("", (_JUMP_EQUAL, 6, "port", "")),
        ("", (_JUMP_EQUAL, 17, "port", "")),
        ("", (_JUMP_EQUAL, 1, "", "drop")),
        ("", (_LD_BYTE_X, 14, "", "")),  # ICMP type
        ("", (_JUMP_EQUAL, 0, "keep", "")),
        ("", (_JUMP_EQUAL, 3, "keep", "drop")),
        ("port", (_LD_HALF_X, 16, "", "")),  # destination port
        ("", (_JUMP_EQUAL, port, "keep", "drop")),
        ("arp", (_LD_HALF, 20, "", "")),  # operation: 2 is a reply
        ("", (_JUMP_EQUAL, 2, "keep", "drop")),
        ("keep", (_RETURN, SNAP, "", "")),
        ("drop", (_RETURN, 0, "", "")),
    ]
    at = {label: line for line, (label, _step) in enumerate(program) if label}
    assembled = b"".join(
        code.to_bytes(2, "little")
        + bytes((at[yes] - line - 1 if yes else 0, at[no] - line - 1 if no else 0))
        + operand.to_bytes(4, "little")
        for line, (_label, (code, operand, yes, no)) in enumerate(program)
    )
    return ctypes.create_string_buffer(assembled, len(assembled))
