"""One WSGI site out of the services' applications."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

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
        return self.application(environ.get("PATH_INFO", ""))(environ, start_response)

    def application(self, path: str) -> Wsgi:
        """The one that answers at `path`: /referrals and /referrals/new, but not /referralsx."""
        for mount, application in self.mounts:
            if path == mount or path.startswith(f"{mount}/"):
                return application
        return self.otherwise
