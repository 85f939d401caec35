"""What notification does: tell partners what has happened, and send the e-mails."""

from services.notification.handlers.sending import send_at_hand, send_due_mail
from services.notification.handlers.telling import acknowledge, change_partner, forget, load_batch, retry_delivery, tell

__all__ = [
    "acknowledge",
    "change_partner",
    "forget",
    "load_batch",
    "retry_delivery",
    "send_at_hand",
    "send_due_mail",
    "tell",
]
