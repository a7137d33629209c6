"""The published contract: it names every route, every reference in it leads somewhere, and it speaks both languages.

That real answers have the shapes that it publishes is shown in tests/integration/test_http.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from adapters.http.api import PREFIX
from adapters.http.openapi import STATUS_OF, contract
from adapters.http.openapi_schemas import SCHEMAS
from adapters.http.routes import OPERATIONS

CONTRACT = contract()


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in CONTRACT["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def parts(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for key, value in node.items():
            if key != "example":
                yield from parts(value)
    if isinstance(node, list):
        for value in node:
            yield from parts(value)


def test_the_contract_names_every_route_and_no_other() -> None:
    published = {(method, path, operation["operationId"]) for method, path, operation in operations()}
    served = {
        (route.method, PREFIX + re.sub(r":path", "", route.path), route.name) for route in OPERATIONS
    } | {("GET", "/healthz", "isAlive"), ("GET", "/readyz", "isReady")}
    assert published == served


def test_what_needs_no_secret_is_said_to_need_none() -> None:
    public = {operation["operationId"] for _, _, operation in operations() if operation.get("security") == []}
    assert public == {each.name for each in OPERATIONS if each.public} | {"isAlive", "isReady"}
    assert CONTRACT["security"] == [{"secret": []}]


def test_every_reference_leads_somewhere() -> None:
    for part in parts(CONTRACT):
        if "$ref" in part:
            node: Any = CONTRACT
            for step in part["$ref"].removeprefix("#/").split("/"):
                node = node[step]


def test_nothing_is_defined_for_nobody() -> None:
    used = {part["$ref"] for part in parts(CONTRACT) if "$ref" in part}
    for kind in ("schemas", "responses", "parameters"):
        for name in CONTRACT["components"][kind]:
            assert f"#/components/{kind}/{name}" in used


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_shape_is_a_valid_schema(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])


def test_every_description_is_in_both_languages() -> None:
    for part in parts(CONTRACT):
        said = part.get("description")
        if isinstance(said, str) and said != "OpenAPI 3.1":
            vietnamese, _, english = said.partition("\n\n")
            assert vietnamese, part
            assert english, part
    for _, _, operation in operations():
        assert " / " in operation["summary"]


def test_every_operation_that_asks_for_a_secret_may_refuse_it_and_may_fail() -> None:
    for _, _, operation in operations():
        if operation.get("security") != []:
            assert {"400", "401", "500", "503"} <= set(operation["responses"])


def test_every_path_parameter_is_declared() -> None:
    for _, path, operation in operations():
        declared = [
            CONTRACT["components"]["parameters"][each["$ref"].rsplit("/", 1)[1]] if "$ref" in each else each
            for each in operation["parameters"]
        ]
        assert {each["name"] for each in declared if each["in"] == "path"} == set(
            re.findall(r"{(\w+)}", path)
        )


def test_every_named_error_has_one_status() -> None:
    assert set(STATUS_OF) == set(CONTRACT["components"]["responses"])
