"""`edochub demo`: a small Quảng Ninh that exchanges documents for half a minute, over the real hub.

Nothing here takes a short cut: packages go in by HTTP or through a folder, addressees fetch them, are pushed to or
find them in their folder, and what is expected is asserted from outside and then against the hub's own tables.

    quang_ninh.csv   the agencies; every code below H49 is invented, and says so: H49.DEMO.nn
    cast.py          who takes part, and how each one's system is connected
    ground.py        the folder that the demo makes and leaves behind: a hub that can be used afterwards
    papers.py        the documents, written and signed
    systems.py       the agencies' own systems: far sides that poll, are pushed to, or use a folder
    receiver.py      the small web server of the system that is pushed to
    handed.py        what was handed in, and what is expected of it
    stage.py         the scene: hub, systems, handing in, taking, waiting
    telling.py       the sentences of the story
    checks.py        what was expected and what happened
    acts.py          the documents: up, down, answered, updated, replaced, taken back
    mergers.py       the codes of communes that were merged away: to the successor, or held for a person
    troubles.py      what goes wrong: a system that is down, an altered package, one that is sent twice
    proof.py         at the end: everything that was expected, against what the hub and the systems hold
    display.py board.py    what a person sees: lines as things happen, and the agencies by level
    play.py          opens the hub and its web server and runs it all
    ending.py        what is printed last: the sum of it, and what to try next

`--federation` plays four hubs, each a process of its own, linked to each other:

    federation.py          the story: three hops and back, one hub killed on the way, the whole way asked for
    federation_ground.py   four hubs: folders, agencies, links and routes
    federation_hubs.py     their processes: started, killed, started again
    federation_systems.py  the agencies' systems, what they sent and what came
    federation_way.py      one hub asks the others
"""
