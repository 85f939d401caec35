"""`make bench`: the workflow on our chassis and on stock nameko, on the same broker and database."""
