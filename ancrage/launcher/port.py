"""The address that the pages answer on. The launcher holds the socket itself, so that a web process that is
started again finds it as it was, and those who call meanwhile wait instead of being refused."""

import errno
import socket

from ancrage.trouble import Exit, Trouble

BACKLOG = 512


def listen(host: str, port: int) -> socket.socket:
    """A listening socket (`port` 0: any free one) that children inherit; raises Trouble where it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise Trouble(_cause(error, host, port), Exit.BUSY) from None
    listener.set_inheritable(True)
    return listener


def _cause(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is taken by another program; choose another one, such as --port {_free()}"
    if error.errno == errno.EACCES:
        return f"port {port} may not be used by you; choose one above 1023, such as --port {_free()}"
    return f"cannot listen on {host}, port {port}: {error.strerror}"


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("", 0))
        number: int = probe.getsockname()[1]
    return number


def address(listener: socket.socket) -> str:
    """http://…, as a person would type it."""
    host, port = listener.getsockname()[:2]
    everywhere = host in ("0.0.0.0", "::", "127.0.0.1", "::1")  # noqa: S104 - compared with, not bound to
    return f"http://{'localhost' if everywhere else host}:{port}"
