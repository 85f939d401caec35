"""The whole sample on its way through a running system, and every place where nobody of it may be named."""
