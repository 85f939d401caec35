"""A mail server that has its days, and keeps what it took over."""

from collections import Counter
from datetime import datetime
from typing import Self

from chassis.mail import Letter, Refusal

#: how it may answer: not now, never, not at all
ANSWERS = {
    "refuses for now": Refusal("refused", permanent=False),
    "refuses for good": Refusal("bad_address", permanent=True),
    "does not answer": Refusal("unreachable", permanent=False),
}


class MailServer:
    """`taken` counts by delivery: a second copy bears the same Message-ID."""

    def begin_anew(self) -> None:
        self.taken: Counter[str] = Counter()
        self.answer: str | None = None
        self.letters_left = 0

    def refuse(self, answer: str, letters: int) -> None:
        """The next `letters` are answered so."""
        self.answer, self.letters_left = answer, letters

    def heal(self) -> None:
        self.letters_left = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def send(self, letter: Letter, now: datetime) -> Refusal | None:
        if self.letters_left > 0:
            self.letters_left -= 1
            return ANSWERS[str(self.answer)]
        self.taken[letter.id] += 1
        return None
