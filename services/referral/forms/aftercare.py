"""Forms for a referral that was sent: a quarter's costs, a consent withdrawn."""

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from marshmallow import ValidationError, post_load, validates

from chassis.i18n import mark as _
from services.referral.domain import MOST_CHF, ReportCosts, reportable_quarters
from services.referral.forms.inputs import Choice, Text
from services.referral.forms.schemas import Form

_AMOUNT = re.compile(r"(\d+)(?:[.,](\d{1,2}))?", re.ASCII)
_WRITTEN = re.compile(r"(?i)chf|fr\.|[\s'’`]|[.,]?[-–—]+$")


_ENDED = _("Choose a quarter that has ended.")


class Francs(Text):
    """An amount as people write it, 1'200.– or 1200.50; read as whole francs, centimes rounded."""

    def read(self, text: str) -> int:
        found = _AMOUNT.fullmatch(_WRITTEN.sub("", text))
        if found is None:
            raise ValidationError(_("Write the amount in francs, for example %(amount)s", amount="1'200.–"))
        amount = Decimal(f"{found[1]}.{found[2] or 0}").quantize(Decimal(1), ROUND_HALF_UP)
        if amount > MOST_CHF:
            raise ValidationError(_("This is more than a quarter can cost. Check the amount."))
        return int(amount)


class CostsForm(Form):
    """What a quarter cost; `today` says which quarters have ended."""

    period = Text(_ENDED)
    amount = Francs(_("Enter the amount in francs."))
    replaces = Text()

    def __init__(self, today: date) -> None:
        super().__init__()
        self.quarters = reportable_quarters(today)

    @validates("period")
    def _has_ended(self, period: str, **_kwargs: Any) -> None:
        if period not in self.quarters:
            raise ValidationError(_ENDED)

    @post_load
    def _command(self, read: dict[str, Any], **_kwargs: Any) -> ReportCosts:
        return ReportCosts(period=read["period"], chf=read["amount"], replaces=read["replaces"] == read["period"])


class ConsentForm(Form):
    """To what a person no longer agrees."""

    purpose = Choice(_("Choose which consent is withdrawn."), ("participation", "evaluation"))
