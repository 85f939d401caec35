"""A draft: what a social worker has typed so far, section by section, before it is a referral."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.referral.domain.errors import ChangedElsewhere, DraftAlreadySent

Answers = Mapping[str, Any]


@dataclass(kw_only=True, eq=False)
class Draft:
    """Answers as they were typed, right or wrong, by the names of the form's fields.

    `saves` counts how often each section was saved: a window that shows an earlier count is out of date.
    """

    id: str
    cms_area: str
    created_by: str
    created_at: datetime
    saved_by: str
    saved_at: datetime
    answers: Answers = field(default_factory=dict)
    saves: Mapping[str, int] = field(default_factory=dict)
    person: str | None = None  # keyed hash of the AVS number, once it is known
    corrects: str | None = None  # the reference of the referral that this corrects
    sent_as: str | None = None  # the reference it was sent under; nothing else is kept then
    version: int | None = None

    @staticmethod
    def start(id: str, cms_area: str, by: str, now: datetime, answers: Answers, corrects: str | None = None) -> "Draft":
        return Draft(
            id=id,
            cms_area=cms_area,
            created_by=by,
            created_at=now,
            saved_by=by,
            saved_at=now,
            answers=dict(answers),
            corrects=corrects,
        )

    def save(self, section: str, answers: Answers, seen: int, by: str, now: datetime) -> None:
        """Keeps the answers of a section; `seen` is its count in the window where they were typed.

        Raises ChangedElsewhere where another window has saved something else since, and keeps nothing then.
        """
        self._still_open()
        stored = {name: self.answers.get(name) or "" for name in answers}
        differing = tuple(name for name, value in answers.items() if (value or "") != stored[name])
        if not differing:
            return
        if seen != self.saved(section):
            raise ChangedElsewhere(differing, self.saved(section))
        self._keep(section, answers, by, now)

    def take_over(self, section: str, answers: Answers, by: str, now: datetime) -> None:
        """Fills in what nobody has answered yet, out of an earlier referral of the person."""
        self._still_open()
        open_ones = {name: value for name, value in answers.items() if value and not self.answers.get(name)}
        if open_ones:
            self._keep(section, open_ones, by, now)

    def send(self, reference: str, now: datetime) -> None:
        """It is a referral now: the draft forgets the person and only leads there."""
        self._still_open()
        self.sent_as, self.saved_at = reference, now
        self.answers, self.saves, self.person, self.corrects = {}, {}, None, None

    def saved(self, section: str) -> int:
        """How often the section was saved."""
        return self.saves.get(section, 0)

    def _keep(self, section: str, answers: Answers, by: str, now: datetime) -> None:
        self.answers = {**self.answers, **answers}
        self.saves = {**self.saves, section: self.saved(section) + 1}
        self.saved_by, self.saved_at = by, now

    def _still_open(self) -> None:
        if self.sent_as is not None:
            raise DraftAlreadySent(self.sent_as)
