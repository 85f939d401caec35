"""Style, script and pictures: the same at /assets/ in every service, kept for a year under a name with a checksum."""

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
    if request.args.get("v"):
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer
