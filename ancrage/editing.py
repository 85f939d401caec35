"""A failed message with another body: made in an editor or taken from a file, and checked before it is kept."""

from typing import TYPE_CHECKING

import click

from ancrage.trouble import Exit, Trouble

if TYPE_CHECKING:
    from chassis.context import Context


def changed(context: "Context", id: int, given: bytes | None) -> bytes:
    """The new body: `given`, or what an editor makes of the present one.

    Raises LookupError where there is no such failure, Trouble where the body would fail again for certain.
    """
    from chassis.envelope import Envelope, Undecodable

    present = _body(context, id)
    new = _edited(present) if given is None else given
    try:
        envelope = Envelope.decode(new)
    except Undecodable as error:
        raise Trouble(f"the new message cannot be read: {error}", Exit.REFUSED) from error
    _keep_id(present, envelope.id)
    return new


def _keep_id(present: bytes, new_id: str) -> None:
    """Under another id the same event could be handled twice."""
    from chassis.envelope import Envelope, Undecodable

    try:
        old_id = Envelope.decode(present).id
    except Undecodable:
        return  # it had none to keep
    if new_id != old_id:
        raise Trouble(f"the id must stay {old_id}: by it the inbox knows what was handled already", Exit.REFUSED)


def _body(context: "Context", id: int) -> bytes:
    import sqlalchemy as sa

    from chassis.store import failures

    with context.reading() as session:
        body: bytes | None = session.scalar(sa.select(failures.c.body).where(failures.c.id == id))
    if body is None:
        raise LookupError(id)
    return body


def _edited(present: bytes) -> bytes:
    text = click.edit(present.decode(errors="replace"), extension=".json")
    if text is None:
        raise Trouble("the message was left as it is", Exit.INTERRUPTED)
    return text.strip().encode()
