"""A mail server that keeps what it is sent, and can be told to refuse."""

import time
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.plant.server import PATIENCE, free_port


@dataclass(frozen=True)
class Mail:
    """One message as it came over the wire."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage


@dataclass
class MailServer:
    """Listens on a free loopback port; `mails` are those it took, oldest first."""

    mails: list[Mail] = field(default_factory=list)
    port: int = field(default_factory=free_port)
    _refusal: str | None = None
    _controller: Controller | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        """Hangs up; a later start listens on the same port."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def refuse(self, answer: str | None) -> None:
        """Answers every recipient with `answer`, such as `550 No such person`; None: takes mail again."""
        self._refusal = answer

    def wait_for(self, count: int, timeout: float = PATIENCE) -> list[Mail]:
        """The mails once there are at least `count`; raises TimeoutError."""
        deadline = time.monotonic() + timeout
        while len(self.mails) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(self.mails)} of {count} mails came within {timeout:.0f} s")
            time.sleep(0.02)
        return list(self.mails)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:
        if self._refusal is not None:
            return self._refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        raw = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        message = message_from_bytes(raw, policy=policy.default)
        self.mails.append(Mail(envelope.mail_from or "", tuple(envelope.rcpt_tos), message))
        return "250 Taken"
