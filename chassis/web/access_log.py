"""One log line per request: what was asked for by its route, never by its address, and how it went."""

import secrets
import time

import structlog
from flask import Flask, Response, g, request

log = structlog.get_logger("chassis.web.access")

_QUIET = ("assets.serve", "live", "operations.health")


def log_requests(app: Flask, service: str) -> None:
    app.before_request(_begin)

    def end(response: Response) -> Response:
        response.headers["X-Request-ID"] = g.get("request_id", "")
        if request.endpoint not in _QUIET:
            log.info("request", service=service, **_told(response))
        return response

    app.after_request(end)


def _begin() -> None:
    g.request_id = secrets.token_hex(8)
    g.began = time.perf_counter()


def _told(response: Response) -> dict[str, object]:
    took = (time.perf_counter() - g.began) * 1000 if "began" in g else 0.0
    return {
        "request": g.get("request_id"),
        "method": request.method,
        "route": request.url_rule.rule if request.url_rule else "(none)",
        "status": response.status_code,
        "ms": round(took, 1),
    }
