"""The page for integrators tells the truth: every operation and error is there, and its Python is tried."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from adapters.http.answers import (
    fault,
    misunderstood,
    no_such_path,
    too_slow,
    unauthenticated,
    wrong_method,
    wrong_type,
)
from adapters.http.openapi import contract
from adapters.http.routes import OPERATIONS
from adapters.http.signature import signed
from hub.errors import Declined, Refusal, Unavailable
from schemas.text import Text

PAGE = (Path(__file__).resolve().parents[4] / "docs" / "adapters" / "http.md").read_text(encoding="utf-8")
WORDS = Text(vi="a", en="b")
PROBLEMS = (
    fault("X"),
    misunderstood(WORDS),
    no_such_path(),
    too_slow(1),
    unauthenticated(presented=True),
    wrong_method("GET"),
    wrong_type(WORDS, "x"),
    Unavailable(WORDS),
)


def refusals(kind: type[Refusal] = Refusal) -> Iterator[str]:
    for each in kind.__subclasses__():
        if each is not Declined and each.__module__ == "hub.errors":  # a far side's word, never the API's
            yield each.code
        yield from refusals(each)


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.name)
def test_every_operation_is_shown(operation: Any) -> None:
    last = re.sub(r".*\}", "", operation.path) or operation.path.split("/{")[0]
    assert last in PAGE


@pytest.mark.parametrize("code", sorted({*refusals(), *(each.code for each in PROBLEMS)}))
def test_every_error_is_explained(code: str) -> None:
    assert re.search(rf"^\| \d{{3}} \|[^|]*`{re.escape(code)}`", PAGE, re.MULTILINE)


@pytest.mark.parametrize(
    ("block", "shape"), list(zip(blocks("json"), ("Accepted", "Inbox", "Error"), strict=True))
)
def test_every_answer_that_is_shown_has_the_published_shape(block: str, shape: str) -> None:
    schema = {"$ref": f"#/components/schemas/{shape}", "components": contract()["components"]}
    Draft202012Validator(schema).validate(json.loads(block))


def test_the_python_that_checks_a_signature_works() -> None:
    [source] = blocks("python")
    names: dict[str, Any] = {}
    exec(source, names)
    check: Callable[[str, str, bytes, str], bool] = names["is_from_the_hub"]
    header = signed("bi-mat", "D1", b"<a/>", int(time.time()))
    assert check(header, "D1", b"<a/>", "bi-mat")
    assert not check(header, "D2", b"<a/>", "bi-mat")
    assert not check(header, "D1", b"<b/>", "bi-mat")
    assert not check(signed("bi-mat", "D1", b"<a/>", int(time.time()) - 400), "D1", b"<a/>", "bi-mat")


def test_the_signature_to_try_is_right() -> None:
    assert signed("bi-mat", "D1", b"<a/>", 1_795_308_645).partition("v1=")[2] in PAGE
