"""`muster isolation`: what passes between segments, as measured and as firewalls' rules say."""

import click

from agent.cli.isolation_matrix import matrix
from agent.cli.isolation_measuring import import_, probe, serve
from agent.cli.isolation_rules import rules


@click.group()
def isolation() -> None:
    """Measure what passes between segments (Art. 25, 29; TWSE b), and hold it against what is meant."""


for _command in (serve, probe, import_, matrix, rules):
    isolation.add_command(_command)
