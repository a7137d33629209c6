"""What `edochub serve` does beside serving. That it serves, and how it stops, is in tests/acceptance."""

from __future__ import annotations

from hub.commands.serve import prepare_aside
from schemas.catalog import Catalog
from schemas.edxml.standard import qcvn_102_2016


def test_what_explains_refusals_is_loaded_aside() -> None:
    catalog = Catalog(standards=(qcvn_102_2016(),))
    (standard,) = catalog.deliverables
    assert "_explainer" not in vars(standard.schema)

    thread = prepare_aside(catalog)
    thread.join(timeout=30)

    assert (thread.daemon, thread.is_alive()) == (True, False)
    assert "_explainer" in vars(standard.schema)
