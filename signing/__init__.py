"""Who signed it, and can it be proved.

`xml.verify` returns one `Verdict` for each signature of a package; `xml.sign` applies one. What an anchor
is says `trust`, what a key is says `keys`. Imports only `schemas`.
"""
