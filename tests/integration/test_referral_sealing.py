"""What people said about somebody is not readable in the database, neither what is new nor what was there before."""

import json

import pytest
import sqlalchemy as sa
from alembic import command

from chassis.migrations import _config
from services.referral.domain import Referral
from services.referral.store import MIGRATIONS
from services.referral.wiring import wire
from tests.unit.referral.answers import application

PERSONAL = ("Délèze", "deleze", "Zoé", "756.1234.5678.97", "Rue de la Source", "zoe@mail", "Santé", "1980-05-04")


@pytest.fixture
def house(small_house):
    return small_house


def everything(store):
    """Every value of every row, as the database holds it."""
    with store.engine.connect() as connection:
        names = sa.inspect(connection).get_table_names()
        rows = [row for name in names for row in connection.execute(sa.text(f'SELECT * FROM "{name}"'))]  # noqa: S608
    return "\n".join(str(value) for row in rows for value in row)


def test_nothing_personal_can_be_read_in_the_database(house):
    house.accepted()
    held = everything(house.context.store)
    assert "ISA-2026-000001" in held
    assert [each for each in PERSONAL if each in held] == []
    assert house.story("ISA-2026-000001").referral.application == application()


def test_what_was_readable_before_is_sealed_when_the_store_is_brought_up_to_date(house, tmp_path):
    context = house.context
    url = f"sqlite:///{tmp_path}/before.db"
    before = wire(context.settings, store=type(context.store)("referral", url, context.store.metadata, MIGRATIONS))
    upgrade(before.store, "0001")
    answers = vars(application()) | {"birth_date": "1980-05-04"}
    row = {"id": "id-1", "reference": "ISA-2026-000001", "application": json.dumps(answers, ensure_ascii=False)} | _REST
    with before.store.writing() as session:
        names = ", ".join(row)
        session.execute(sa.text(f"INSERT INTO referrals ({names}) VALUES (:{names.replace(', ', ', :')})"), row)  # noqa: S608
    assert "Délèze" in everything(before.store)
    upgrade(before.store, "head")
    assert [each for each in PERSONAL if each in everything(before.store)] == []
    with before.reading() as session:
        assert session.scalar(sa.select(Referral)).application == application()
    before.store.dispose()


_REST = {
    "cms_area": "sierre",
    "person": "h",
    "avs_sealed": "sealed",
    "pseudonym": "P-1",
    "name_key": "deleze zoe",
    "submitted_by": "somebody",
    "submitted_at": "2026-11-23 09:00:00.000000",
    "state": "submitted",
    "version": 1,
}


def upgrade(store, revision):
    config = _config(store)
    with store.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
