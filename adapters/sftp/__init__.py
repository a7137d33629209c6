"""Exchange documents with an agency through an SFTP server: the agency's own, or a drop server that both reach.

Address: `sftp://user@host/folder?hostkey=SHA256:…`, with the secret a password or a private key; `address.py` has every
parameter. Handed over: when the file is renamed into `give`, written, synced where the server can, and seen to have
its size. Twice: the name is the delivery's id, so a repeat replaces the file; only if the agency has taken it away
meanwhile does the same name appear once more.

Coming in: what is complete in `take` is claimed, recorded, and then moved to `done/` or `refused/`, never before.
The same ideas as `adapters/folder`, where the file system is somebody else's.

    adapter.py      the adapter: address, check, deliver, listen
    address.py      what an address says
    line.py         the kept connection, its pinned key, and what is done over it, all bounded
    intake.py       out of `take`, whole, and the hub's answers
    words.py        what can go wrong, in two languages

For people: docs/adapters/sftp.md.
"""

from adapters.sftp.adapter import SftpAdapter

__all__ = ["SftpAdapter"]
