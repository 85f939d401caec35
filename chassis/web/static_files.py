"""Style, script and pictures: the same at /assets/ in every service, kept for a year under a name with a checksum."""

import gzip
import hashlib
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, request, send_from_directory

STATIC = Path(__file__).parent / "static"

blueprint = Blueprint("assets", __name__)


@cache
def asset(name: str) -> str:
    """The address of a built file, which changes with its content."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()
    return f"/assets/{name}?v={digest[:12]}"


@blueprint.get("/assets/<path:name>")
def serve(name: str) -> Response:
    answer = send_from_directory(STATIC, name, conditional=True)
    answer.vary.add("Accept-Encoding")
    if "gzip" in request.accept_encodings and answer.status_code == 200:
        answer.direct_passthrough = False
        answer.set_data(_packed(name))
        answer.headers["Content-Encoding"] = "gzip"
    if request.args.get("v"):
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer


@cache
def _packed(name: str) -> bytes:
    """A built file compressed once; it is public and the same for everybody."""
    return gzip.compress((STATIC / name).read_bytes(), 9, mtime=0)
