"""After an erasure nothing of the person is found in any store or file; figures stay; nothing late brings them back."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from ancrage import house
from chassis.clock import uuid7
from chassis.crypto import CannotOpen, Cipher, Opener
from chassis.envelope import Envelope
from chassis.message import Delivery
from chassis.store import failures, outbox
from contracts import CATALOGUE
from contracts.referral import ReferralErased
from services.evaluation.store import costs as evaluation_costs
from services.evaluation.store import participations as evaluated
from services.notification.queries import mails
from services.placement import handlers as placing
from services.placement import queries as placed
from services.referral import handlers
from services.referral.domain import ErasePerson, ReferralNotFound, ReportCosts, WithdrawReferral
from services.referral.store import tables
from services.referral.store.erasing import NO_NAME
from services.referral.store.imports import import_files, import_keys, import_rows
from tests.browser.people import secrets_of
from tests.happenings import _USUAL, enveloped, happened
from tests.together import Together

ASKED = ErasePerson(reason="person_asked")
COSTS = ReportCosts(period="2026-Q4", chf=123_457)
EVERYWHERE = ("all",)
#: identity hears of no referral, and so of no erasure
HEARING = tuple(name for name in house.SERVICES if name != "identity")


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Together]:
    environ = {}
    if request.param == "postgresql":
        postgres = request.getfixturevalue("postgres")
        environ = {f"ANCRAGE_{name.upper()}_DATABASE_URL": postgres.database() for name in house.SERVICES}
    world = Together(tmp_path, environ)
    yield world
    world.close()


@pytest.fixture
def small_world(tmp_path: Path) -> Iterator[Together]:
    world = Together(tmp_path)
    yield world
    world.close()


def do(world: Together, service: str, handler: Any, *arguments: Any) -> Any:
    with world.contexts[service].unit() as unit:
        return handler(unit, *arguments)


def a_quiet_life(world: Together) -> tuple[str, dict[str, Any]]:
    """Somebody whose referral has gone all the way, and left a draft and messages."""
    reference, body = world.refer(urgency="high", urgency_reason="Solitude extrême depuis mars.")
    world.settle()
    today = world.clock.now().date()
    do(world, "placement", placing.start, reference, today)
    world.settle()
    draft = do(world, "referral", handlers.refer_again, reference, {}, "account-1", EVERYWHERE)
    assert draft.id
    world.pass_time(days=100)
    do(world, "placement", placing.end, reference, world.clock.now().date(), "found_work")
    world.settle()
    return reference, body


def a_life(world: Together) -> tuple[str, dict[str, Any]]:
    """As above, with failures in every service, and something that never left."""
    reference, body = a_quiet_life(world)
    for service in ("placement", "notification", "evaluation", "referral"):
        _leave_a_failure(world, service, reference, body)
    _leave_something_unsent(world, reference, body)
    return reference, body


def _leave_a_failure(world: Together, service: str, reference: str, body: dict[str, Any]) -> None:
    now = world.clock.now()
    row = {
        "event_id": uuid7(), "type": "referral.accepted.v1", "subject": reference, "source": "referral",
        "body": json.dumps(body, ensure_ascii=False).encode(), "headers": {}, "state": "parked", "attempts": 6,
        "message": body["family_name"], "first_at": now, "last_at": now,
    }  # fmt: skip
    with world.contexts[service].store.writing() as session:
        session.execute(sa.insert(failures).values(row))


def _leave_something_unsent(world: Together, reference: str, body: dict[str, Any]) -> None:
    envelope = Envelope(
        id=uuid7(), source="placement", type="x.v1", subject=reference, time=world.clock.now(),
        correlationid=uuid7(), data=body,
    )  # fmt: skip
    row = {
        "event_id": envelope.id, "type": envelope.type, "subject": reference, "body": envelope.encode(),
        "created_at": envelope.time,
    }  # fmt: skip
    with world.contexts["placement"].store.writing() as session:
        session.execute(sa.insert(outbox).values(row))


class Reader:
    """Reads all that can be read in the stores: what is sealed is opened with every key of the house."""

    def __init__(self, world: Together) -> None:
        self._world = world
        keys = world.settings.keys
        self._ciphers = [Cipher(keys.field(name)) for name in house.SERVICES]
        self._opener = Opener(keys.sealing_private("placement"))

    def everything(self, services: Sequence[str] = house.SERVICES) -> str:
        found = []
        for context in map(self._world.contexts.get, services):
            with context.reading() as session:
                names = sa.inspect(session.get_bind()).get_table_names()
                for name in names:
                    rows = session.execute(sa.text(f'SELECT * FROM "{name}"'))  # noqa: S608  # names of tables
                    found += [self.read(value) for row in rows for value in row]
        return "\n".join(found)

    def read(self, value: Any) -> str:
        if isinstance(value, (bytes, memoryview)):
            value = bytes(value).decode(errors="replace")
        if isinstance(value, dict):
            return "\n".join(self.read(each) for each in value.values())
        if isinstance(value, list):
            return "\n".join(map(self.read, value))
        text = str(value)
        return "\n".join([text, *map(self.read, self._opened(text))])

    def _opened(self, text: str) -> Iterator[Any]:
        if text.startswith("gAAAA"):
            for cipher in self._ciphers:
                try:
                    yield json.loads(cipher.open(text))
                except CannotOpen:
                    continue
                except ValueError:
                    yield cipher.open(text) + " "
        if text.count(".") == 4 and text.startswith("eyJ"):
            yield self._opener.open(text)
        if text.startswith(("{", "[")):
            try:
                yield json.loads(text)
            except ValueError:
                return


def traces(world: Together, secrets: Sequence[str]) -> list[str]:
    text = Reader(world).everything()
    return [each for each in secrets if each in text]


def fingerprints(world: Together, body: dict[str, Any]) -> list[str]:
    """What stands for the person without being readable: the keyed hash of the AVS number, the pseudonym."""
    hash = world.contexts["referral"].hasher.of(body["avs_number"])
    with world.contexts["referral"].reading() as session:
        pseudonym = session.scalar(sa.select(tables.pseudonyms.c.pseudonym).where(tables.pseudonyms.c.person == hash))
    assert pseudonym
    return [hash, pseudonym]


def test_nothing_of_the_person_is_found_anywhere_after_an_erasure(world: Together) -> None:
    reference, body = a_life(world)
    do(world, "referral", handlers.report_costs, reference, COSTS, "account-1", EVERYWHERE)
    _other, stays = world.refer()
    world.settle()
    secrets = [*secrets_of(body), *fingerprints(world, body), str(COSTS.chf)]
    assert len(traces(world, secrets)) > 10, "before, it is all there"
    assert do(world, "referral", handlers.erase_person, reference, ASKED, EVERYWHERE) == [reference]
    world.settle()
    also_of_others = set(secrets_of(stays))
    assert [each for each in traces(world, secrets) if each not in also_of_others] == []
    assert traces(world, [stays["family_name"], stays["street"]]), "others are still there"


def test_no_file_holds_anything_of_the_person_after_an_erasure(small_world: Together) -> None:
    reference, body = a_life(small_world)
    sealed = _sealed_of(small_world, reference)
    assert _in_files(small_world, [sealed])
    do(small_world, "referral", handlers.erase_person, reference, ASKED, EVERYWHERE)
    small_world.settle()
    secrets = [each for each in secrets_of(body) if len(each) > 5]
    assert _in_files(small_world, [sealed, *secrets]) == []


def _sealed_of(world: Together, reference: str) -> str:
    with world.contexts["referral"].reading() as session:
        row = session.execute(sa.text("SELECT avs_sealed FROM referrals WHERE reference = :r"), {"r": reference})
        return str(row.scalar_one())


def _in_files(world: Together, wanted: Sequence[str]) -> list[str]:
    contents = [path.read_bytes() for path in world.folder.rglob("*") if path.is_file() and path.name != "secret"]
    return [each for each in wanted if any(each.encode() in content for content in contents)]


def test_the_search_finds_what_is_planted(small_world: Together) -> None:
    context = small_world.contexts["referral"]
    for planted in (context.cipher.seal('{"a": ["Zoé Délèze"]}'), context.sealer.seal({"name": "Zoé Délèze"})):
        with context.store.writing() as session:
            session.execute(
                sa.insert(outbox).values(
                    event_id=uuid7(),
                    type="x",
                    subject="y",
                    created_at=small_world.clock.now(),
                    body=json.dumps({"data": {"contact": planted}}).encode(),
                )
            )
        assert traces(small_world, ["Zoé Délèze"])
        with context.store.writing() as session:
            session.execute(sa.delete(outbox))


def test_whatever_comes_late_brings_nothing_back(world: Together) -> None:
    reference, body = a_life(world)
    secrets = [*secrets_of(body), *fingerprints(world, body)]
    do(world, "referral", handlers.erase_person, reference, ASKED, EVERYWHERE)
    world.settle()
    before = Reader(world).everything().count("\n")
    for service in HEARING:
        kinds = [kind for kind in _USUAL if kind.TYPE in CATALOGUE and kind is not ReferralErased]
        late = [enveloped(happened(kind, reference)) for kind in kinds]
        running = next(r for r in world.world._running if r.consumer.context is world.contexts[service])
        running.consumer.take([Delivery(body) for body in late])
        running.consumer.take([Delivery(enveloped(ReferralErased(reference=reference)))])
    world.settle()
    assert traces(world, secrets) == []
    assert "P-A" not in Reader(world).everything()
    assert Reader(world).everything().count("\n") == before


def test_an_erasure_that_is_repeated_finds_nobody(small_world: Together) -> None:
    reference, _body = a_life(small_world)
    do(small_world, "referral", handlers.erase_person, reference, ASKED, EVERYWHERE)
    with pytest.raises(ReferralNotFound):
        do(small_world, "referral", handlers.erase_person, reference, ASKED, EVERYWHERE)


def test_all_referrals_of_the_person_go_with_one(small_world: Together) -> None:
    first, body = small_world.refer()
    small_world.settle()
    do(small_world, "referral", handlers.withdraw_referral, first, WithdrawReferral(reason="health"), EVERYWHERE)
    small_world.settle()
    second = small_world.submit(body)
    small_world.settle()
    assert do(small_world, "referral", handlers.erase_person, second, ASKED, EVERYWHERE) == [first, second]
    small_world.settle()
    assert traces(small_world, [body["family_name"], *secrets_of(body)[:3]]) == []


def test_another_cms_erases_nobody(small_world: Together) -> None:
    reference, _body = small_world.refer()
    with pytest.raises(ReferralNotFound):
        do(small_world, "referral", handlers.erase_person, reference, ASKED, ("sierre",))


def test_the_place_of_somebody_who_is_erased_goes_to_the_next(small_world: Together) -> None:
    references = [small_world.refer()[0] for _ in range(16)]
    small_world.settle()
    do(small_world, "referral", handlers.erase_person, references[0], ASKED, EVERYWHERE)
    small_world.settle()
    with small_world.contexts["placement"].reading() as session:
        roster = {each.reference for each in placed.roster(session, "oseo-sion")}
    assert roster == set(references[1:])


def test_the_figures_are_the_same_before_and_after(small_world: Together) -> None:
    reference, _body = a_life(small_world)
    small_world.refer()
    small_world.settle()
    before = _figures(small_world)
    assert before["sion"]["ended_early"] == 1
    do(small_world, "referral", handlers.erase_person, reference, ASKED, EVERYWHERE)
    small_world.settle()
    assert _figures(small_world) == before
    with small_world.contexts["referral"].reading() as session:
        (row,) = session.execute(sa.select(tables.erased_counts)).all()
    assert tuple(row) == ("2026-11", "sion-herens-conthey", "sion", "ended", 1)


def _figures(world: Together) -> dict[str, dict[str, int]]:
    with world.contexts["placement"].reading() as session:
        return placed.counts(session)


def test_what_is_over_is_announced_thirty_days_before_and_then_goes(small_world: Together) -> None:
    reference, body = a_quiet_life(small_world)
    secrets = fingerprints(small_world, body)
    small_world.pass_time(days=695)
    assert _announced(small_world) == []
    small_world.pass_time(days=10)
    assert _announced(small_world) == [reference]
    small_world.settle()
    assert _mails_about(small_world, reference)
    small_world.pass_time(days=20)
    assert _announced(small_world) == [reference]
    small_world.pass_time(days=12)
    assert _announced(small_world) == []
    assert traces(small_world, [*secrets_of(body), secrets[0]]) == []


def _announced(world: Together) -> list[str]:
    with world.contexts["referral"].reading() as session:
        return list(session.scalars(sa.select(tables.erasures.c.reference)))


def _mails_about(world: Together, reference: str) -> list[str]:
    letters = [
        mails.read(world.folder / "mail", path.stem, private=False) for path in (world.folder / "mail").glob("*.eml")
    ]
    subjects = [letter.subject for letter in letters if letter]
    return [each for each in subjects if reference in each and "effac" in each]


def test_answers_stay_where_the_time_is_over_and_lead_to_nobody(small_world: Together) -> None:
    reference, body = a_life(small_world)
    _hash, pseudonym = fingerprints(small_world, body)
    small_world.pass_time(days=705)
    small_world.pass_time(days=40)
    with small_world.contexts["evaluation"].reading() as session:
        (row,) = session.execute(sa.select(evaluated)).all()
        assert not session.execute(sa.select(evaluation_costs)).all()
    assert (row.pseudonym, row.reference, row.birth_year % 5) == (pseudonym, row.id, 0)
    others = [name for name in house.SERVICES if name != "evaluation"]
    for name in others:
        assert pseudonym not in Reader(small_world).everything([name]), name
    assert reference not in str(row)


def test_what_is_open_is_never_announced(small_world: Together) -> None:
    small_world.refer()
    small_world.settle()
    small_world.pass_time(days=2000)
    assert _announced(small_world) == []


def test_rows_of_files_go_too_whether_they_became_a_referral_or_not(small_world: Together) -> None:
    reference, body = small_world.refer()
    context = small_world.contexts["referral"]
    now = small_world.clock.now()
    file = {
        "id": uuid7(),
        "by": "a",
        "name": f"{body['family_name']}.csv",
        "content_key": "k",
        "layout": {},
        "received_at": now,
    }
    told = {"cells": list(body.values()), "answers": body}
    row = {"file_id": file["id"], "content": told, "key": "k", "state": "imported", "errors": {}}
    with context.store.writing() as session:
        session.execute(sa.insert(import_files).values(file | {"received_at": now, "state": "finished", "version": 1}))
        session.execute(sa.insert(import_rows).values(row | {"number": 1, "reference": reference}))
        session.execute(sa.insert(import_rows).values(row | {"number": 2}))
        other = {"cells": [], "answers": {"avs_number": "756.9217.0769.85"}}
        session.execute(sa.insert(import_rows).values(row | {"number": 3, "content": other}))
        session.execute(sa.insert(import_keys).values(key="k", reference=reference, at=now))
    do(small_world, "referral", handlers.erase_person, reference, ASKED, EVERYWHERE)
    with context.reading() as session:
        assert list(session.scalars(sa.select(import_rows.c.number))) == [3]
        assert list(session.scalars(sa.select(import_files.c.name))) == [NO_NAME], "it was called after the person"
        assert session.execute(sa.select(import_keys)).all() == []


def test_a_draft_that_nobody_goes_on_with_goes(small_world: Together) -> None:
    do(small_world, "referral", handlers.begin_draft, {"family_name": "Rey"}, "sierre", "account-1")
    small_world.pass_time(days=179)
    assert traces(small_world, ["Rey"])
    small_world.pass_time(days=2)
    assert not traces(small_world, ["Rey"])
