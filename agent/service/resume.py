"""Going on with a scan that was killed: whom it had met and asked already is not asked again."""

from agent.service.plan import Resumed
from agent.service.wiring import FORWARDING
from inventory.exits import UsageFault
from inventory.language import _
from inventory.register import Register


def interrupted(register: Register, vantage: str) -> Resumed:
    """The last scan of this vantage, where it has no end; UsageFault where there is none to go on with.

    Network gear is asked again in any case: its tables are read at the end, which the scan never reached.
    """
    own = [run for run in register.runs() if run.vantage == vantage]
    if not own or own[-1].finished is not None:
        raise UsageFault(_("there is no interrupted scan to go on with"))
    run = own[-1]
    gear = {device.id for device in register.iter_devices() if device.device_class in FORWARDING}
    met = {
        (one.target.site, one.target.ip)
        for device, observations in register.all_observations().items()
        for one in observations
        if one.run == run.id and device not in gear
    }
    return Resumed(run, frozenset(met))
