"""Facts from outside: weaknesses that are exploited (CISA KEV), that are known (NVD), and ends of life.

    formats.py   a file's bytes → Feed: which of the formats it is, its date, its facts in one plain form
    shelf.py     feeds kept beside the register, each with its digest and date; a changed one is refused
    fetch.py     the one thing here that needs a connection: fetching the feeds anew

What they say of a product is worked out in agent/checks/knowledge.py. A wrong file is BadInput with the
place; a feed that cannot be fetched is Unavailable.
"""
