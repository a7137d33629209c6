"""Every sentence that a person can see exists in Vietnamese and in English.

`Text` and `Sentence` cannot be made with one language only; what is left to find is a sentence that is neither: a
string literal that goes straight to a person. This walks all our code for those. What developers see (ValueError and
its kin, assertions, log events) is English and not looked at.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from hub.show import Tone

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("cli.py", "hub", "adapters", "schemas", "signing")

# Calls that show their arguments to a person.
SPEAKING = frozenset(
    {"print", "echo", "secho", "complain", "line", "heading", "wrong_usage", "fail", "confirm", "prompt"}
)
# Their arguments are sentences in both languages already, or not sentences.
BILINGUAL = frozenset({"Text", "Sentence", "say", "because", "at"})
# Keyword arguments that click shows in help.
HELP = frozenset({"help", "short_help", "epilog", "about", "more", "metavar", "value", "prompt"})
# Exceptions that are for developers: who meets one sees "an unexpected fault" and, with --debug, the traceback.
DEVELOPERS = frozenset(
    {
        "ArithmeticError",
        "AssertionError",
        "AttributeError",
        "KeyError",
        "LookupError",
        "NotImplementedError",
        "OSError",
        "PermissionError",
        "RuntimeError",
        "SystemExit",
        "TypeError",
        "ValueError",
    }
)
# Translated into a `Text` by who catches them, never shown as they are.
TRANSLATED = frozenset({"NotEvidence", "UnreadableCertificate"})
WORD = re.compile(r"[^\W\d_]{2,}")
# Names of programs and of things that have one name everywhere; what remains after them must hold no word.
NAMES = re.compile(
    r"^\s*(→ )?edochub .*|(SHA-256|DocumentId|X509Certificate|byte|Content-Encoding: identity)\b|https?://\S*"
)
TONES = frozenset(get_args(Tone))  # how a line is coloured
# Identifiers for programs: error codes, parameters.
CODE = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)+")


def offences(source: str) -> list[tuple[int, str]]:
    """Return the line and the text of every literal that a person would see in one language only."""
    return sorted(set(_offences(ast.parse(source))))


def _offences(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            if _name(node.exc.func) not in DEVELOPERS | TRANSLATED | BILINGUAL:
                for argument in _said_by(node.exc):
                    yield from _literals(argument)
        elif isinstance(node, ast.Call):
            if _name(node.func) in SPEAKING and not _in_pairs(node):
                for argument in _said_by(node):
                    yield from _literals(argument)
            for keyword in node.keywords:
                if keyword.arg in HELP and _is_for_click(node):
                    yield from _literals(keyword.value)


def _said_by(call: ast.Call) -> list[ast.expr]:
    """Return the arguments that are said: not the tone, nor the name of a parameter, that may follow the first."""
    return call.args[:1] if _name(call.func) in {"Toned", "wrong_usage"} else call.args


def _in_pairs(call: ast.Call) -> bool:
    """Tell whether a call is `complain(vi, en)`, as the ledger's report has it."""
    return _name(call.func) == "complain" and len(call.args) == 2


def _is_for_click(call: ast.Call) -> bool:
    return _name(call.func) in {
        "option",
        "argument",
        "command",
        "group",
        "version_option",
        "Option",
        "Argument",
        "Command",
    }


def _name(function: ast.expr) -> str:
    return (
        function.attr
        if isinstance(function, ast.Attribute)
        else function.id
        if isinstance(function, ast.Name)
        else ""
    )


def _literals(value: ast.expr, *, nested: bool = False) -> Iterator[tuple[int, str]]:
    """Yield the words in an expression, but not those that are said in both languages.

    What a function is given on the way (`nested`) may be a name; it counts when it reads like a part of a sentence.
    """
    if isinstance(value, ast.Call):
        name = _name(value.func)
        if name not in BILINGUAL | DEVELOPERS:
            for argument in _said_by(value):
                yield from _literals(argument, nested=name not in {"Toned", "join"})
            if isinstance(value.func, ast.Attribute):  # "...".format(...), "...".join(...)
                yield from _literals(value.func.value)
    elif isinstance(value, ast.Constant):
        if isinstance(value.value, str) and _is_said(value.value, nested=nested):
            yield value.lineno, value.value
    elif isinstance(value, ast.JoinedStr):
        whole = "".join(str(part.value) if isinstance(part, ast.Constant) else "0" for part in value.values)
        if _is_said(whole, nested=nested):
            yield value.lineno, whole
        for part in value.values:
            if isinstance(part, ast.FormattedValue):
                yield from _literals(part.value, nested=nested)
    elif isinstance(value, ast.BinOp | ast.IfExp | ast.BoolOp | ast.List | ast.Tuple):
        for child in ast.iter_child_nodes(value):
            if isinstance(child, ast.expr):
                yield from _literals(child, nested=nested)


def _is_said(literal: str, *, nested: bool) -> bool:
    left = NAMES.sub("", literal)
    if literal in TONES or CODE.fullmatch(literal) or not WORD.search(left):
        return False
    return not nested or bool(re.search(r"[^\W\d_]\s|\s[^\W\d_]", left))


SOURCES = sorted(
    path
    for floor in FLOORS
    for path in ([ROOT / floor] if floor.endswith(".py") else (ROOT / floor).rglob("*.py"))
)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_sentence_is_in_one_language_only(path: Path) -> None:
    assert offences(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "bad",
    [
        'click.echo("The document was sent")',
        'print("Gói tin đã gửi")',
        'console.print(f"{count} documents sent")',
        'show.line(Toned("all is well", "good"))',
        'show.complain("sent: {}".format(name))',
        'show.line("sent " + name)',
        'show.line("sent" if done else name)',
        'show.heading("; ".join(["who knows", name]))',
        'raise Misconfigured("the key is missing")',
        'raise complaint(name, "a table", raw)',
        'raise complaint(name, told("one of " + known), raw)',
        'raise errors.Unavailable(f"{host} does not answer") from error',
        'raise click.UsageError("no such thing")',
        '@option("--json", help="Answer in JSON")\ndef f(): ...',
        '@click.argument("file", metavar="TỆP")\ndef f(): ...',
    ],
)
def test_a_sentence_in_one_language_would_be_found(bad: str) -> None:
    assert len(offences(bad)) >= 1


@pytest.mark.parametrize(
    "good",
    [
        'show.line(Text(vi="Đã gửi", en="Sent"))',
        'show.line(f"  edochub --config {place} serve")',
        'show.line(f"{kind}: {name}")',
        'raise Misconfigured(Text(vi="Thiếu khóa", en="The key is missing"))',
        'raise Misconfigured(MISSING.say(key="storage"))',
        'raise Problem(413, "body.too-large", TOO_MUCH)',
        'raise wrong_usage(KNOWN, "endpoint_id")',
        'raise ValueError("expected an aware datetime")',
        'log.info("delivery.retry", attempt=3)',
        '@option("--json", about=Text(vi="Trả JSON", en="Answer in JSON"))\ndef f(): ...',
    ],
)
def test_what_is_said_in_both_or_is_no_sentence_passes(good: str) -> None:
    assert offences(good) == []
