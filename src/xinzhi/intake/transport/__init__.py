"""Mail over the network: a mailbox read by IMAP, replies sent by SMTP. Sockets are opened here and nowhere else.

Passwords come from the caller, go to the server, and stand in no text, no URL and no record.
"""

from xinzhi.intake.transport.mailbox import ImapMailbox, NullMailbox, from_utf7, utf7
from xinzhi.intake.transport.sending import NullSender, Sender, Sending, SmtpSender, send_replies
from xinzhi.intake.transport.server import MailRefusedError, MailServer, TransportError

__all__ = [
    "ImapMailbox",
    "MailRefusedError",
    "MailServer",
    "NullMailbox",
    "NullSender",
    "Sender",
    "Sending",
    "SmtpSender",
    "TransportError",
    "from_utf7",
    "send_replies",
    "utf7",
]
