"""Who signed it, and can it be proved.

`xml.verify` returns one `Verdict` for each signature of a package; `xml.sign` applies one; `policy.check` says what
follows. The form of a signature is in `profile`, `place` and `shape`, its arithmetic in `canonical` and `schemes`. What
an anchor is says `trust`, what a key is says `keys`; `ca` makes some to try things with. Imports only `schemas`.

`attachments.verify` looks into what is attached: PDFs (`pdf`), CMS (`cms`), packages within packages. Strangers'
files are read in a process of its own (`reading_process`, `reading`), which gives `facts`; `attachment_weighing` judges
them.
"""
