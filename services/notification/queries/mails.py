"""The e-mails that were written into the folder because no mail server is set."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from chassis.mail import PRIVATE

_MASK = "•••"


@dataclass(frozen=True)
class Mail:
    id: str  #: of the letter
    to: str
    subject: str
    language: str
    at: datetime
    body: str


def newest(folder: Path, page: int, size: int, *, private: bool) -> Sequence[Mail]:
    """One page (from 1) of the mails, newest first, and the first of the next; private ones only where asked for."""
    names = sorted((path.stem for place in _places(folder, private) for path in place.glob("*.eml")), reverse=True)
    start = (page - 1) * size
    return [mail for name in names[start : start + size + 1] if (mail := read(folder, name, private=private))]


def read(folder: Path, id: str, *, private: bool) -> Mail | None:
    """The mail with this id; None where there is none to be seen. `id` has to be checked to be no path."""
    for place in _places(folder, private):
        path = place / f"{id}.eml"
        if path.is_file():
            return _mail(id, message_from_bytes(path.read_bytes(), policy=policy.default))
    return None


def masked(mail: Mail, word: str) -> Mail:
    """The mail with this word made unreadable."""
    return replace(mail, subject=mail.subject.replace(word, _MASK), body=mail.body.replace(word, _MASK))


def _places(folder: Path, private: bool) -> list[Path]:
    return [folder, folder / PRIVATE] if private else [folder]


def _mail(id: str, message: EmailMessage) -> Mail:
    return Mail(
        id=id,
        to=str(message["To"]),
        subject=str(message["Subject"]),
        language=str(message["Content-Language"]),
        at=parsedate_to_datetime(str(message["Date"])),
        body=message.get_content().replace("\r\n", "\n"),
    )
