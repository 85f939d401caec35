"""Real faults on the real thing: RabbitMQ, PostgreSQL, every service a worker and a web process of its own.

`python -m tests.chaos --faults 200 --seconds 300 --seed 7` does damage under a steady load, heals everything, waits
until all has come to rest, and then keeps a ledger in the manner of Jepsen: what was committed and what was confirmed
to callers, against what arrived. Every choice of what to break, and when, comes from the seed; what the machine makes
of it does not, so a seed tells the same story with other accidents.
"""
