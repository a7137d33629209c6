"""Exchange documents with an agency by e-mail: SMTP out, IMAP in, the package attached.

Address: `email:?smtp=smtps://host&from=hub@...&to=agency@...`, with `&imap=imaps://host&user=...` when the hub also
fetches: `address.py` has it all. Handed over when the SMTP server took the mail (RFC 5321: it answers for it then).
Twice: SMTP has no place for a key, so the Message-ID is made of the delivery's id and stays the same: mailboxes that
keep one mail for each Message-ID show one, and a program knows the repeat by it.

Coming in: mails from the allowed senders, in the order in which they came; what is attached is handed to the hub, and
after it is recorded the mail is moved to the folder for what was taken, or after the refusal was mailed to the
configured address, to the other one. What somebody has read or not read plays no part: a mail that is still in the
folder has not been taken. Who a mail is from proves nothing; the signature of the package does.

    adapter.py      the adapter: check, deliver, listen
    address.py      servers, mailboxes and folders, in one URL
    transport.py    SMTP, and what its answers mean
    mails.py        the mails that we write
    mailbox.py      IMAP, with bounded replies
    attached.py     the packages in a mail
    intake.py       offering what came, and filing it
"""

from adapters.email.adapter import EmailAdapter

__all__ = ["EmailAdapter"]
