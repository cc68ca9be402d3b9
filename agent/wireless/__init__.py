"""Wireless networks as captures show them: frames → advertisements → BSSs → grade (TWSE m(a), Art. 25).

captures.py reads capture files, frames.py takes the radio's headers off, elements.py, multiple.py and
advertisement.py parse (pure), survey.py gathers what one capture says of each BSS, grade.py judges its
protection. exports.py reads what other programs heard.
"""

from agent.wireless.grade import Grade, grade
from agent.wireless.survey import Bss, Station, Survey, survey

__all__ = ["Bss", "Grade", "Station", "Survey", "grade", "survey"]
