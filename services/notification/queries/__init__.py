"""What the pages show."""

from services.notification.queries.lists import (
    PAGE,
    deliveries_by_state,
    delivery_list,
    inbox,
    is_mail_due,
    message,
    partner,
    partner_list,
    pseudonyms_in,
    unread,
)

__all__ = [
    "PAGE",
    "deliveries_by_state",
    "delivery_list",
    "inbox",
    "is_mail_due",
    "message",
    "partner",
    "partner_list",
    "pseudonyms_in",
    "unread",
]
