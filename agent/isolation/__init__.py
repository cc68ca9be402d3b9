"""Isolation (Art. 25, 29; TWSE b): what ought to be blocked between segments, and what is.

```
expected    the matrix segment × segment × service that is meant, each hole with reason and last day
tokens      questions and answers only those who share the firm's token can make
journal     what an answerer wrote down, and what an asker brings home: files that meet again later
asking      one vantage asks answerers across the border, and groups; what came of each way
devices     one vantage asks known devices for what the roll call found open
matrix      expected against measured, cell by cell and device by device
rules/      the second opinion: what firewalls' configurations say would pass
```

Everything is sent by `agent.transport`; nothing here opens a socket. A way of which nothing proves that it is
blocked (a lost answer, an answerer that may not have listened) is `not-tested`, never `blocked`.
"""
