"""Exchange documents with an agency through a folder that its system reads and writes.

Address: the absolute path of a directory. In it:

    inbox/      the agency drops packages here, under any name; best as `x.tmp`, renamed when it is whole
    outbox/     what is for the agency: `<delivery id>.edxml`; it deletes or moves each file once it has it
    accepted/   what the hub took in, `<message id>.edxml`, with the hub's answer beside it in `.json`
    refused/    what it did not take in, and why: `.txt` for people, `.json` for programs
    .edochub/   the hub's own notes; nobody else changes anything in there

Handed over: when the file is renamed into `outbox/`, with its content, its name and our note of it synced.
Twice: the same delivery is renamed into `outbox/` once, also if the agency has deleted it since and the power
went anywhere in between: `handover.py` says how, and what remains. Its notes are kept for `journal_days`.

Coming in: one hub at a time takes in from a folder, in the order in which the files were written. A package
is moved to `accepted/` or `refused/` after the hub's answer is on disk; until then it is offered again after
every interruption, and the hub knows it again. `arrivals.py` says when a file is complete.

The folders are made once, by `settle`. After that a missing folder means that the drive is not mounted, and
is waited for: made anew, it would swallow documents on the wrong disk.

    adapter.py      the adapter: address, check, deliver, listen
    layout.py       the folders and the settings
    handover.py     into `outbox/`, once
    arrivals.py     out of `inbox/`, whole
    intake.py       offering to the hub what arrived, and filing its answers
    letter.py       a refusal for people
"""

from adapters.folder.adapter import FolderAdapter

__all__ = ["FolderAdapter"]
