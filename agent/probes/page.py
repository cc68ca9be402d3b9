"""What a web page says of its device: title, texts, how it asks for a login, where it leads. Pure."""

import re
from html import unescape
from typing import Final
from urllib.parse import urljoin, urlsplit

from agent.probes.http_message import Page
from agent.probes.reply import steady_challenge, steady_cookie
from agent.probes.unfinished import finished_words

_TITLE: Final = re.compile(r"<title[^>]{0,200}>(.{0,500}?)</title", re.IGNORECASE | re.DOTALL)
_PASSWORD_FIELD: Final = re.compile(r"type\s*=\s*[\"']?password\b", re.IGNORECASE)
_ASKS_LOGIN: Final = re.compile(
    r"log\s?-?[io]n\b|sign\s?in|passw|user\s?name|登入|密碼|登录|密码", re.IGNORECASE
)
_REFRESH: Final = re.compile(
    r"http-equiv\s*=\s*[\"']?refresh[^>]{0,100}?url\s*=\s*[\"']?([^\"'>\s]{1,300})", re.IGNORECASE
)
_SCRIPTED_MOVE: Final = re.compile(
    r"(?:window\.|self\.|top\.|document\.)?location(?:\.href|\.replace)?\s*(?:=|\()\s*[\"']([^\"']{1,300})[\"']"
)
_ICON: Final = re.compile(
    r"<link[^>]{0,200}rel\s*=\s*[\"']?(?:shortcut )?icon[\"']?[^>]{0,300}>", re.IGNORECASE
)
_HREF: Final = re.compile(r"href\s*=\s*[\"']?([^\"'>\s]{1,300})", re.IGNORECASE)
_UNSEEN: Final = re.compile(r"<(script|style|title)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_TAG: Final = re.compile(r"<[^>]{0,2000}>")
_MOST_TEXT: Final = 800
_FEW_WORDS: Final = 20
_TINY: Final = 2048
_SPACES: Final = re.compile(r"\s+")


def describe(page: Page) -> list[tuple[str, str]]:
    """The facts of one page: status, server, challenge, cookies, title, and how it asks for a login."""
    body = page.text
    title = _TITLE.search(body)
    facts = [("http.status", str(page.status))]
    facts += [("http_servers", value) for value in page.headers.get("server", ())]
    facts += [("http_wwwauth", steady_challenge(value)) for value in page.headers.get("www-authenticate", ())]
    facts += [("http_cookies", steady_cookie(value)) for value in page.headers.get("set-cookie", ())]
    if title:
        facts.append(("html_title", _SPACES.sub(" ", unescape(title[1]))))
    text = visible_text(body if page.is_whole else finished_words(body))
    if text:
        facts.append(("http.text", text if len(text) <= _MOST_TEXT else text[:_MOST_TEXT].rpartition(" ")[0]))
    login = login_of(page)
    return [*facts, ("http.login", login)] if login else facts


def visible_text(body: str) -> str:
    """What a person would read on the page, without markup, scripts and styles; spaces squeezed."""
    without = _UNSEEN.sub(" ", body)
    return _SPACES.sub(" ", unescape(_TAG.sub(" ", without))).strip()


def login_of(page: Page) -> str:
    """`basic`, `digest`, `form` or `none`; empty where the page does not settle it.

    `none` is said only of a page with a title and content and without any word about logging in: a page
    drawn by a script may ask for a password later.
    """
    schemes = [value.split(" ")[0].lower() for value in page.headers.get("www-authenticate", ())]
    for scheme in ("digest", "basic"):
        if scheme in schemes:
            return scheme
    body = page.text
    if _PASSWORD_FIELD.search(body):
        return "form"
    if page.status != 200 or not _TITLE.search(body) or next_page(page) or "<frame" in body.lower():
        return ""
    is_scripted = "<script" in body.lower() and len(visible_text(body).split()) < _FEW_WORDS
    return "" if is_scripted or _ASKS_LOGIN.search(body) else "none"


def next_page(page: Page) -> str:
    """Where the page sends a browser on to: Location, refresh, or a script on an otherwise tiny page."""
    if 300 <= page.status < 400 and page.header("location"):
        return page.header("location")
    body = page.text
    refresh = _REFRESH.search(body)
    if refresh:
        return unescape(refresh[1])
    moved = _SCRIPTED_MOVE.search(body) if len(page.body) < _TINY else None
    return moved[1] if moved and not _PASSWORD_FIELD.search(body) else ""


def icon_path(page: Page) -> str:
    """Where the page says its icon is, on the same host; empty where it does not."""
    tag = _ICON.search(page.text)
    href = _HREF.search(tag[0]) if tag else None
    path = urlsplit(urljoin("http://host/", unescape(href[1]))).path if href and "//" not in href[1] else ""
    return path if path.isascii() and path.isprintable() and " " not in path else ""
