"""The verifier: says of any file that the hub makes or carries what its signatures and proofs are worth.

`examine` needs the file and the anchors, and nothing else: no network, no database, no configuration. `program` is its
command line for machines without a hub; `edochub verify` is the same within one.

    kinds.py      what kind of file it is        packages.py   packages and PDFs
    anchors.py    whom the auditor believes      evidence.py   evidence of an exchange, part by part
    report.py     what was found                 page.py, lines.py   the report for people
"""

from signing.verifier.anchors import Trusted, trust_from
from signing.verifier.examining import examine
from signing.verifier.report import Ending, Part, Report

__all__ = ["Ending", "Part", "Report", "Trusted", "examine", "trust_from"]
