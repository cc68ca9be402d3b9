"""Web logins: basic and digest as the server challenges, forms as the page or data/forms.yaml describes them.

Looking is one GET per page, also of the page that gives a form its tokens. A try is one request with an
account, then, after a form whose answer nobody described, GETs with and without the session to see whether
the door is open now.
"""

import re
import secrets
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urljoin, urlsplit

from agent.logins import forms
from agent.logins.forms import Form
from agent.logins.protocol import (
    Answer,
    Credential,
    Login,
    Seen,
    Way,
    unanswered,
    understood,
    unseen,
    wants_new_password,
)
from agent.logins.web_wire import Challenge, authorization, challenge_of, fetch
from agent.permit import Permit
from agent.probes.http import PLAIN_PORTS, TLS_PORTS
from agent.probes.http_message import Page
from agent.probes.page import next_page, visible_text
from agent.transport.door import Door
from agent.transport.talk import Failed
from inventory.types import TryOutcome

_MOST_PAGES: Final = 4
_PASSWORD_FIELD: Final = re.compile(r"type\s*=\s*[\"']?password\b", re.IGNORECASE)
_ALERT: Final = re.compile(r"alert\(\s*[\"']([^\"']{1,300})")
_DENIED: Final = re.compile(
    r"(?:incorrect|invalid|wrong|bad) (?:user|account|login|password|credential)|access denied"
    r"|(?:log\s?-?[io]n|sign[ -]?in|authentication|password|user ?name)\b[^.]{0,40}"
    r"(?:incorrect|invalid|wrong|fail|denied)"
    r"|(?:登入|登錄|登录|驗證|验证).{0,4}失敗|(?:密碼|帳號|密码|账号).{0,6}(?:錯誤|错误|不正確|不正确)",
    re.IGNORECASE,
)
_NOT_SETTLED: Final = "the answer to the form does not settle it"
_LOCKING: Final = frozenset({423, 429})  # RFC 4918, section 11.3; RFC 6585, section 4
_REFUSING: Final = frozenset({401, 403})


async def look(door: Door, permit: Permit, way: Way) -> Seen:
    """Which login the page asks for, following it within the host; unclear where it asks for none."""
    return await _Site(door, permit, way).look()


async def attempt(door: Door, permit: Permit, way: Way, seen: Seen, who: Credential) -> Answer:
    """One request with the account and the password."""
    site = _Site(door, permit, way)
    match seen.handle:
        case (str() as path, Challenge() as challenge):
            return await site.answer(path, challenge, who)
        case (str() as path, Form() as form, str() as cookies):
            return await site.fill_in(path, form, cookies, who)
    return Answer(TryOutcome.UNCLEAR, "nothing to fill in")


