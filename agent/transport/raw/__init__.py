"""The raw engine: packets laid out once, filled in batches, sent with sendmmsg, matched without a memory.

```
layouts  scapy lays out one packet of each kind         order    which host next, without a list
fill     numpy writes addresses, cookies, checksums     cookie   SipHash: the answer proves the question
link     AF_PACKET: sendmmsg, recvmmsg, kernel filter   answers  received bytes → who answered what
sums     damaged frames are no answers                  route    which interface, source and next hop
board    what is asked, what is known by now            passes   whom to ask again, and when it is enough
turns    when each host may be asked next               journal  how far it is, in a file
vigil    who fell silent in the middle                  engine   the loop that sends, listens and paces
```

Only `agent.transport.door` opens it, and only for an `Area` that a Gate made.
"""
