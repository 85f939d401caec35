"""The real parts that tests run against: RabbitMQ, PostgreSQL, Chromium and a mail server of their own."""
