"""Default logins (Art. 24): does a device still open to the login its vendor published?

```
families.py   which pairs a vendor published for which models, from data/families/*.yaml
forms.py      how a login form is filled in and its answer understood, from data/forms.yaml
ways.py       where a device can be logged in to, from what the register knows of it
plan.py       which account is tried where, and why another is not
trial.py      trying them: one by one, and when to stop
secrecy.py    passwords stay in memory, and only for the try
web.py …      one module a protocol
```

Off until a scope allows `login`. One try per account and window, on whichever protocol; nothing after the
first hit, nothing after any sign of a lock-out. Facts of the outcome, source `login`:
`login.outcome` (default, changed, no-login-asked, locked, not-evaluable), `login.account`, `login.protocol`,
`login.service`, `login.family`, `login.model` (the model whose logins were tried), `login.reason`,
`login.since` (the day of the oldest try it rests on).

Faults: none of its own; a wrong data file is BadInput, a refused target a value.
"""

from agent.logins.protocol import Login

__all__ = ["LOGINS", "Login"]

from agent.logins.ftp import FTP
from agent.logins.mqtt import MQTT
from agent.logins.onvif import ONVIF
from agent.logins.rtsp import RTSP
from agent.logins.snmp import SNMP
from agent.logins.ssh import SSH
from agent.logins.telnet import TELNET
from agent.logins.vnc import VNC
from agent.logins.web import WEB

# In the order they are chosen where an account may be tried on several.
LOGINS: tuple[Login, ...] = (WEB, SSH, TELNET, FTP, RTSP, ONVIF, MQTT, VNC, SNMP)
