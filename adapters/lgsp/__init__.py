"""A province's service platform (LGSP) that stands before the national axis with a REST front of its own.

Two fronts are known, from clients that were found: Quang Nam's and Lang Son's. They share the journey (a token, lists
to poll, packages to fetch, `done` or `fail` when it is recorded) and differ in every name; each is one module.

    adapter       what the hub calls
    address       which front, where, and what in it is a setting
    front         a request with a token, and a reply that is bounded and believed only in its right shape
    quang_nam     section 11.1 of the reference
    lang_son      section 11.2
    outward       sending once
    server        the other side: who calls, and what is common to both fronts
    as_quang_nam  the hub as Quang Nam's front
    as_lang_son   the hub as Lang Son's front

What comes in is worked off as from an axis: `adapters/vxp/downward.py`.
"""

from adapters.lgsp.adapter import LgspAdapter

__all__ = ["LgspAdapter"]
