"""Finds the messages of a command line for the catalogues: gettext's calls, and click's help texts.

A command's docstring and the `help=` of its options are written where they belong, in plain English, and are
put into the language in force by `in_language` when the command is asked for.
"""

import ast
import inspect
import io
from collections.abc import Collection, Iterator, Mapping
from typing import IO, Any

from babel.messages.extract import extract_python

Found = tuple[int, Any, Any, Any]  # line, function, message, comments, as babel passes them on


def extract(
    fileobj: IO[bytes],
    keywords: Mapping[str, Any],
    comment_tags: Collection[str],
    options: Any,  # noqa: ANN401 - babel's, passed on untouched
) -> Iterator[Found]:
    """Babel's extraction method for the files that hold commands (babel.cfg names it)."""
    source = fileobj.read()
    yield from extract_python(io.BytesIO(source), keywords, comment_tags, options)
    for line, text in help_texts(source.decode("utf-8")):
        yield line, None, text, []


def help_texts(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of each click help in a module: docstrings of commands, `help=` of options."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and any(_makes_a_command(each) for each in node.decorator_list):
            text = ast.get_docstring(node)
            if text:
                yield node.lineno, inspect.cleandoc(text)
        elif isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg == "help" and isinstance(keyword.value, ast.Constant):
                    yield node.lineno, str(keyword.value.value)


def _makes_a_command(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(called, ast.Attribute) and called.attr in ("command", "group")
