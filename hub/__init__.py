"""The broker: one journey of seven verbs, and what it needs.

    receive -> validate -> verify -> route -> record  | answer the sender |  deliver -> acknowledge

Read `journey.py` first. The nouns are in `model.py`, the ways out in `errors.py`, each verb is a file in `steps/`
(`validate` is `schemas.validator`), and `app.py` is the only place where the parts are put together.

    model.py errors.py config.py        nouns, ways out, settings
    journey.py steps/                   the path of a document
    directory.py destination.py         whom a code means; what becomes of a document to it
    exchange/                           what may answer what
    worker.py lane.py retry.py broker/  bringing it there, again if need be
    duties.py supervisor.py             what one of several nodes does for all; several processes on one machine
    store/ ledger.py                    the truth, and the proof that nobody changed it
    inbox.py trace.py answers.py        what an endpoint has to take; what happened; answers that the hub writes
    hops.py loops.py trace_header.py    several hubs: where a package has been, and when it comes back
    way.py whole_way.py                 the whole way of a document, each hub telling its part
    axis.py comparing.py reconciling.py our book held against another axis's, once a day
    adapter.py connections.py           the contract of every way in and out; the adapters of our endpoints
    conformance.py rig.py               what every adapter must do, as a suite that anybody's can run
    web.py web_limits.py web_sockets.py the one web server that adapters mount on
    vault.py durable.py ids.py          secrets, files and ids
    commands/ show.py events.py         one operator's verb a file; how things are shown and said
    demo/                               a small Quảng Ninh that plays the whole journey
    testing.py                          factories and a hub in a box, for our tests and for adapter authors
"""
