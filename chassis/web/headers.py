"""What every answer tells the browser about safety, and which requests are refused before anybody looks at them."""

from itertools import chain

from flask import Flask, Response, abort, request

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_ALWAYS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",  # only what is the same for everybody says otherwise: built files
}
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def guard_answers(app: Flask, *, https: bool) -> None:
    """Adds the safety headers to all answers of `app`; refuses forms sent by other sites, and what no store takes."""
    strict = {"Strict-Transport-Security": "max-age=31536000"} if https else {}

    def add(response: Response) -> Response:
        for name, value in (_ALWAYS | strict).items():
            response.headers.setdefault(name, value)
        return response

    app.after_request(add)
    app.before_request(_refuse_other_sites)
    app.before_request(_refuse_nul)


def _refuse_other_sites() -> None:
    """Browsers say where a request comes from; the CSRF token is the defence where they don't."""
    if request.method not in _SAFE_METHODS and request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        abort(403)


def _refuse_nul() -> None:
    """PostgreSQL holds no text with a NUL in it, and nobody types one. What programs send is checked field by field."""
    said = chain([request.path], *request.args.listvalues(), *request.form.listvalues())
    if not request.path.startswith("/api/") and any("\x00" in each for each in said):
        abort(400)
