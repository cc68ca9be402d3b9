"""What else a TLS server would agree to: old versions and broken ciphers, each asked for alone.

Harmless because each question is the first message of a handshake (RFC 5246, section 7.4.1.2; RFC 6101 for
SSL 3.0), as old browsers sent it, and is taken back by an alert (RFC 5246, section 7.2.1) before a key is
agreed. They come one after the other, five of a sound server and eight at most, at the host's own
pace, and none after a silence. SSL 2.0 has a handshake of its own and is not asked for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from agent.permit import Permit
from agent.probes.reply import Garbled
from agent.transport.door import Door
from agent.transport.talk import Failed, Link

# Named as Python's ssl module does, oldest first.
_VERSIONS: Final = {"SSLv3": 0x0300, "TLSv1": 0x0301, "TLSv1.1": 0x0302, "TLSv1.2": 0x0303}
_NAMES: Final = {number: name for name, number in _VERSIONS.items()}
_NEWEST: Final = "TLSv1.2"
_ALERT, _HANDSHAKE, _SERVER_HELLO = 21, 22, 2
_SAYS_NO: Final = frozenset({40, 70, 71})  # handshake_failure, protocol_version, insufficient_security
_CANCELLED: Final = bytes((2, 90))  # fatal, user_canceled
_RANDOM_BYTES: Final = 32
_HEADER: Final = 5
_MOST_KINDS: Final = 3  # of broken ciphers; more would tell nothing new
_NO_RENEGOTIATION: Final = b"\x00\xff"  # RFC 5746: some servers refuse who does not say so

# IANA's numbers with OpenSSL's names. RFC 7465 forbids RC4, RFC 8429 retires 3DES, RFC 4346 export ciphers.
_BROKEN: Final = (
    {"0034": "ADH-AES128-SHA", "003a": "ADH-AES256-SHA", "006c": "ADH-AES128-SHA256",
     "00a6": "ADH-AES128-GCM-SHA256", "00a7": "ADH-AES256-GCM-SHA384", "0018": "ADH-RC4-MD5",
     "001b": "ADH-DES-CBC3-SHA", "c016": "AECDH-RC4-SHA", "c017": "AECDH-DES-CBC3-SHA",
     "c018": "AECDH-AES128-SHA", "c019": "AECDH-AES256-SHA"},
    {"0001": "NULL-MD5", "0002": "NULL-SHA", "003b": "NULL-SHA256", "c006": "ECDHE-ECDSA-NULL-SHA",
     "c010": "ECDHE-RSA-NULL-SHA"},
    {"0003": "EXP-RC4-MD5", "0006": "EXP-RC2-CBC-MD5", "0008": "EXP-DES-CBC-SHA",
     "0011": "EXP-EDH-DSS-DES-CBC-SHA", "0014": "EXP-EDH-RSA-DES-CBC-SHA"},
    {"0004": "RC4-MD5", "0005": "RC4-SHA", "c007": "ECDHE-ECDSA-RC4-SHA", "c011": "ECDHE-RSA-RC4-SHA"},
    {"0009": "DES-CBC-SHA", "000a": "DES-CBC3-SHA", "0012": "EDH-DSS-DES-CBC-SHA",
     "0013": "EDH-DSS-DES-CBC3-SHA", "0015": "EDH-RSA-DES-CBC-SHA", "0016": "EDH-RSA-DES-CBC3-SHA",
     "c008": "ECDHE-ECDSA-DES-CBC3-SHA", "c012": "ECDHE-RSA-DES-CBC3-SHA"},
)  # fmt: skip
_NAME_OF: Final = {int(number, 16): name for kind in _BROKEN for number, name in kind.items()}
# Enough others that a server which takes a version has one of them: AES, Camellia, SEED, IDEA, ChaCha20.
_OTHERS: Final = bytes.fromhex(
    "c02bc02cc02fc030cca8cca9ccaa009e009f00a200a3c023c024c027c028c009c00ac013c0140067006b0040006a00330039"
    "00320038009c009d003c003d002f0035c09cc09d00410084004400450087008800960099009a0007"
)
_EXTENSIONS: Final = (
    ("000a", "0008 001d 0017 0018 0019"),  # groups: X25519, P-256, P-384, P-521
    ("000b", "01 00"),
    ("000d", "0014 0403 0503 0603 0804 0401 0501 0601 0203 0201 0402"),  # signatures, RSA, ECDSA and DSA
)


@dataclass(frozen=True, slots=True)
class Agreed:
    """A ServerHello: the version (Python's name, else hexadecimal) and the number of the cipher suite."""

    version: str
    suite: int


@dataclass(frozen=True, slots=True)
class Declined:
    """A refusal: the alert's number (RFC 5246, section 7.2), None where the server hung up without one."""

    alert: int | None

    @property
    def is_plain(self) -> bool:
        """Whether it says that what was asked for is not to be had, and not that something broke."""
        return self.alert in _SAYS_NO


Answer = Agreed | Declined


def parse(data: bytes) -> Answer | Garbled:
    """The first record of a server's answer: a ServerHello (RFC 5246, section 7.4.1.3) or an alert."""
    if len(data) < _HEADER or data[1] != 3:
        return Garbled("no TLS record")
    size = int.from_bytes(data[3:_HEADER], "big")
    body = data[_HEADER : _HEADER + size]
    if data[0] == _ALERT and len(body) == size == 2:
        return Declined(body[1])
    if data[0] != _HANDSHAKE or body[:1] != bytes((_SERVER_HELLO,)):
        return Garbled("neither ServerHello nor alert")
    at = 6 + _RANDOM_BYTES  # type, length (3), version (2)
    if len(body) <= at or len(body) < at + 3 + body[at]:
        return Garbled("ServerHello cut off")
    version = int.from_bytes(body[4:6], "big")
    suite = int.from_bytes(body[at + 1 + body[at] : at + 3 + body[at]], "big")
    return Agreed(_NAMES.get(version, f"{version:04x}"), suite)


def hello(version: str, suites: bytes, random: bytes) -> bytes:
    """A ClientHello that goes no further than `version`; each of `suites` is two bytes."""
    number = _VERSIONS[version]
    offered = suites + _NO_RENEGOTIATION
    body = number.to_bytes(2, "big") + random + b"\0" + len(offered).to_bytes(2, "big") + offered + b"\x01\0"
    if number > _VERSIONS["SSLv3"]:  # SSL 3.0 knows no extensions
        parts = [(bytes.fromhex(kind), bytes.fromhex(words)) for kind, words in _EXTENSIONS]
        extensions = b"".join(kind + len(words).to_bytes(2, "big") + words for kind, words in parts)
        body += len(extensions).to_bytes(2, "big") + extensions
    message = b"\x01" + len(body).to_bytes(3, "big") + body
    # The record's own version is the oldest that goes, for some servers look at nothing else (RFC 5246, E.1).
    return _record(_HANDSHAKE, min(number, _VERSIONS["TLSv1"]), message)


async def ask(door: Door, permit: Permit, port: int, highest: str) -> list[tuple[str, str]]:
    """What a server takes besides the version it agreed to with us (`highest`, empty where to none).

    `tls.accepts` for each version, `tls.oldest` where every older one was refused, `tls.broken_cipher` for
    one cipher of each broken kind it takes, `none` where it refused them all. A server that hangs up without
    a word has refused only if it takes a harmless hello afterwards. What was not settled is left out.
    """
    versions = list(_VERSIONS)
    base = highest if highest in _VERSIONS else _NEWEST
    said: dict[str, Answer] = {}
    for version in versions[: versions.index(base)]:
        answer = await _answer(door, permit, port, version, _OTHERS + _numbers(_BROKEN))
        if answer is None or (not highest and answer == Declined(None)):
            return _facts(highest, said, (), is_settled=False)
        said[version] = answer
    ciphers = await _broken_ciphers(door, permit, port, base)
    is_plain = all(isinstance(one, Agreed) or one.is_plain for one in (*said.values(), *ciphers))
    is_settled = bool(ciphers)
    if ciphers and (base != highest or not is_plain):
        answer = await _answer(door, permit, port, base, _OTHERS + _numbers(_BROKEN))
        if answer is not None:
            said[base] = answer
        vouched = isinstance(answer, Agreed)
        is_settled = vouched or (is_plain and isinstance(answer, Declined) and answer.is_plain)
    return _facts(highest, said, ciphers, is_settled=is_settled)


async def _broken_ciphers(door: Door, permit: Permit, port: int, version: str) -> list[Answer]:
    """What a server says to broken ciphers alone, and to those of kinds it has not taken; [] for nothing."""
    kinds, answers = list(_BROKEN), list[Answer]()
    for _number in range(_MOST_KINDS):
        answer = await _answer(door, permit, port, version, _numbers(kinds))
        answers += [answer] if answer else []
        if not isinstance(answer, Agreed):
            break
        kinds = [kind for kind in kinds if f"{answer.suite:04x}" not in kind]
    return answers


def _facts(
    highest: str, said: Mapping[str, Answer], ciphers: Iterable[Answer], *, is_settled: bool
) -> list[tuple[str, str]]:
    agreed = [answer for answer in said.values() if isinstance(answer, Agreed)]
    taken = {answer.version for answer in agreed} | ({highest} if highest else set())
    accepted = [version for version in (*_VERSIONS, "TLSv1.3") if version in taken]
    facts = [("tls.accepts", version) for version in accepted]
    if accepted and is_settled:
        facts.append(("tls.oldest", accepted[0]))
    suites = [answer.suite for answer in (*agreed, *ciphers) if isinstance(answer, Agreed)]
    broken = list(dict.fromkeys(_NAME_OF[suite] for suite in suites if suite in _NAME_OF))
    broken += ["none"] if accepted and is_settled and not broken else []
    return facts + [("tls.broken_cipher", name) for name in broken]


async def _answer(door: Door, permit: Permit, port: int, version: str, suites: bytes) -> Answer | None:
    """What a server says to one hello; None where it says nothing, or nothing of TLS."""
    question = hello(version, suites, door.randomness.randbytes(_RANDOM_BYTES))

    async def talk(link: Link) -> Answer | None:
        await link.write(question)
        while True:
            read = parse(bytes(link.heard))
            if not isinstance(read, Garbled):
                await link.write(_record(_ALERT, _VERSIONS[version], _CANCELLED))
                return read
            if not await link.read_some():
                return Declined(None) if link.is_over and not link.heard else None

    got = await door.converse(permit, port, talk)
    return None if isinstance(got, Failed) else got


def _numbers(kinds: Iterable[Mapping[str, str]]) -> bytes:
    return bytes.fromhex("".join(number for kind in kinds for number in kind))


def _record(kind: int, version: int, content: bytes) -> bytes:
    return bytes((kind,)) + version.to_bytes(2, "big") + len(content).to_bytes(2, "big") + content
