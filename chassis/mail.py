"""The way out of the house: e-mails over SMTP or, where no mail server is set, as .eml files in a folder."""

import re
import smtplib
import ssl
from binascii import b2a_qp
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.charset import QP, Charset
from email.header import Header
from email.utils import format_datetime
from functools import lru_cache
from pathlib import Path
from typing import Protocol, Self
from urllib.parse import unquote, urlsplit

from chassis.settings import Settings

PRIVATE = "private"  #: folder of the letters that are for nobody but their readers
TIMEOUT_S = 10.0  #: for each step of the conversation with the mail server

#: no spaces, no line ends, nothing that separates several addresses (RFC 5322 3.2.3: the characters of an atom)
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+", re.ASCII)
_UTF8 = Charset("utf-8")
_UTF8.header_encoding = QP

REFUSED, UNREACHABLE, BAD_ADDRESS = "refused", "unreachable", "bad_address"


@dataclass(frozen=True)
class Letter:
    """An e-mail that is ready to be sent."""

    id: str  #: the same at every attempt: a second copy can be recognised by it
    to: str
    language: str
    subject: str
    body: str
    private: bool = False  #: for nobody but its reader, such as one that holds a link to sign in by


@dataclass(frozen=True)
class Refusal:
    """It was not taken; `cause` is REFUSED, UNREACHABLE or BAD_ADDRESS."""

    cause: str
    permanent: bool
    detail: str = ""  #: the mail server's own words


class Post(Protocol):
    """A way to send letters, open for as long as its `with` lasts."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *error: object) -> None: ...
    def send(self, letter: Letter, now: datetime) -> Refusal | None:
        """None where it was taken. Never raises for what a mail server or network does: that is a refusal."""


OpenPost = Callable[[], Post]


class Unaddressable(ValueError):
    """No mail can carry this address."""


def as_mail(letter: Letter, sender: str, now: datetime) -> str:
    """RFC 5322, in ASCII; raises Unaddressable.

    The Message-ID is the letter's, so that a second copy after a crash can be recognised.
    """
    if not _ADDRESS.fullmatch(letter.to):
        raise Unaddressable(repr(letter.to))
    # put together here: the standard library's classes take ten times as long, for headers that need no encoding
    headers = {
        "MIME-Version": "1.0",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "quoted-printable",
        "From": f"Ancrage <{sender}>",
        "To": letter.to,
        "Subject": _encoded_subject(letter.subject),
        "Date": format_datetime(now),
        "Message-ID": f"<{letter.id}@{sender.rpartition('@')[2]}>",
        "Content-Language": letter.language,
        "Auto-Submitted": "auto-generated",
    }
    body = b2a_qp(letter.body.encode(), istext=True).decode("ascii")
    return "".join(f"{name}: {value}\n" for name, value in headers.items()) + f"\n{body}"


def _encoded_subject(subject: str) -> str:
    """RFC 2047. The last word, a reference mostly, is all that differs from one mail to the next."""
    words, _space, last = subject.rpartition(" ")
    if words and last.isascii() and last.isprintable() and not last.startswith("=?"):
        return f"{_encoded(words)}\n {last}"
    return _encoded(subject)


@lru_cache(maxsize=1000)
def _encoded(text: str) -> str:
    return Header(text, _UTF8, header_name="Subject").encode()


class SmtpPost:
    """One connection for many letters, made when the first is sent and made anew after it broke.

    `smtp://` takes STARTTLS where the server offers it, `smtps://` speaks TLS from the beginning; user and password
    of the URL sign in. After a connection could not be made, the letters that follow are not tried any more.
    """

    def __init__(self, url: str, sender: str, timeout: float = TIMEOUT_S) -> None:
        self._url = urlsplit(url)
        self._sender = sender
        self._timeout = timeout
        self._server: smtplib.SMTP | None = None
        self._down: Refusal | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._hang_up()

    def send(self, letter: Letter, now: datetime) -> Refusal | None:
        if self._down is not None:
            return self._down
        try:
            mail = as_mail(letter, self._sender, now)
        except Unaddressable as error:  # the others are not to suffer from it
            return Refusal(BAD_ADDRESS, permanent=True, detail=_words(error))
        return self._send(mail, letter.to)

    def _send(self, mail: str, to: str) -> Refusal | None:
        if self._server is None:
            try:
                self._server = self._connect()
            except (OSError, smtplib.SMTPException) as error:
                answered = isinstance(error, smtplib.SMTPResponseException)  # such as: wrong password
                self._down = Refusal(REFUSED if answered else UNREACHABLE, permanent=False, detail=_words(error))
                return self._down
        return self._hand_over(self._server, mail, to)

    def _hand_over(self, server: smtplib.SMTP, mail: str, to: str) -> Refusal | None:
        try:
            server.sendmail(self._sender, [to], mail)
        except smtplib.SMTPRecipientsRefused as error:
            code, answer = next(iter(error.recipients.values()))
            return _refusal(code, answer, BAD_ADDRESS)
        except smtplib.SMTPResponseException as error:
            return _refusal(error.smtp_code, error.smtp_error, REFUSED)
        except (OSError, smtplib.SMTPException) as error:
            self._hang_up()
            return Refusal(UNREACHABLE, permanent=False, detail=_words(error))
        return None

    def _connect(self) -> smtplib.SMTP:
        host, port = self._url.hostname or "localhost", self._url.port or 0
        if self._url.scheme == "smtps":
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=self._timeout, context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=self._timeout)
        try:
            self._introduce(server)
        except BaseException:
            server.close()
            raise
        return server

    def _introduce(self, server: smtplib.SMTP) -> None:
        server.ehlo_or_helo_if_needed()
        if self._url.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
        if self._url.username:
            server.login(unquote(self._url.username), unquote(self._url.password or ""))

    def _hang_up(self) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        try:
            server.quit()
        except (OSError, smtplib.SMTPException):
            server.close()  # it has gone already: what it took over, it confirmed


class FolderPost:
    """Writes each letter as `<letter's id>.eml`, private ones into a folder of their own; that counts as sent."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder = folder
        self._sender = sender

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def send(self, letter: Letter, now: datetime) -> Refusal | None:
        path = self._folder / (PRIVATE if letter.private else "") / f"{letter.id}.eml"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(".part")
            unfinished.write_bytes(as_mail(letter, self._sender, now).encode("ascii"))
            unfinished.replace(path)
        except OSError as error:
            return Refusal(UNREACHABLE, permanent=False, detail=_words(error))
        except Unaddressable as error:
            return Refusal(BAD_ADDRESS, permanent=True, detail=_words(error))
        return None


def _refusal(code: int, answer: bytes | str, permanent_cause: str) -> Refusal:
    """4xx: not now (RFC 5321 4.2.1); 5xx: not like this, however often it is tried."""
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    permanent = code >= 500
    return Refusal(permanent_cause if permanent else REFUSED, permanent, re.sub(r"\s+", " ", f"{code} {text}").strip())


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def mail_folder(settings: Settings) -> Path | None:
    """Where e-mails are kept as files; None where a mail server takes them."""
    return None if settings.smtp_url else settings.data / "mail"


def post_of(settings: Settings) -> OpenPost:
    """The way out that the settings name."""
    url, folder = settings.smtp_url, mail_folder(settings)
    if folder is not None:
        return lambda: FolderPost(folder, settings.mail_from)
    return lambda: SmtpPost(str(url), settings.mail_from)
