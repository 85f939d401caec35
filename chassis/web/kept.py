"""A form that was sent after its sender's session had ended: kept sealed until the same person has signed in again."""

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from chassis.crypto import Cipher
from chassis.sessions import FORMS_KEPT
from chassis.store import kept_forms
from chassis.web.state import current_context, now

#: the part of an address that says which
PARAMETER = "kept"


@dataclass(frozen=True)
class KeptForm:
    """Where it was sent to, whether a page with the form is there as well, and what was typed, field by field."""

    path: str
    has_page: bool
    fields: Sequence[Sequence[str]]


def can_keep() -> bool:
    """Whether this service has a store (the console has none)."""
    return getattr(current_context(), "store", None) is not None


def keep(form: KeptForm, account_id: str) -> str:
    """What the form is found by again; only this account finds it."""
    context, name = current_context(), secrets.token_urlsafe(24)
    row = {"id": _key(name), "account_id": account_id, "sealed": _seal(form), "kept_at": now()}
    with context.store.writing() as session:
        session.execute(sa.insert(kept_forms).values(row))
    return name


def find(name: str, account_id: str) -> KeptForm | None:
    """The form that this account sent; None where there is none, or not any more."""
    mine = (kept_forms.c.id == _key(name)) & (kept_forms.c.account_id == account_id)
    query = sa.select(kept_forms.c.sealed).where(mine, kept_forms.c.kept_at > now() - FORMS_KEPT)
    with current_context().reading() as session:
        sealed = session.scalar(query)
    return _open(sealed) if sealed else None


def _key(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _cipher() -> Cipher:
    context: Any = current_context()
    return Cipher(context.settings.keys.field(context.name))


def _seal(form: KeptForm) -> str:
    return _cipher().seal(json.dumps(asdict(form)))


def _open(sealed: str) -> KeptForm:
    return KeptForm(**json.loads(_cipher().open(sealed)))
