"""Wireless networks as captures show them: frames → advertisements → BSSs → grade (TWSE m(a), Art. 25).

frames.py reads capture files, elements.py and advertisement.py parse (pure), survey.py gathers what one
capture says of each BSS, grade.py judges its protection.
"""

from agent.wireless.grade import Grade, grade
from agent.wireless.survey import Bss, Station, Survey, survey

__all__ = ["Bss", "Grade", "Station", "Survey", "grade", "survey"]
