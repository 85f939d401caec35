"""Events of every type, with anything in them that may be."""

from dataclasses import fields
from datetime import datetime, timedelta, timezone

from hypothesis import strategies as st
from marshmallow.validate import OneOf

from contracts import CATALOGUE, Event

TYPES = sorted(CATALOGUE)
#: offsets, as they stand in JSON; a clock that is set back has hours that are equal to none in another zone
_OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
st.register_type_strategy(datetime, st.datetimes(timezones=_OFFSETS))


def events_of(type: str) -> st.SearchStrategy[Event]:
    cls = CATALOGUE[type]
    special = {
        f.name: st.sampled_from(f.metadata["validate"].choices)
        for f in fields(cls)
        if isinstance(f.metadata.get("validate"), OneOf)
    }
    texts = st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), min_size=1, max_size=40)
    return st.builds(cls, reference=texts, **special)
