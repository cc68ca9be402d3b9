"""Login forms: as they stand on the page (agent/logins/form_page.py), or as data/forms.yaml describes them.

A described form says what a page's script would do: which fields, how they are written, and how the answers
to a right and to a wrong password differ. An answer that nothing tells is never taken for either.
"""

import base64
import hashlib
import json
import re
from dataclasses import dataclass, replace
from functools import cache
from html import unescape
from importlib.resources import files
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlencode

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, model_validator

from agent.logins.form_page import form_on, hidden_beside
from agent.logins.protocol import Answer, Credential
from agent.probes.http_message import Page
from inventory.strict_yaml import read
from inventory.types import TryOutcome

_MOST_HTML: Final = 200_000
_MOST_TOKENS: Final = 8
_LONGEST_TOKEN: Final = 512


def _compiled(value: object) -> object:
    return re.compile(value, re.IGNORECASE | re.DOTALL) if isinstance(value, str) else value


Pattern = Annotated[re.Pattern[str], BeforeValidator(_compiled)]
Tokens = Annotated[dict[str, Pattern], Field(max_length=_MOST_TOKENS)]


class Description(BaseModel):
    """One row of data/forms.yaml; action and fields that are left empty are those of the form on the page.

    The patterns of answers are held against status, headers and body, a line each.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    form: str
    page: Pattern
    """What the login page must show for the description to apply."""
    action: str = ""
    account_field: str = ""
    password_field: str = ""
    fields: dict[str, str] = {}
    headers: dict[str, str] = {}
    """What the page's script says beside the form, as `X-Requested-With`."""
    page_first: str = ""
    """The page that gives the tokens, as the login page would link to it; empty: the login page itself."""
    tokens: Tokens = {}
    """Fields to be filled with what the first group of a pattern finds on that page."""
    token_headers: Tokens = {}
    """Headers to be filled so."""
    body: Literal["urlencoded", "json"] = "urlencoded"
    writing: Literal["plain", "base64", "md5", "sha256"] = "plain"
    """How account and password are written; a hash is of the password alone, in lower-case hexadecimal."""
    accepted: Pattern
    """What the answer to a right password shows."""
    refused: Pattern
    """What the answer to a wrong one shows."""
    locked: Pattern | None = None
    """What a lock-out shows, where it is no status and no words that speak of it anywhere."""
    source: str
    read: str

    @model_validator(mode="after")
    def _tokens_have_fields_around_them(self) -> Self:
        tokens = {**self.tokens, **self.token_headers}
        if self.page_first and not tokens:
            raise ValueError("a page is fetched first and nothing is taken from it")
        if (tokens or self.body == "json") and not self.password_field:
            raise ValueError("tokens and JSON need a form whose fields are named")
        if any(pattern.groups != 1 for pattern in tokens.values()):
            raise ValueError("a token's pattern has one group")
        return self


