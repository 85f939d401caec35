"""What notification does not allow."""


class NotificationError(Exception):
    """Something notification does not allow."""


class MessageNotFound(NotificationError):
    """No such message, or not one of this partner's."""


class DeliveryNotFound(NotificationError):
    """No such delivery."""


class PartnerNotFound(NotificationError):
    """No partner has this code."""


class IllegalTransition(NotificationError):
    """The delivery's state does not allow this."""
