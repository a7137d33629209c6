"""What may answer what, and when: the business side of an exchange, between one document and one addressee.

    states.py      the state machine, as data
    standing.py    the state machine, applied: how a document stands after a history
    bearing.py     which recorded document a package is about
    history.py     how a document stands, from what is recorded of it
    answering.py   what recording a package does: an answer, or why it is refused
    asking.py      what a package of the sender asks of each addressee; recall before delivery
    plan.py        what was decided, and carrying it out
    page.py        the tables and the diagram of docs/exchange.md

Answers are kept for ever, in the order in which they came. docs/exchange.md says it for people.
"""

from hub.exchange.answering import consider
from hub.exchange.bearing import Bearing, acts_on_earlier, bearing_of_answer, bearing_of_document
from hub.exchange.history import standings
from hub.exchange.plan import NEEDLESS, Plan, carry_out
from hub.exchange.standing import RECALL_CODE as RECALL
from hub.exchange.standing import Standing

__all__ = [
    "NEEDLESS",
    "RECALL",
    "Bearing",
    "Plan",
    "Standing",
    "acts_on_earlier",
    "bearing_of_answer",
    "bearing_of_document",
    "carry_out",
    "consider",
    "standings",
]
