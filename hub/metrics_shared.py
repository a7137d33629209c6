"""Where the workers of one machine keep their counts, so that each of them can add up all.

Apart from `metrics.py`: `prometheus_client` decides when it is imported whether it counts in memory or in files.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

WORKERS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # the environment variable that prometheus_client looks for


@contextmanager
def shared_by_workers() -> Iterator[None]:
    """Name a folder of its own for the counts of the processes that are started inside the block; remove it after."""
    folder = tempfile.mkdtemp(prefix="edochub-metrics-")
    os.environ[WORKERS_FOLDER] = folder
    try:
        yield
    finally:
        os.environ.pop(WORKERS_FOLDER, None)
        shutil.rmtree(folder, ignore_errors=True)
