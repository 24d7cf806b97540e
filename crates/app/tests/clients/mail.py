"""Sends mails as programs do: with the standard library's SMTP client. Prints a line of JSON for each."""

import json
import smtplib
import ssl
import sys
from email.message import EmailMessage

PORT, STEPS = int(sys.argv[1]), json.loads(sys.argv[2])


def message(step):
    mail = EmailMessage()
    mail["From"] = step.get("from", "Nagios <nagios@mon-1.example.com>")
    mail["To"] = step["to"][0]
    mail["Subject"] = step["subject"]
    mail["Date"] = step.get("date", "Wed, 04 Mar 2026 10:15:00 +0800")
    mail["Message-ID"] = step["id"]
    mail.set_content(step.get("text", "disk full\n.\n..two dots\n"))
    if "html" in step:
        mail.add_alternative(step["html"], subtype="html")
    return mail


with smtplib.SMTP("127.0.0.1", PORT, timeout=20) as server:
    for step in STEPS:
        try:
            if step.get("starttls"):
                context = ssl.create_default_context(cafile=step["starttls"])
                # A certificate for tests names no authority.
                context.verify_flags &= ~ssl.VERIFY_X509_STRICT
                server.starttls(context=context)
                print(json.dumps({"tls": server.sock.version()}))
                continue
            refused = server.send_message(message(step), to_addrs=step["to"])
            said = {"refused": {to: code for to, (code, _) in refused.items()}}
        except smtplib.SMTPRecipientsRefused as error:
            said = {"refused": {to: code for to, (code, _) in error.recipients.items()}}
        except smtplib.SMTPResponseException as error:
            said = {"code": error.smtp_code}
        print(json.dumps(said))
