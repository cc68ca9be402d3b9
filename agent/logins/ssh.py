"""SSH (RFC 4252): asks for the methods, then one `password` request, or a dialogue where it must be.

The password leaves once, in one message (RFC 4252, section 8; RFC 4256); no session opens.
"""

import re
import struct
from typing import Final

from agent.logins.protocol import Answer, Credential, Login, Seen, Way, nothing_to_see, unanswered, understood
from agent.logins.ssh_wire import NoAgreement, SshTransport
from agent.permit import Permit
from agent.probes.reply import text_of
from agent.transport.door import Door
from agent.transport.talk import Failed, Link
from inventory.types import TryOutcome

_DISCONNECT, _SERVICE_REQUEST, _SERVICE_ACCEPT = 1, 5, 6
_REQUEST, _FAILURE, _SUCCESS, _BANNER, _PASSWORD_EXPIRED = 50, 51, 52, 53, 60
_INFO_REQUEST, _INFO_RESPONSE = 60, 61
_MOST_MESSAGES: Final = 12
_MOST_WORDS: Final = 2_000
_CODE: Final = re.compile(rb"\b(?:code|token|otp|pin|one-time|challenge)\b", re.IGNORECASE)


async def attempt(door: Door, permit: Permit, way: Way, seen: Seen, who: Credential) -> Answer:  # noqa: ARG001
    """One account, one password."""

    async def talk(link: Link) -> Answer:
        transport = SshTransport(link)
        try:
            await transport.open()
            return await _authenticate(transport, who)
        except (NoAgreement, ValueError, struct.error) as trouble:
            reason = str(trouble) if isinstance(trouble, NoAgreement) else "garbled"
            in_clear = "" if transport.session else text_of(bytes(link.heard[:_MOST_WORDS]))
            return understood(in_clear, Answer(TryOutcome.UNCLEAR, reason))

    heard = await door.converse(permit, way.port, talk)
    return unanswered(heard) if isinstance(heard, Failed) else heard


async def _authenticate(transport: SshTransport, who: Credential) -> Answer:
    await transport.send(bytes((_SERVICE_REQUEST,)) + _string(b"ssh-userauth"))
    await _next(transport, (_SERVICE_ACCEPT,))
    head = bytes((_REQUEST,)) + _string(who.account.encode()) + _string(b"ssh-connection")
    await transport.send(head + _string(b"none"))  # asks for the methods and is no try: section 5.2
    payload, words = await _next(transport, (_SUCCESS, _FAILURE, _DISCONNECT))
    if payload[0] == _SUCCESS:
        return Answer(TryOutcome.OPEN, "no password is asked for")
    if payload[0] == _DISCONNECT:
        return understood(words, Answer(TryOutcome.UNCLEAR, "disconnected"))
    methods = payload[5:].split(b"\0")[0].decode("ascii", "replace").split(",")
    if "keyboard-interactive" in methods and "password" not in methods:
        return await _in_dialogue(transport, head, who)
    if "password" not in methods and methods != [""]:
        return understood(words, Answer(TryOutcome.UNCLEAR, "no password is taken here"))
    await transport.send(head + _string(b"password") + b"\0" + _string(who.password.reveal().encode()))
    payload, words = await _next(transport, (_SUCCESS, _FAILURE, _PASSWORD_EXPIRED, _DISCONNECT))
    return _told(payload, words)


async def _in_dialogue(transport: SshTransport, head: bytes, who: Credential) -> Answer:
    await transport.send(head + _string(b"keyboard-interactive") + _string(b"") + _string(b""))
    payload, words = await _next(transport, (_INFO_REQUEST, _SUCCESS, _FAILURE, _DISCONNECT))
    if payload[0] != _INFO_REQUEST:
        return understood(words, Answer(TryOutcome.UNCLEAR, "no dialogue"))
    if not _asks_password(payload):
        return Answer(TryOutcome.UNCLEAR, "asks for something else than a password")
    await transport.send(
        bytes((_INFO_RESPONSE,)) + struct.pack(">I", 1) + _string(who.password.reveal().encode())
    )
    payload, words = await _next(transport, (_INFO_REQUEST, _SUCCESS, _FAILURE, _DISCONNECT))
    if payload[0] == _INFO_REQUEST:
        return understood(words, Answer(TryOutcome.UNCLEAR, "a second question"))
    return _told(payload, words)


def _told(payload: bytes, words: str) -> Answer:
    """What the answer to a password means.

    Who is asked for a new password, or for a further method (RFC 4252, section 5.1), gave the right one.
    """
    if payload[0] in (_SUCCESS, _PASSWORD_EXPIRED) or _is_partial(payload):
        return Answer(TryOutcome.ACCEPTED, "the password is taken")
    if payload[0] == _DISCONNECT:
        return understood(words, Answer(TryOutcome.UNCLEAR, "disconnected"))
    return understood(words, Answer(TryOutcome.REFUSED, "the password is refused"))


def _is_partial(payload: bytes) -> bool:
    return payload[0] == _FAILURE and payload[-1:] == b"\1"


def _asks_password(payload: bytes) -> bool:
    """Whether an INFO_REQUEST is one question that is no code or token (RFC 4256, section 3.2)."""
    at, texts = 1, list[bytes]()
    for _text in range(3):  # name, instruction, language tag
        (size,) = struct.unpack_from(">I", payload, at)
        texts.append(payload[at + 4 : at + 4 + size])
        at += 4 + size
    (questions,) = struct.unpack_from(">I", payload, at)
    return questions == 1 and not _CODE.search(b" ".join((*texts[:2], payload[at + 8 :])))


async def _next(transport: SshTransport, kinds: tuple[int, ...]) -> tuple[bytes, str]:
    """The next payload of those kinds, and the banners and farewells shown on the way."""
    words = ""
    for _message in range(_MOST_MESSAGES):
        payload = await transport.receive()
        if payload[:1] in (bytes((_BANNER,)), bytes((_DISCONNECT,))):
            words += payload[1:].decode("utf-8", "replace")
        if payload and payload[0] in kinds:
            return payload, words
        if payload[:1] == bytes((_DISCONNECT,)):
            raise NoAgreement("the server disconnected")
    raise NoAgreement("no answer to the login")


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


SSH: Final = Login("ssh", "tcp", (22,), nothing_to_see, attempt)
