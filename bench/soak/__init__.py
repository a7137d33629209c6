"""An hour at 70 % of what the hub can do: does anything grow? `python -m bench.soak` runs it and draws docs/soak.svg.

load.py        a process of senders, a system that polls and one that is pushed to; says each ten seconds how it went
watching.py    what hub, database, broker and disk use meanwhile
judging.py     whether memory and latencies were flat
picture.py     the plots
page.py        docs/soak.md
"""
