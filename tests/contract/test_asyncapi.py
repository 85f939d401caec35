"""docs/asyncapi.yaml tells of every event, of who tells it and who listens, and of nothing else."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ancrage.house import SERVICES, worker_class
from chassis.broker import EXCHANGE
from chassis.clock import SystemClock, uuid7
from chassis.envelope import Envelope
from chassis.settings import Settings
from chassis.worker import declare
from contracts import CATALOGUE, Event
from tests.contract.events import TYPES, events_of
from tests.plant import needs
from tests.plant.rabbitmq import RabbitMQ

DOCUMENT: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "docs/asyncapi.yaml").read_text())
CHANNELS, OPERATIONS, PARTS = (DOCUMENT[part] for part in ("channels", "operations", "components"))


def _at(reference: str, document: dict[str, Any] = DOCUMENT) -> Any:
    """What a `$ref` leads to; raises KeyError where that is nothing."""
    found: Any = document
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from ([part["$ref"]] if "$ref" in part else [])
    for each in part.values() if isinstance(part, dict) else part if isinstance(part, list) else []:
        yield from _references(each)


def _encoded(event: Event, **other: Any) -> dict[str, Any]:
    now, id = SystemClock().now(), str(uuid7())
    told = {"id": id, "source": event.TYPE.partition(".")[0], "type": event.TYPE, "subject": event.reference}
    told |= {"correlationid": id, "time": now, "data": event.to_data()}
    return json.loads(Envelope(**told | other).encode())


def _payload(type: str) -> jsonschema_rs.Draft7Validator:
    schema = {"allOf": [{"$ref": f"#/components/messages/{type}/payload"}], "components": PARTS}
    return jsonschema_rs.Draft7Validator(schema)


def test_it_is_an_asyncapi_document() -> None:
    schema = jsonschema_rs.Draft7Validator(json.loads(needs.asyncapi_schema().read_text()))
    schema.validate(DOCUMENT)
    without = copy.deepcopy(DOCUMENT)
    without["operations"]["placement.hears"]["action"] = "listen"
    assert not schema.is_valid(without)


def test_whatever_it_refers_to_is_there() -> None:
    references = set(_references(DOCUMENT))
    assert len(references) > len(TYPES)
    for reference in references:
        _at(reference)


def test_every_event_is_in_it_and_nothing_else() -> None:
    names = {cls.__name__ for cls in CATALOGUE.values()}
    assert {name for name in CHANNELS if not name.startswith("ancrage.")} == set(TYPES)
    assert set(PARTS["messages"]) == set(TYPES)
    assert set(PARTS["schemas"]) == names | {"Envelope"}
    told = {name for name, operation in OPERATIONS.items() if operation["action"] == "send"}
    assert told == {f"{type.partition('.')[0]}.tells.{type}" for type in TYPES}


def test_the_broker_binds_the_queues_as_it_says(rabbitmq: RabbitMQ, tmp_path: Path) -> None:
    url = rabbitmq.url()
    declare(
        [worker_class(name) for name in SERVICES], Settings.read({"ANCRAGE_AMQP_URL": url}, data=tmp_path, create=True)
    )
    bound = rabbitmq.ctl(
        "list_bindings", "-p", url.rpartition("/")[2], "source_name", "destination_name", "routing_key"
    )
    hearing = [operation for operation in OPERATIONS.values() if operation["action"] == "receive"]
    assert {line for line in bound.splitlines() if line.startswith(EXCHANGE)} == {
        f"{EXCHANGE}\t{_at(operation['channel']['$ref'])['address']}\t{_at(_at(message['$ref'])['$ref'])['name']}"
        for operation in hearing
        for message in operation["messages"]
    }


@pytest.mark.parametrize("type", TYPES)
@settings(max_examples=10)
@given(data=st.data())
def test_an_event_on_its_way_is_as_it_says(type: str, data: Any) -> None:
    event = data.draw(events_of(type))
    for body in (_encoded(event), _encoded(event, causationid=str(uuid7()))):
        _payload(type).validate(body)


@pytest.mark.parametrize("type", TYPES)
@settings(max_examples=3)
@given(data=st.data())
def test_what_is_no_such_event_is_none_by_the_document_either(type: str, data: Any) -> None:
    event, payload = data.draw(events_of(type)), _payload(type)
    assert not payload.is_valid(_encoded(event, type="placement.forgotten.v1"))
    assert not payload.is_valid(_encoded(event, data=event.to_data() | {"shoe_size": 42}))
    assert not payload.is_valid(_encoded(event, data={}))
