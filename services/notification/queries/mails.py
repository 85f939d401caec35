"""The e-mails that were written into the folder because no mail server is set."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path


@dataclass(frozen=True)
class Mail:
    id: str  #: of the delivery
    to: str
    subject: str
    language: str
    at: datetime
    body: str


def newest(folder: Path, page: int, size: int) -> Sequence[Mail]:
    """One page (from 1) of the mails, newest first, and the first of the next."""
    names = sorted((path.stem for path in folder.glob("*.eml")), reverse=True)
    start = (page - 1) * size
    return [mail for name in names[start : start + size + 1] if (mail := read(folder, name))]


def read(folder: Path, id: str) -> Mail | None:
    """The mail of the delivery `id`; None where there is none. `id` has to be checked to be no path."""
    path = folder / f"{id}.eml"
    if not path.is_file():
        return None
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    return _mail(id, message)


def _mail(id: str, message: EmailMessage) -> Mail:
    return Mail(
        id=id,
        to=str(message["To"]),
        subject=str(message["Subject"]),
        language=str(message["Content-Language"]),
        at=parsedate_to_datetime(str(message["Date"])),
        body=message.get_content().replace("\r\n", "\n"),
    )
