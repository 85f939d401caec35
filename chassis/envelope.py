"""The envelope an event travels in: CloudEvents 1.0, structured JSON. Several may travel together, as a JSON array."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

CONTENT_TYPE = "application/cloudevents+json"
BATCH_CONTENT_TYPE = "application/cloudevents-batch+json"

#: all that an envelope of ours says besides its data
ATTRIBUTES = frozenset(
    {"specversion", "id", "source", "type", "subject", "time"}
    | {"datacontenttype", "correlationid", "causationid", "traceparent"}
)
_REQUIRED = ("specversion", "id", "source", "type", "subject", "time", "data")


class Undecodable(ValueError):
    """The bytes are no envelope; the message says what is wrong with them."""


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """One event as it travels: who said what, when, about which subject, and because of what.

    `correlationid` is the id of the event that began the story, `causationid` of the one that caused this.
    There is no sequence number: the order of a subject's events is that of the publisher's outbox.
    """

    id: str
    source: str
    type: str
    subject: str
    time: datetime
    correlationid: str
    causationid: str | None = None
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def traceparent(self) -> str:
        """W3C trace context: one trace for a story, one span for an event."""
        return f"00-{self.correlationid.replace('-', '')[:32]:0>32}-{self.id.replace('-', '')[-16:]:0>16}-01"

    def encode(self) -> bytes:
        body = {
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "subject": self.subject,
            "time": self.time.isoformat(),
            "datacontenttype": "application/json",
            "correlationid": self.correlationid,
            "traceparent": self.traceparent,
            "data": self.data,
        }
        if self.causationid:
            body["causationid"] = self.causationid
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

    @staticmethod
    def decode(body: bytes) -> "Envelope":
        """The envelope in `body`; raises Undecodable."""
        try:
            told = json.loads(body)
        except ValueError as error:
            raise Undecodable(f"not JSON: {error}") from error
        if not isinstance(told, dict):
            raise Undecodable(f"expected a JSON object, got {type(told).__name__}")
        return _checked(told)


def together(bodies: Sequence[bytes]) -> bytes:
    """One message of several envelopes, in the JSON batch format; of a single one, that one."""
    return bodies[0] if len(bodies) == 1 else b"[" + b",".join(bodies) + b"]"


def apart(body: bytes) -> list[bytes]:
    """The envelopes in a message, each byte for byte as it was committed; what is no batch is one."""
    if not body.startswith(b"["):
        return [body]
    try:
        return list(_items(body.decode()))
    except ValueError:
        return [body]


def _items(text: str) -> Iterator[bytes]:
    """The objects of a JSON array as `together` writes it; raises ValueError for anything else."""
    end = 0
    while text[end:] != "]":
        begin = end + 1
        if text[end : begin + 1] not in ("[{", ",{"):
            raise ValueError(f"expected an object at {begin}")
        _object, end = _DECODER.raw_decode(text, begin)
        yield text[begin:end].encode()


_DECODER = json.JSONDecoder()


def _checked(told: dict[str, Any]) -> Envelope:
    missing = [name for name in _REQUIRED if name not in told]
    if missing:
        raise Undecodable(f"not a CloudEvents envelope, missing: {', '.join(missing)}")
    texts = ("id", "source", "type", "subject", "time")
    wrong = [name for name in texts if not isinstance(told[name], str) or not told[name]]
    if wrong or not isinstance(told["data"], dict):
        raise Undecodable(f"wrong shape: {', '.join(wrong) or 'data is not an object'}")
    try:
        time = datetime.fromisoformat(told["time"])
    except ValueError as error:
        raise Undecodable(f"time: {error}") from error
    if time.tzinfo is None:
        raise Undecodable("time: it has no offset")
    return Envelope(
        id=told["id"],
        source=told["source"],
        type=told["type"],
        subject=told["subject"],
        time=time,
        correlationid=str(told.get("correlationid") or told["id"]),
        causationid=told.get("causationid"),
        data=told["data"],
    )
