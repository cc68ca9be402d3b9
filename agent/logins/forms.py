"""Login forms: as they stand on the page (one password field), or as data/forms.yaml describes them.

A described form says what a page's script would do: which fields, how they are written, and how the answer to
a right and to a wrong password differs. An answer that nothing tells is never taken for either.
"""

import base64
import hashlib
import re
from dataclasses import dataclass, replace
from functools import cache
from html import unescape
from html.parser import HTMLParser
from importlib.resources import files
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlencode

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, model_validator

from agent.logins.protocol import Answer, Credential
from agent.probes.http_message import Page
from inventory.strict_yaml import read
from inventory.types import TryOutcome

_URLENCODED: Final = "application/x-www-form-urlencoded"
_MOST_FIELDS: Final = 40
_MOST_HTML: Final = 200_000
_MOST_TOKENS: Final = 8
_LONGEST_TOKEN: Final = 512
_SCRIPT: Final = re.compile(r"<script\b|\bon(?:submit|click)\s*=", re.IGNORECASE)


def _compiled(value: object) -> object:
    return re.compile(value, re.IGNORECASE | re.DOTALL) if isinstance(value, str) else value


Pattern = Annotated[re.Pattern[str], BeforeValidator(_compiled)]
Writing = Literal["plain", "base64", "md5", "json"]


