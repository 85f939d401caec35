"""Room in the groups: with the fifteen places of a fresh installation nearly everybody would wait, and no more."""

from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from chassis.context import Context
    from services.placement.domain import Group


def enlarge(placement: "Context", places: int) -> None:
    """Gives every group so many places, as the host's page does."""
    from services.placement.domain import Group as Mapped

    with placement.reading() as session:
        groups = session.scalars(sa.select(Mapped)).all()
    for group in groups:
        _resize(placement, group, places)


def _resize(placement: "Context", group: "Group", places: int) -> None:
    from services.placement import handlers

    settings = handlers.GroupSettings(
        name=group.name, capacity=places, is_open=group.is_open, mode=group.mode, offer_days=group.offer_days
    )
    with placement.unit() as unit:
        handlers.change_group(unit, group.code, settings)
