"""How a push proves that it comes from this hub: `hub.signature`, under the name by which adapters know it."""

from hub.signature import FORM, HEADER, TOLERANCE_SECONDS, signed, verified

__all__ = ["FORM", "HEADER", "TOLERANCE_SECONDS", "signed", "verified"]
