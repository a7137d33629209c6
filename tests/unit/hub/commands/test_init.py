"""A new hub: everything that it needs, and nothing written over."""

from __future__ import annotations

import stat
from pathlib import Path

from hub.config import Config, load
from signing.keys import KeyFolder


