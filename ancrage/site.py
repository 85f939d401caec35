"""One WSGI site out of the services' applications."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

#: bytes of an unread body that are read and dropped, so that its sender hears why it was not wanted
PATIENCE = 32 * 1024 * 1024
_AT_ONCE = 64 * 1024

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Site:
    """Hands each request to the application that answers below its path.

    `mounts` are (path, application's name), the first match counts; what matches none goes to `otherwise`
    (which answers 404 in the reader's language, or serves what every application has, such as assets).
    Applications are mounted whole: their routes hold the full path.
    """

    def __init__(self, applications: Mapping[str, Wsgi], mounts: Sequence[tuple[str, str]], otherwise: str) -> None:
        self.mounts = [(path, applications[name]) for path, name in mounts if name in applications]
        self.otherwise = applications[otherwise]

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = self.application(environ.get("PATH_INFO", ""))(environ, start_response)
        _read_to_the_end(environ)
        return answer

    def application(self, path: str) -> Wsgi:
        """The one that answers at `path`: /referrals and /referrals/new, but not /referralsx."""
        for mount, application in self.mounts:
            if path == mount or path.startswith(f"{mount}/"):
                return application
        return self.otherwise


def _read_to_the_end(environ: Mapping[str, Any]) -> None:
    """Takes in what the application left of the request's body.

    A server that closes while the body still comes resets the connection, and the answer (too large, no token) is lost.
    """
    body, left = environ.get("wsgi.input"), min(int(environ.get("CONTENT_LENGTH") or 0), PATIENCE)
    while body is not None and left > 0 and (dropped := body.read(min(left, _AT_ONCE))):
        left -= len(dropped)
