"""What other tools found, taken in line by line: DHCP leases, nmap XML, masscan JSON, arp-scan output.

Every reader is pure: text in, `Taken` out, with each refused line and why. What a file says is a stranger's
word under its own source (`dhcp-lease`, `nmap-file` …), so that a person sees where it came from.
"""
