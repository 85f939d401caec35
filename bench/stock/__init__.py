"""The same workflow on stock nameko, for comparison.

Same services, domain, handlers and tables, so that the same rows are written and the same events told; what differs is
what stands around them: `event_handler`, `EventDispatcher`, one commit a message, no inbox and no outbox.
"""
