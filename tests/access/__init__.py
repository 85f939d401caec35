"""Who may do what, and who sees what: two tables, and every cell of them tried on the whole site.

`who_may_what.txt` has a line for each address and method, `who_sees_what.txt` one for each field of a person.
`python -m tests.access` prints the first as it is found, for whoever adds a line and judges each of its cells.
"""