@dataclass(frozen=True, slots=True)
class _Site:
    """One web server of one device."""

    door: Door
    permit: Permit
    way: Way

    async def look(self) -> Seen:
        path, seen, cookies = self.way.path or "/", set[str](), ""
        while path and path not in seen and len(seen) < _MOST_PAGES:
            seen.add(path)
            page = await self._get(path, cookies)
            if isinstance(page, Failed):
                return unseen(page)
            if _locks(page):
                return _shut(page)
            cookies = forms.joined(cookies, forms.cookies_of(page))
            challenge = challenge_of(page.headers.get("www-authenticate", ()))
            if page.status == 401 and challenge is not None:
                return Seen(handle=(path, challenge), kind=challenge.scheme, once=True)
            form = forms.described(path, page.text) or forms.on_page(page.text)
            if form is not None:
                return await self._ready(path, form, page, cookies)
            path = self._within(path, next_page(page))
        return Seen(Answer(TryOutcome.UNCLEAR, "the page shows no login that can be filled in"))

    async def _ready(self, path: str, form: Form, page: Page, cookies: str) -> Seen:
        """The form with its tokens, from this page or the one it names: good for one try."""
        first = form.description.page_first if form.description else ""
        if first:
            path = self._within(path, first)
            fetched = await self._get(path, cookies) if path else None
            if fetched is None or isinstance(fetched, Failed):
                return Seen(Answer(TryOutcome.UNCLEAR, "the page before the form does not come", "form"))
            if _locks(fetched):
                return _shut(fetched)
            page, cookies = fetched, forms.joined(cookies, forms.cookies_of(fetched))
        ready = form.with_tokens(page.text)
        if ready is None:
            return Seen(Answer(TryOutcome.UNCLEAR, "the page does not give the form its token", "form"))
        if not self._within(path, form.action or path):
            return Seen(Answer(TryOutcome.UNCLEAR, "the form is sent elsewhere", "form"))
        return Seen(handle=(path, ready, cookies), kind="form", once=True)

    async def answer(self, path: str, challenge: Challenge, who: Credential) -> Answer:
        """The page once more, with the challenge answered."""
        kind = challenge.scheme
        headers = {"Authorization": authorization(challenge, "GET", path, who, secrets.token_hex(8))}
        page = await fetch(self.door, self.permit, self.way, path, headers=headers)
        if isinstance(page, Failed):
            return unanswered(page)
        if _locks(page):
            return Answer(TryOutcome.LOCKED, f"status {page.status}", kind)
        if 200 <= page.status < 300 and not _DENIED.search(_words(page)):
            return Answer(TryOutcome.ACCEPTED, f"status {page.status}", kind)
        again = challenge_of(page.headers.get("www-authenticate", ()))
        if again is not None and again.is_stale:
            return Answer(TryOutcome.UNCLEAR, "the challenge had grown stale", kind)
        outcome = TryOutcome.REFUSED if page.status == 401 else TryOutcome.UNCLEAR
        return understood(_words(page), Answer(outcome, f"status {page.status}", kind))

    async def fill_in(self, path: str, form: Form, cookies: str, who: Credential) -> Answer:
        """The form, once; then, where nothing described its answer, a look at what is behind."""
        target = self._within(path, form.action or path)
        headers = {"Content-Type": form.content_type, "Referer": self._url(path), **dict(form.headers)}
        headers |= {"Cookie": cookies} if cookies else {}
        body = form.filled_in(who)
        page = await fetch(
            self.door, self.permit, self.way, target, method="POST", headers=headers, body=body
        )
        if isinstance(page, Failed):
            return unanswered(page)
        if _locks(page):
            return Answer(TryOutcome.LOCKED, f"status {page.status}", "form")
        words = _words(page)
        if form.description is not None:
            said = form.says(page) or Answer(TryOutcome.UNCLEAR, "an answer nobody described", "form")
            return said if said.outcome is TryOutcome.ACCEPTED else understood(words, said)
        if page.status == 401 or (200 <= page.status < 300 and form.is_on(page)):
            return understood(words, form.refusal("the login is asked for again", who))
        told = understood(words, Answer(TryOutcome.UNCLEAR, f"status {page.status}", "form"))
        if told.outcome is TryOutcome.LOCKED:
            return told
        session = forms.joined(cookies, forms.cookies_of(page))
        onward = self._within(target, next_page(page))
        answer = await self._look_behind(onward or path, form, session, who)
        if answer.outcome is TryOutcome.REFUSED and (not onward or "set-cookie" in page.headers):
            # a login page may be shown to who is in; a session just set may be good for other pages
            return replace(answer, outcome=TryOutcome.UNCLEAR, reason=_NOT_SETTLED)
        return answer

    async def _look_behind(self, path: str, form: Form, cookies: str, who: Credential) -> Answer:
        """Is it open with the session, and shut without? Only both together tell an accepted login."""
        unclear = Answer(TryOutcome.UNCLEAR, _NOT_SETTLED, "form")
        if not cookies:
            return unclear
        inside = await self._landing(path, cookies)
        if isinstance(inside, Failed):
            return unclear
        words = _words(inside)
        if _locks(inside) or understood(words, unclear).outcome is TryOutcome.LOCKED:
            return Answer(TryOutcome.LOCKED, "the answer speaks of a lock-out", "form")
        if form.is_on(inside):
            again = form.refusal("the page behind the login still asks for one", who)
            return understood(words, again)
        asks_new = wants_new_password(words)
        if _DENIED.search(words) or (_turns_away(inside) and not asks_new) or inside.status >= 300:
            return unclear
        outside = await self._landing(path, "")
        if isinstance(outside, Failed) or not (form.is_on(outside) or outside.status in _REFUSING):
            return unclear
        return Answer(TryOutcome.ACCEPTED, "the page behind the login opens with the session", "form")

    async def _landing(self, path: str, cookies: str) -> Page | Failed:
        """Where a browser with these cookies ends up."""
        page = await self._get(path, cookies)
        for _turn in range(_MOST_PAGES):
            if isinstance(page, Failed):
                break
            cookies = forms.joined(cookies, forms.cookies_of(page)) if cookies else ""
            path = self._within(path, next_page(page))
            if not path:
                break
            page = await self._get(path, cookies)
        return page

    async def _get(self, path: str, cookies: str) -> Page | Failed:
        return await fetch(
            self.door, self.permit, self.way, path, headers={"Cookie": cookies} if cookies else {}
        )

    def _url(self, path: str) -> str:
        scheme = "https" if self.way.tls else "http"
        return f"{scheme}://{self.permit.literal}:{self.way.port}{path}"

    def _within(self, path: str, link: str) -> str:
        """The path `link` leads to on the same host and port, empty where it leads elsewhere or nowhere."""
        if not link:
            return ""
        try:
            there = urlsplit(urljoin(self._url(path), link.strip()))
            port = there.port or (443 if there.scheme == "https" else 80)
        except ValueError:
            return ""
        is_here = there.hostname == self.permit.ip and port == self.way.port
        if not is_here or (there.scheme == "https") is not self.way.tls:
            return ""
        wanted = (there.path or "/") + (f"?{there.query}" if there.query else "")
        return wanted if wanted.isascii() and wanted.isprintable() and " " not in wanted else ""


def _locks(page: Page) -> bool:
    return page.status in _LOCKING or (page.status >= 400 and "retry-after" in page.headers)


def _shut(page: Page) -> Seen:
    return Seen(Answer(TryOutcome.LOCKED, f"the page answers with status {page.status}"))


def _turns_away(page: Page) -> bool:
    """Whether a page turns a stranger away: a challenge, a refusal, or another form."""
    return page.status in _REFUSING or bool(_PASSWORD_FIELD.search(page.text))


def _words(page: Page) -> str:
    """What a person would read of the page, in its message boxes too."""
    return " ".join((visible_text(page.text), *_ALERT.findall(page.text)))


WEB: Final = Login("web", "tcp", (*PLAIN_PORTS, *TLS_PORTS, 631), look, attempt)
