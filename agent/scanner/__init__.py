"""The scanning process: the only one that may open raw sockets, and it may do nothing else.

```
   muster scan / tui / agent                             python -m agent.scanner
   the register, no CAP_NET_RAW in force                 CAP_NET_RAW and nothing else, no register
   ┌───────────────────────────────┐      Order, Stop    ┌──────────────────────────────┐
   │ roll_call: plans, takes in    │ ──────────────────▶ │ scan: sweeps, interviews     │
   │ what comes, shows progress    │ ◀────────────────── │                              │
   └───────────────────────────────┘   Began, Took, Said └──────────────────────────────┘
                                       Ended or Faulted
```

Two pipes of typed messages (`messages`). If the scanner dies, the register has what had come and the run
shows as interrupted; if the register's process dies, the pipe ends and the scanner ends with it, at once.
"""
