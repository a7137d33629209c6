"""Reports: what was exchanged in some days, by whom, how well signed, how much of it in time.

    figures.py    the figures as types, for those who show them: the command, the console
    counts.py     what is counted, by agency, before it is put together
    tally.py      counts of the database's rows
    recount.py    the same counts from raw evidence: the ledger's events, the packages, parsed and verified anew
    assembly.py   counts -> figures
    reporting.py  all of that for one question
    sheets.py     figures -> tables with headings in both languages; compared.py: a report beside its recount
    writing.py    sheets -> .csv, .json; xlsx.py, pdf.py: the forms that need a library of their own

Each figure's definition is in docs/reports.md.
"""
