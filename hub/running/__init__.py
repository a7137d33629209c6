"""What keeps a hub running for years, beside the journey. docs/running.md.

vitals.py            disks, certificates, the clock of this machine
clock.py             how far the clock is off: by the system, or by somebody's Date header
metrics_page.py      what is looked up when Prometheus comes, and the server on its own address
conditions.py        what is wrong at this moment
alerts.py            the duty: conditions become alerts with a start and an end, each told once
telling.py           by e-mail and webhook
retention.py         packages whose time is over are exported and removed
backup.py restore.py all of it, copied and brought back
private.py           folders and files that only their owner reads
"""
