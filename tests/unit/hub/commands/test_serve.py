"""What `edochub serve` does beside serving. That it serves, and how it stops, is in tests/acceptance."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from hub.commands._session import Session
from hub.commands.serve import prepare_aside, serve
from hub.config import FILE_NAME
from hub.errors import Misconfigured
from schemas.catalog import Catalog
from schemas.edxml.standard import qcvn_102_2016


def test_what_explains_refusals_is_loaded_aside() -> None:
    catalog = Catalog(standards=(qcvn_102_2016(),))
    (standard,) = catalog.deliverables
    assert "_explainer" not in vars(standard.schema)

    thread = prepare_aside(catalog)
    thread.join(timeout=300)

    assert (thread.daemon, thread.is_alive()) == (True, False)
    assert "_explainer" in vars(standard.schema)


def test_several_workers_on_one_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("[server]\nworkers = 2\n")
    with (
        click.Context(serve, obj=Session(tmp_path / FILE_NAME)) as context,
        pytest.raises(Misconfigured, match="PostgreSQL"),
    ):
        context.invoke(serve, host=None, port=None, workers=None, verbose=False)
