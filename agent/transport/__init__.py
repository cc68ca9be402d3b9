"""The one door every byte of Muster leaves through.

```
door       asks single hosts: TCP, TLS, UDP, multicast, signs of life      talk       what came of it
guard      raw print ports: never a payload byte                           datagrams  UDP answers
pace       the two rates                                                   limits     every size and time
tally      packets and bytes by class                                      raw/       the sweep engine
echo       ICMP messages with a payload                                    answerer   answers sealed questions
opening    conversations opened, and why one is not                        rejections who said no
setbacks   what this machine's own system kept from leaving
```
"""
