"""What can go wrong with a referral. An error's docstring says what it means; no message holds personal data."""

from services.referral.domain.states import State


class ReferralError(Exception):
    """Base of all that the referral service refuses."""


class IllegalTransition(ReferralError):
    """The referral's state does not allow this."""

    def __init__(self, transition: str, state: State) -> None:
        super().__init__(f"cannot {transition} a referral that is {state}")
        self.transition = transition
        self.state = state


class ReferralNotFound(ReferralError):
    """There is no such referral, or the reader may not know that there is."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"no referral {reference}")
        self.reference = reference


class PersonHasOpenReferral(ReferralError):
    """The person has an open referral already, perhaps from another CMS: never say which or where."""

    def __init__(self) -> None:
        super().__init__("the person has an open referral")


class UnknownWithdrawalReason(ReferralError):
    """A referral is withdrawn for one of the reasons of the list."""

    def __init__(self, reason: str) -> None:
        super().__init__("not a reason for withdrawing")
        self.reason = reason


class NoRulesInForce(ReferralError):
    """The table of rules holds none for that day: somebody removed or postdated them."""


class DraftNotFound(ReferralError):
    """There is no such draft, or it is another CMS's."""

    def __init__(self) -> None:
        super().__init__("no such draft")


class DraftAlreadySent(ReferralError):
    """The draft has become a referral."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"the draft was sent as {reference}")
        self.reference = reference


class ChangedElsewhere(ReferralError):
    """Another window has saved other answers in the same section meanwhile; nothing was overwritten."""

    def __init__(self, differing: tuple[str, ...], saved: int) -> None:
        super().__init__("the section was changed in another window")
        self.differing = differing  #: names of the fields
        self.saved = saved  #: how often the section has been saved by now


class KeyUsedOtherwise(ReferralError):
    """Something else was asked for under this idempotency key before."""

    def __init__(self, key: str) -> None:
        super().__init__("the idempotency key was used for another request")
        self.key = key


class TokenNotFound(ReferralError):
    """There is no such token in the register."""


class CostsNotAsked(ReferralError):
    """The person takes no part, or not in the evaluation: nobody may be told their costs."""

    def __init__(self) -> None:
        super().__init__("costs are not asked for this referral")


class CostsAlreadyReported(ReferralError):
    """Another figure was reported for that quarter; it is replaced only by who says so."""

    def __init__(self, period: str, chf: int) -> None:
        super().__init__(f"costs of {period} were reported already")
        self.period = period
        self.chf = chf


class ConsentNotGiven(ReferralError):
    """What the person never agreed to, or no longer does, cannot be withdrawn."""

    def __init__(self, purpose: str) -> None:
        super().__init__(f"no consent to {purpose} to withdraw")
        self.purpose = purpose
