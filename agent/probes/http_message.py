"""HTTP responses (RFC 9112) as bytes on a conversation: head, headers, body; other protocols borrow the form.

A response is parsed as far as it was heard; whoever cuts it off changes nothing of what came before.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from agent.probes.charset import document
from agent.probes.reply import Garbled, text_of
from agent.probes.unfinished import finished_lines
from agent.transport.talk import Link

_HEAD_END: Final = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Page:
    """One response: its status, its headers (lower-case names, repeated ones as written) and its text."""

    status: int
    headers: Mapping[str, tuple[str, ...]]
    body: bytes

    @property
    def is_whole(self) -> bool:
        """Whether the body is known to be all there is, by its declared length (RFC 9112, section 6.3)."""
        length = self.header("content-length")
        return length.isdecimal() and len(length) < 9 and len(self.body) >= int(length)

    @property
    def text(self) -> str:
        """The body in the encoding that its header or itself declares, else in the likeliest."""
        return document(self.body, self.header("content-type"))

    def header(self, name: str) -> str:
        """The first header of that name, empty where there is none."""
        return self.headers.get(name, ("",))[0]


def parse(data: bytes) -> Page | Garbled:
    """A response as far as it was heard; a chunked body (RFC 9112, section 7.1) is put together."""
    head, _end, body = data.partition(_HEAD_END)
    if not _end:
        head, _end, body = data.partition(b"\n\n")
    heard = text_of(head) if _end else finished_lines(text_of(head))
    lines = heard.replace("\r\n", "\n").split("\n")
    match = re.match(r"(?:HTTP/\d(?:\.\d)?|RTSP/1\.0) (\d{3})\b", lines[0])
    if not match:
        return Garbled("no HTTP status line")
    headers: dict[str, tuple[str, ...]] = {}
    for line in lines[1:200]:
        name, colon, value = line.partition(":")
        if colon:
            key = name.strip().lower()
            headers[key] = (*headers.get(key, ()), value.strip())
    if "chunked" in headers.get("transfer-encoding", ("",))[0].lower():
        body = _unchunked(body)
    return Page(int(match[1]), headers, body)


async def read_response(link: Link) -> bytes:
    """Head and body up to where Content-Length or the last chunk ends; no device is waited for in vain."""
    data = await link.read_until(_HEAD_END)
    page = parse(data)
    if isinstance(page, Garbled) or not data.endswith(_HEAD_END):
        return bytes(link.heard)
    length = page.header("content-length")
    if length.isdecimal() and len(length) < 9:
        return await link.read_at_least(len(data) + int(length))
    if "chunked" in page.header("transfer-encoding").lower():
        await link.read_until(b"\r\n0\r\n\r\n")
        return bytes(link.heard)
    return await link.read_to_end()


def _unchunked(body: bytes) -> bytes:
    whole, rest = b"", body
    while True:
        size_line, end, rest = rest.partition(b"\r\n")
        size_text = size_line.split(b";")[0].strip()
        if not end or not re.fullmatch(rb"[0-9A-Fa-f]{1,7}", size_text):
            return whole
        size = int(size_text, 16)
        if size == 0:
            return whole
        whole += rest[:size]
        rest = rest[size + 2 :]
