"""WHAT THE RULES SAY: articles and rules as data, pure judgement. Imports inventory's types only."""
