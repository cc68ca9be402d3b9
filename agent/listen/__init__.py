"""Listening: who announces itself on the wire, from a live interface or a capture. Nothing is ever sent.

| source | heard | what it says |
|---|---|---|
| arp | RFC 826 requests and replies | address and MAC |
| dhcp | RFC 2131 client messages | MAC, host name (12), parameters asked for (55), vendor class (60) |
| mdns, ssdp, wsd, nbns | announcements and registrations | name, services, model |
| lldp | IEEE 802.1AB | chassis, name, description, port, VLAN, management address |
| cdp | Cisco Discovery Protocol | device id, platform, software, port, native VLAN |
| igmp | RFC 3376 and older reports | which groups a device listens to |

Parsers are pure (`frame.hear`): any bytes in, facts or nothing out; they never raise.
"""