class Description(BaseModel):
    """One row of data/forms.yaml; action and fields that are left empty are those of the form on the page."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    form: str
    page: Pattern
    """What the login page must show for the description to apply."""
    action: str = ""
    account_field: str = ""
    password_field: str = ""
    fields: dict[str, str] = {}
    page_first: str = ""
    """The page that gives the tokens, as the login page would link to it; empty: the login page itself."""
    tokens: dict[str, Pattern] = Field(default={}, max_length=_MOST_TOKENS)
    """Fields to be filled with what the first group of a pattern finds on that page."""
    writing: Writing = "plain"
    accepted: Pattern
    """What status line, headers and body of the answer to a right password show."""
    refused: Pattern
    source: str
    read: str

    @model_validator(mode="after")
    def _tokens_have_fields_around_them(self) -> Self:
        if self.page_first and not self.tokens:
            raise ValueError("a page is fetched first and nothing is taken from it")
        if self.tokens and not self.password_field:
            raise ValueError("tokens need a form whose fields are named")
        if any(pattern.groups != 1 for pattern in self.tokens.values()):
            raise ValueError("a token's pattern has one group")
        return self


@dataclass(frozen=True)
class Form:
    """A form ready to be filled in; `fields` are sent as they are, empty field names are left out."""

    action: str
    account_field: str
    password_field: str
    fields: tuple[tuple[str, str], ...] = ()
    writing: Writing = "plain"
    accepted: re.Pattern[str] | None = None
    refused: re.Pattern[str] | None = None
    scripted: bool = False
    page_first: str = ""
    tokens: tuple[tuple[str, re.Pattern[str]], ...] = ()

    def with_tokens(self, body: str) -> "Form | None":
        """The form with every token found on its page; None where one is missing or is none."""
        found = []
        for field, pattern in self.tokens:
            token = pattern.search(body[:_MOST_HTML])
            if token is None or not 0 < len(token[1]) <= _LONGEST_TOKEN:
                return None
            found.append((field, unescape(token[1])))
        return replace(self, fields=(*found, *self.fields), tokens=())

    def refusal(self, reason: str) -> Answer:
        """What being asked again means: a refusal, unless a script may write the password in another way."""
        if self.scripted:
            return Answer(TryOutcome.UNCLEAR, "the form is filled in by a script nobody described", "form")
        return Answer(TryOutcome.REFUSED, reason, "form")

    @property
    def is_described(self) -> bool:
        """Whether data/forms.yaml says what its answers mean."""
        return self.accepted is not None

    @property
    def content_type(self) -> str:
        """Content-Type of the request."""
        return "application/json" if self.writing == "json" else _URLENCODED

    def filled_in(self, who: Credential) -> bytes:
        """The body of the request."""
        typed = [(self.account_field, _written(who.account, self.writing, is_password=False))] * bool(
            self.account_field
        )
        typed.append((self.password_field, _written(who.password.reveal(), self.writing, is_password=True)))
        if self.writing == "json":
            import json

            return json.dumps(dict([*self.fields, *typed])).encode()
        return urlencode([*self.fields, *typed]).encode("ascii")

    def says(self, page: Page) -> Answer | None:
        """What the description makes of an answer; None where it says nothing."""
        heads = "\n".join(f"{name}: {value}" for name, values in page.headers.items() for value in values)
        text = f"{page.status}\n{heads}\n\n{page.text}"
        accepted = bool(self.accepted and self.accepted.search(text))
        refused = bool(self.refused and self.refused.search(text))
        if accepted == refused:
            return None
        outcome = TryOutcome.ACCEPTED if accepted else TryOutcome.REFUSED
        return Answer(outcome, "as the form is described", "form")


def described(path: str, body: str) -> Form | None:
    """The described form of this page."""
    for one in _descriptions():
        if not one.page.search(f"{path}\n{body[:_MOST_HTML]}"):
            continue
        there = on_page(path, body) if not one.password_field else None
        if there is not None:
            return replace(there, writing=one.writing, accepted=one.accepted, refused=one.refused)
        if one.password_field:
            return Form(
                one.action,
                one.account_field,
                one.password_field,
                tuple(one.fields.items()),
                one.writing,
                one.accepted,
                one.refused,
                page_first=one.page_first,
                tokens=tuple(one.tokens.items()),
            )
    return None


def on_page(path: str, body: str) -> Form | None:
    """The form on the page, if it has exactly one password field, at most one text field, and is posted."""
    scripted = bool(_SCRIPT.search(body))
    parser = _Forms()
    try:
        parser.feed(body[:_MOST_HTML])
    except AssertionError:  # what html.parser says of a marked section that it does not know
        return None
    for one in parser.found:
        passwords = [name for kind, name, _value in one.inputs if kind == "password"]
        texts = [name for kind, name, _value in one.inputs if kind in ("text", "email", "")]
        if len(passwords) != 1 or not passwords[0] or len(texts) > 1 or one.method != "post":
            continue
        kept = tuple(
            (name, value) for kind, name, value in one.inputs if kind in ("hidden", "submit") and name
        )
        return Form(one.action or path, texts[0] if texts else "", passwords[0], kept, scripted=scripted)
    return None


def cookies_of(page: Page) -> str:
    """The cookies a page sets, as a Cookie header gives them back."""
    return "; ".join(value.split(";")[0].strip() for value in page.headers.get("set-cookie", ()))


def joined(before: str, after: str) -> str:
    """Two Cookie values as one; the later of two with the same name stays."""
    named = dict(pair.partition("=")[::2] for pair in f"{before}; {after}".split("; ") if "=" in pair)
    return "; ".join(f"{name}={value}" for name, value in named.items())


def _written(text: str, writing: Writing, *, is_password: bool) -> str:
    if writing == "base64":
        return base64.b64encode(text.encode()).decode("ascii")
    if writing == "md5" and is_password:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
    return text


@dataclass
class _Found:
    action: str
    method: str
    inputs: list[tuple[str, str, str]]


class _Forms(HTMLParser):
    """Collects the forms of a page with their inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[_Found] = []
        self._open: _Found | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A form begins, or has one input more."""
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = _Found(said.get("action", ""), said.get("method", "get").lower(), [])
            self.found.append(self._open)
        elif tag == "input" and self._open is not None and len(self._open.inputs) < _MOST_FIELDS:
            kind = said.get("type", "text").lower()
            self._open.inputs.append((kind, said.get("name", ""), said.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        """A form ends."""
        if tag == "form":
            self._open = None


@cache
def _descriptions() -> tuple[Description, ...]:
    return read(files("agent.logins") / "data" / "forms.yaml", TypeAdapter(tuple[Description, ...]))
