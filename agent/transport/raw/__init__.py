"""The raw engine: packets laid out once, filled in batches, sent with sendmmsg, matched without a memory.

```
layouts  scapy lays out one packet of each kind         order    which host next, without a list
fill     numpy writes addresses, cookies, checksums     cookie   SipHash: the answer proves the question
volley   questions to hosts become packets              answers  received bytes → who answered what
link     AF_PACKET: sendmmsg, recvmmsg, kernel filter   sums     damaged frames are no answers
board    what is asked, what is known by now            pages    its memory: nothing for the silent
passes   whom to ask again, and when it is enough       journal  how far it is, in a file
turns    when each host may be asked next               patience how long to wait for the last answers
tempo    the rate of all, and of each way out           vigil    who fell silent in the middle
route    which interface, source and next hop           outcome  how far a sweep is, what came of it
sweep    what a sweep is told                            rounds   one pass: asks, listens, paces
engine   pass after pass
```

Only `agent.sweeps` opens it, and only for an `Area` that a Gate made.
"""
