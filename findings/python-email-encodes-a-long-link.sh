#!/bin/sh
# A header that Python's EmailMessage does not know by name is folded as free text: an address of more than a line, as a signed link in
# List-Unsubscribe is, or a long identifier in References, is written as encoded words (=?utf-8?q?=3Chttps...). In these headers encoded words
# mean nothing: a mail program sees no link to unsubscribe by, and no thread. Message-ID, whose name it knows, stays whole. With
# policy.SMTP.clone(max_line_length=0) all do.
# Exit 0: as described. Exit 1: another behaviour. Needs Python (seen with 3.8 to 3.13).
set -eu
"${PYTHON:-python3}" - <<'PYTHON'
import sys
from email import policy
from email.message import EmailMessage

LINK = f"<https://courses.example/leave?signature={'a' * 64}>"
NAME = f"<{'b' * 72}@courses.example>"


def written(rules):
    mail = EmailMessage(policy=rules)
    mail["List-Unsubscribe"] = LINK
    mail["References"] = NAME
    mail["Message-ID"] = NAME
    text = mail.as_bytes().decode()
    return [mail_header in text.replace("\r\n ", " ") for mail_header in (f"List-Unsubscribe: {LINK}", f"References: {NAME}", f"Message-ID: {NAME}")], text


found, text = written(policy.SMTP)
whole, _ = written(policy.SMTP.clone(max_line_length=0))
print(f"Python {sys.version.split()[0]}")
print(text.strip())
print("whole: List-Unsubscribe, References, Message-ID:", found, "; with no length of a line:", whole)
sys.exit(found != [False, False, True] or whole != [True, True, True])
PYTHON
