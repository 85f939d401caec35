"""The published language: what every event promises."""

import json
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from contracts import CATALOGUE
from tests.contract.events import TYPES, events_of

#: words by which personal data would call itself; `contact` is sealed for placement
PERSONAL = ("name", "avs", "birth_date", "street", "address", "phone", "email", "locality")


@pytest.mark.parametrize("type", TYPES)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_an_event_comes_out_as_it_went_in(type: str, data: Any) -> None:
    told = data.draw(events_of(type))
    assert CATALOGUE[type].from_data(json.loads(json.dumps(told.to_data()))) == told


@pytest.mark.parametrize("type", TYPES)
def test_an_event_refuses_what_it_does_not_know_and_what_is_missing(type: str) -> None:
    with pytest.raises(ValidationError) as error:
        CATALOGUE[type].from_data({"shoe_size": 42})
    assert {"shoe_size", "reference"} <= set(error.value.normalized_messages())


@pytest.mark.parametrize("type", TYPES)
def test_an_event_is_named_by_its_publisher_in_the_past_tense_with_a_version(type: str) -> None:
    publisher, _, version = type.split(".")
    assert CATALOGUE[type].__module__ == f"contracts.{publisher}"
    assert version == "v1"


@pytest.mark.parametrize("type", TYPES)
def test_an_event_carries_no_personal_data_in_the_clear(type: str) -> None:
    names = {f.name for f in fields(CATALOGUE[type])} - {"group_name"}
    assert not [name for name in names if any(word in name for word in PERSONAL)]


def test_every_event_has_somebody_who_needs_it() -> None:
    heard = {s.event_class.TYPE for service in _services() for s in _subscriptions(service)}
    assert sorted(set(TYPES) - heard) == []


def _services() -> list[Any]:
    from ancrage.house import SERVICES, worker_class

    return [worker_class(name) for name in SERVICES]


def _subscriptions(service: Any) -> list[Any]:
    from chassis.worker import subscriptions

    return list(subscriptions(service))
