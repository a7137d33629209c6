"""Chaos: real processes, killed with SIGKILL at random moments. `python -m bench.chaos` runs it and judges the rest.

ground.py      a hub's folder: agencies, endpoints, keys, configuration
services.py    a PostgreSQL and a RabbitMQ of our own, made to be killed
nodes.py       hub nodes: each a process forked from zygote.py, which has the hub imported already
paperwork.py   the documents: small and large, signed and not, good and bad
clients.py     a process of senders that repeat themselves until they know, and of systems that poll
receiver.py    a process that is pushed to, remembers what it took, and sometimes loses its answer
killing.py     who is killed when, by a seed
run.py         all of it together: begin, kill, heal, wait until nothing is under way
checks.py      what must hold afterwards; journals.py reads what everybody wrote down
report.py      the table, and docs/crash-report.md
"""
