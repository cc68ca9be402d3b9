"""The text of XML elements by name, read without an XML parser.

Devices send XML that is broken, endless or made to blow up a parser (entities); looking for
`<name>text</name>` with a bounded pattern has none of these troubles and is all that is needed.
"""

import re
from html import unescape


def texts(document: str, name: str) -> list[str]:
    """The texts of every element `name`, in whatever namespace, that holds text only."""
    pattern = rf"<(?:[\w.-]{{1,40}}:)?{re.escape(name)}(?:\s[^>]{{0,500}})?>([^<]{{0,2000}})</"
    return [unescape(found).strip() for found in re.findall(pattern, document)]


def first_text(document: str, name: str) -> str:
    """The first of `texts`, empty where there is none."""
    return next(iter(texts(document, name)), "")
