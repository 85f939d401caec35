"""Several envelopes in one message: each comes out byte for byte as it went in, and nothing else is taken for one."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.envelope import apart, together

texts = st.text(st.characters(exclude_categories=["Cs"]))
envelopes = st.dictionaries(texts, texts | st.integers() | st.lists(texts) | st.none(), max_size=4)


@given(st.lists(envelopes, min_size=1, max_size=5))
def test_what_is_put_together_comes_apart_byte_for_byte(told: list[dict[str, object]]) -> None:
    bodies = [json.dumps(each, ensure_ascii=False, separators=(",", ":")).encode() for each in told]
    assert apart(together(bodies)) == bodies


def test_a_single_envelope_travels_as_it_is() -> None:
    assert together([b'{"a":1}']) == b'{"a":1}'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no json",
        b"[",
        b"[]",
        b"[1]",
        b'[{"a":1}',
        b'[{"a":1},]',
        b'[{"a":1}] and more',
        b'[{"a":1} {"b":2}]',
        b"[\xff]",
    ],
)
def test_what_is_no_batch_stays_whole(body: bytes) -> None:
    assert apart(body) == [body]
