"""The broker: one journey of seven verbs, and what it needs.

    receive -> validate -> verify -> route -> record  | answer the sender |  deliver -> acknowledge

Read `journey.py` first. The nouns are in `model.py`, the ways out in `errors.py`, each verb is a file in `steps/`
(`validate` is `schemas.validator`), and `app.py` is the only place where the parts are put together.

    model.py errors.py config.py        nouns, ways out, settings
    journey.py steps/                   the path of a document
    directory.py exchange.py            whom a code means; what may answer what
    worker.py retry.py broker/          bringing it there, again if need be
    store/ ledger.py                    the truth, and the proof that nobody changed it
    inbox.py trace.py                   what an endpoint has to take; what happened to a document
    adapter.py                          the contract of every way in and out
    web.py                              the one web server that adapters mount on
    commands/                           one operator's verb a file
    testing.py                          factories and a hub in a box, for our tests and for adapter authors
"""