@dataclass(frozen=True)
class Form:
    """A form ready to be filled in; `fields` are sent as they are, empty field names are left out.

    `account` is what the page shows in the account's field beforehand: it goes where no account is published.
    """

    action: str
    account_field: str
    password_field: str
    fields: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    account: str = ""
    scripted: bool = False
    description: Description | None = None

    def with_tokens(self, body: str) -> "Form | None":
        """The form with every token found on its page; None where one is missing or is none."""
        if self.description is None:
            return self
        fields = _tokens(self.description.tokens, body)
        headers = _tokens(self.description.token_headers, body)
        if fields is None or headers is None:
            return None
        named = {name for name, _value in fields}
        kept = tuple(each for each in self._with_hidden(body) if each[0] not in named)
        return replace(self, fields=(*fields, *kept), headers=(*headers, *self.headers))

    def refusal(self, reason: str, who: Credential) -> Answer:
        """What being asked again means: a refusal, where the pair was sent just as the page asks for it."""
        if self.scripted:
            return Answer(TryOutcome.UNCLEAR, "the form is filled in by a script nobody described", "form")
        if who.account and not self.account_field:
            return Answer(TryOutcome.UNCLEAR, "the form asks for no account, and one is published", "form")
        return Answer(TryOutcome.REFUSED, reason, "form")

    def is_on(self, page: Page) -> bool:
        """Whether a page shows this form again, rather than another that has a password field."""
        there = form_on(page.text)
        shown = there and (there.account_field, there.password_field)
        return shown == (self.account_field, self.password_field)

    @property
    def content_type(self) -> str:
        """Content-Type of the request."""
        is_json = self.description is not None and self.description.body == "json"
        return "application/json" if is_json else "application/x-www-form-urlencoded"

    def filled_in(self, who: Credential) -> bytes:
        """The body of the request."""
        writing = self.description.writing if self.description else "plain"
        typed = [(self.password_field, _written(who.password.reveal(), writing, is_password=True))]
        if self.account_field:
            account = _written(who.account or self.account, writing, is_password=False)
            typed.insert(0, (self.account_field, account))
        if self.description is not None and self.description.body == "json":
            return json.dumps(dict([*self.fields, *typed])).encode()
        return urlencode([*self.fields, *typed]).encode("ascii")

    def says(self, page: Page) -> Answer | None:
        """What the description makes of an answer; None where it says nothing, or both."""
        if self.description is None:
            return None
        heads = "\n".join(f"{name}: {value}" for name, values in page.headers.items() for value in values)
        text = f"{page.status}\n{heads}\n\n{page.text}"
        if self.description.locked is not None and self.description.locked.search(text):
            return Answer(TryOutcome.LOCKED, "as the form is described", "form")
        accepted = bool(self.description.accepted.search(text))
        if accepted == bool(self.description.refused.search(text)):
            return None
        outcome = TryOutcome.ACCEPTED if accepted else TryOutcome.REFUSED
        return Answer(outcome, "as the form is described", "form")

    def _with_hidden(self, body: str) -> tuple[tuple[str, str], ...]:
        """The fields, and the hidden ones that the page's form bears beside those the description names."""
        named = {name for name, _value in self.fields} | {self.account_field, self.password_field}
        hidden = hidden_beside(body, self.password_field)
        return (*self.fields, *(each for each in hidden if each[0] not in named))


def described(path: str, body: str) -> Form | None:
    """The described form of this page."""
    for one in _descriptions():
        if not one.page.search(f"{path}\n{body[:_MOST_HTML]}"):
            continue
        if one.password_field:
            fields, headers = tuple(one.fields.items()), tuple(one.headers.items())
            return Form(one.action, one.account_field, one.password_field, fields, headers, description=one)
        there = on_page(body)
        return replace(there, description=one, scripted=False) if there else None
    return None


def on_page(body: str) -> Form | None:
    """The form as it stands on the page."""
    found = form_on(body)
    if found is None:
        return None
    return Form(
        found.action,
        found.account_field,
        found.password_field,
        found.kept,
        account=found.account,
        scripted=found.scripted,
    )


def cookies_of(page: Page) -> str:
    """The cookies a page sets, as a Cookie header gives them back."""
    return "; ".join(value.split(";")[0].strip() for value in page.headers.get("set-cookie", ()))


def joined(before: str, after: str) -> str:
    """Two Cookie values as one; the later of two with the same name stays."""
    named = dict(pair.partition("=")[::2] for pair in f"{before}; {after}".split("; ") if "=" in pair)
    return "; ".join(f"{name}={value}" for name, value in named.items())


def _tokens(wanted: dict[str, re.Pattern[str]], body: str) -> tuple[tuple[str, str], ...] | None:
    """Every token under its name; None where one is missing or is none."""
    found = []
    for name, pattern in wanted.items():
        token = pattern.search(body[:_MOST_HTML])
        if token is None or not 0 < len(token[1]) <= _LONGEST_TOKEN or not token[1].isprintable():
            return None
        found.append((name, unescape(token[1])))
    return tuple(found)


def _written(text: str, writing: str, *, is_password: bool) -> str:
    if writing == "base64":
        return base64.b64encode(text.encode()).decode("ascii")
    if writing in ("md5", "sha256") and is_password:
        return hashlib.new(writing, text.encode(), usedforsecurity=False).hexdigest()
    return text


@cache
def _descriptions() -> tuple[Description, ...]:
    return read(files("agent.logins") / "data" / "forms.yaml", TypeAdapter(tuple[Description, ...]))
