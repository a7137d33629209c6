"""A simulation: hub nodes, far sides and clients in one thread, on a clock of its own, with chance drawn from a seed.

The journey is the real one: `Hub`, its worker, its writer's groups, its SQL. What surrounds it is played, and goes
wrong as often as the seed has it. A seed always plays the same story: docs/simulation.md.

    __main__.py     plays seeds: python -m tests.faults.simulation --seeds 1000:6000
    loop.py         an event loop whose time and order are the seed's
    real.py         keeps the real world out: no socket, thread, sleep or chance that is not the seed's
    database.py     SQLite in memory, which goes away, loses answers to commits, and outlives every node
    life.py         one life of a hub node, from its start to its end or its death
    network.py      delays, cuts, lost answers, repeats
    far.py          the systems that are pushed to
    clients.py      senders, and systems that fetch their documents
    people.py       operators, and whoever makes the trouble
    world.py        all of them together; one seed from its beginning to its end
    invariants.py   what must hold in the end
    mutations.py    hubs that are broken on purpose: the simulation has to notice each
"""
