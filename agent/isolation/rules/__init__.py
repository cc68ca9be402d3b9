"""The second opinion: what the configurations of firewalls say would pass between segments; nothing is sent.

```
flow       one flow against chains of rules: pass, block or unclear, and by which line
nftables   `nft -j list ruleset` and the text form        iptables   iptables-save(8)
ios        Cisco IOS access lists and object groups       fortigate  FortiOS `show` of policies and objects
reading    which of them a file is                        opinion    segments × services, against the measured
```

A match that a reader does not know makes its rule unsure: what hangs on it is `unclear`, never `block`.
"""
