"""Damaged replies: a seeded stream of what a broken, lying or hostile device could send instead of one."""

import random
from collections.abc import Iterator

_HOSTILE = (b"\x00", b"\xff", b"\x80", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\r\n", b"\x1b[2J",
            "\u202e".encode(), b"\xa4\xa4\xa4\xe5", b"%s%n", b"<![CDATA[", b"]" * 40, b"9" * 40)  # fmt: skip
_LONGEST = 4096


def damaged(whole: bytes, seed: int, count: int) -> Iterator[bytes]:
    """`count` mutations of `whole`, the same for the same seed, none longer than 4,096 bytes + `whole`."""
    chance = random.Random(seed)
    for _number in range(count):
        data = bytearray(whole)
        for _change in range(chance.choice((1, 1, 2, 4, 8))):
            _damage(data, chance)
        yield bytes(data[: _LONGEST + len(whole)])


def _damage(data: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(data) + 1)
    to = min(len(data), at + chance.choice((1, 2, 4, 16)))
    match chance.randrange(7):
        case 0:
            del data[at:]
        case 1:
            del data[at:to]
        case 2:
            data[at:to] = chance.randbytes(to - at)
        case 3:
            data[at:at] = chance.choice(_HOSTILE)
        case 4:
            data[at:to] = chance.choice(_HOSTILE)
        case 5:
            data[at:at] = data[at:to] * chance.choice((2, 8, 64))
        case _:
            if at < len(data):
                data[at] ^= 1 << chance.randrange(8)
