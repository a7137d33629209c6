"""What it costs, beside what its parts cost at least, in one run. `python -m bench` prints the table.

Absolute figures move with the machine and its load: read the ratios. Nothing here is a test.
"""
