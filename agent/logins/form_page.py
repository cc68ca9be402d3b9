"""The login form of a page as a browser would send it, if it has one password field. Pure."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

_MOST_FIELDS: Final = 40
_MOST_HTML: Final = 200_000
_SCRIPT: Final = re.compile(r"<script\b|\bon(?:submit|click)\s*=", re.IGNORECASE)
_LOGS_IN: Final = re.compile(r"log\s?-?[io]n|sign|submit|enter|ok|登入|登录", re.IGNORECASE)
_TYPED: Final = frozenset({"text", "email", "tel", "number", "search", ""})


@dataclass(frozen=True, slots=True)
class FormOnPage:
    """A form that is posted: where to, the fields for account and password, and what goes with them.

    `account_field` is empty where the page asks for a password alone; `account` is what it shows beforehand.
    """

    action: str
    account_field: str
    account: str
    password_field: str
    kept: tuple[tuple[str, str], ...]
    scripted: bool


def form_on(body: str) -> FormOnPage | None:
    """The page's login form; None where it has none, or one that only a browser could send."""
    for one in _forms_of(body):
        passwords = [name for kind, name, _value in one.inputs if kind == "password"]
        typed = [(name, value) for kind, name, value in one.inputs if kind in _TYPED]
        if len(passwords) != 1 or not passwords[0] or len(typed) > 1 or not one.is_posted:
            continue
        account_field, account = typed[0] if typed else ("", "")
        kept = (*one.chosen, *one.button)
        return FormOnPage(
            one.action, account_field, account, passwords[0], kept, scripted=bool(_SCRIPT.search(body))
        )
    return None


def hidden_beside(body: str, password_field: str) -> tuple[tuple[str, str], ...]:
    """The hidden fields of the form that holds the password field of that name."""
    for one in _forms_of(body):
        if any(name == password_field for _kind, name, _value in one.inputs):
            return tuple((name, value) for kind, name, value in one.inputs if kind == "hidden" and name)
    return ()


@dataclass
class _Found:
    """One form; `inputs` are (type, name, value), a choice standing there as the option that is chosen."""

    action: str
    is_posted: bool
    inputs: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def chosen(self) -> tuple[tuple[str, str], ...]:
        """What goes along untouched."""
        return tuple(
            (name, value) for kind, name, value in self.inputs if kind in ("hidden", "chosen") and name
        )

    @property
    def button(self) -> tuple[tuple[str, str], ...]:
        """The one button that is pressed."""
        buttons = [(name, value) for kind, name, value in self.inputs if kind == "submit" and name]
        named = [each for each in buttons if _LOGS_IN.search(" ".join(each))]
        return tuple((named or buttons)[:1])


def _forms_of(body: str) -> list[_Found]:
    parser = _Forms()
    try:
        parser.feed(body[:_MOST_HTML])
        parser.close()
    except AssertionError:  # what html.parser says of a marked section that it does not know
        return []
    return parser.found


class _Forms(HTMLParser):
    """Collects the forms of a page with their inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[_Found] = []
        self._open: _Found | None = None
        self._select: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A form begins, or has one input more."""
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            is_posted = said.get("method", "get").lower() == "post" and "multipart" not in said.get(
                "enctype", ""
            )
            self._open = _Found(said.get("action", ""), is_posted)
            self.found.append(self._open)
        elif self._open is None or "disabled" in said or len(self._open.inputs) >= _MOST_FIELDS:
            return
        elif tag == "input":
            self._input(self._open, said)
        elif tag == "button" and said.get("type", "submit").lower() == "submit":
            self._open.inputs.append(("submit", said.get("name", ""), said.get("value", "")))
        elif tag == "select":
            self._select = [said.get("name", "")]
        elif tag == "option" and self._select and (len(self._select) == 1 or "selected" in said):
            self._select[1:] = [said.get("value", "")]

    def handle_endtag(self, tag: str) -> None:
        """A form or a choice ends."""
        if tag == "form":
            self._open = None
        elif tag == "select" and self._open is not None and self._select and len(self._select) == 2:
            name, value = self._select
            self._open.inputs.append(("chosen", name, value))
            self._select = None

    def _input(self, form: _Found, said: dict[str, str]) -> None:
        kind, value = said.get("type", "text").lower(), said.get("value", "")
        if kind in ("checkbox", "radio"):
            if "checked" not in said:
                return
            kind, value = "chosen", value or "on"
        form.inputs.append((kind, said.get("name", ""), value))
