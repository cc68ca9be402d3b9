"""Going on with a scan that was killed or stopped: whom it had met and asked already is not asked again."""

from agent.service.plan import Resumed
from agent.service.wiring import FORWARDING
from inventory.exits import UsageFault
from inventory.language import _
from inventory.register import Register


def interrupted(register: Register, vantage: str) -> Resumed:
    """The last scan of this vantage, where it came to no end; UsageFault where there is none to go on with.

    Whoever a stopped scan had not settled is asked as if it had not been met. Network gear is asked again in
    any case: its tables are read at the end, which the scan never reached.
    """
    own = [run for run in register.runs() if run.vantage == vantage]
    if not own or (own[-1].finished is not None and not own[-1].stopped):
        raise UsageFault(_("there is no interrupted scan to go on with"))
    run = own[-1]
    gear = {device.id for device in register.iter_devices() if device.device_class in FORWARDING}
    met = {
        (one.target.site, one.target.ip)
        for device, observations in register.all_observations().items()
        for one in observations
        if one.run == run.id and device not in gear
    }
    unsettled = {(part.site, one.ip) for part in run.coverage for one in part.unsettled}
    return Resumed(run, frozenset(met - unsettled))
