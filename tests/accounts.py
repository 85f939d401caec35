"""The identity service with people who may sign in, and what the tests of its pages share."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher

from chassis.settings import Settings
from chassis.testing import FrozenClock
from contracts import people
from contracts.vocabulary import CMS_AREAS
from services.identity import handlers
from services.identity.domain import Details
from services.identity.store import Passwords
from services.identity.web import create_app
from services.identity.wiring import IdentityContext, wire
from tests.migrated import bring_up
from tests.visitor import Visitor

#: as safe as paper, and fast
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "treize arbres verts"
ANOTHER = "quatorze nuages gris"


class Accounts:
    """Identity on a store of its own; its worker has its turn when `post` is called."""

    def __init__(self, folder: Path, environ: dict[str, str] | None = None, **overrides: Any) -> None:
        self.folder, self.clock = folder, FrozenClock()
        settings = Settings.read(environ or {}, data=folder, create=True)
        parts = {"clock": self.clock, "passwords": Passwords(CHEAP)} | overrides
        self.context: IdentityContext = wire(settings, **parts)
        bring_up(self.context.store)
        self.app = create_app(self.context)

    def add(self, email: str, role: str = people.CMS, *, password: str = PASSWORD, **more: Any) -> str:
        """Id of a new account whose password its owner has chosen already."""
        areas = CMS_AREAS[:1] if role == people.CMS else ()
        told = {"name": "Amandine Rochat", "language": "fr", "areas": areas} | more
        hashed = self.context.passwords.hash(password)
        with self.context.unit() as unit:
            made = handlers.create_account(unit, Details(email=email, role=role, **told), hashed, by="test")
            made.choose_password(hashed, unit.now)
        return made.id

    def visitor(self, **options: Any) -> Visitor:
        return Visitor(self.app, **options)

    def enter(self, email: str, password: str = PASSWORD, **more: str) -> Visitor:
        """Somebody who has typed in address and password."""
        visitor = self.visitor()
        visitor.get("/account/sign-in")
        visitor.answer = visitor.post("/account/sign-in", email=email, password=password, **more)  # type: ignore[attr-defined]
        return visitor

    def is_in(self, visitor: Visitor) -> bool:
        return visitor.get("/account/").status_code == 200

    def post(self) -> list[EmailMessage]:
        """Has the letters sent that are due; all that were ever written, oldest first."""
        handlers.send_due_letters(self.context)
        files = sorted((self.folder / "mail").rglob("*.eml"), key=lambda path: path.stem)
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]

    def link(self) -> str:
        """The path of the link in the newest letter."""
        return link_in(self.post()[-1])


def link_in(letter: EmailMessage) -> str:
    (path,) = re.findall(r"http://[^/]+(/account/link/\S+)", letter.get_content())
    return str(path)


def choose(visitor: Visitor, path: str, password: str = ANOTHER) -> Any:
    """Opens a link and chooses a password by it."""
    visitor.get("/account/sign-in")  # has a token even where the link has none
    visitor.get(path)
    return visitor.post(path, username="x", new_password=password, repeated_password=password)
