"""One site out of several applications."""

from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from ancrage.site import Site


def named(name: str) -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    return lambda environ, start_response: [name.encode()]


def answer(path: str) -> str:
    mounts = (("/referrals", "referral"), ("/api/referrals", "referral"), ("/account", "identity"), ("/x", "absent"))
    site = Site({"referral": named("referral"), "identity": named("identity")}, mounts, otherwise="identity")
    return b"".join(site({"PATH_INFO": path}, None)).decode()  # type: ignore[arg-type]


def test_a_request_goes_to_the_service_mounted_above_it() -> None:
    assert answer("/referrals/ISA-2026-000001") == "referral"
    assert answer("/referrals") == "referral"
    assert answer("/api/referrals/ISA-2026-000001") == "referral"


def test_a_name_that_only_begins_alike_is_another_path() -> None:
    assert answer("/referralsandmore") == "identity"


def test_a_body_that_nobody_read_is_taken_in_so_that_its_sender_hears_the_answer() -> None:
    body = BytesIO(b"x" * 200_000)
    site = Site({"referral": named("too large")}, (), otherwise="referral")
    site({"PATH_INFO": "/", "wsgi.input": body, "CONTENT_LENGTH": "200000"}, None)  # type: ignore[arg-type]
    assert body.read() == b""


def test_what_nobody_is_mounted_at_goes_to_the_one_named_for_it() -> None:
    assert answer("/") == "identity"
    assert answer("/x/of-a-service-that-runs-elsewhere") == "identity"
