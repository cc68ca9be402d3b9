"""Whom a sweep asks again: complete where answers get lost, spared where nothing would come of it."""

import random

import pytest

from agent.transport.raw.passes import ENOUGH_ANSWERS, Pass, Passes, Standing


class Network:
    """Hosts that answer every question, each answer lost with the same chance."""

    def __init__(self, hosts: int, questions: int, loss: float, seed: int = 1) -> None:
        self.answered = [[False] * questions for _host in range(hosts)]
        self._loss, self._chance = loss, random.Random(seed)

    def ask(self, whom: Pass) -> None:
        for host in self.answered:
            if whom is Pass.EVERYBODY or any(host):
                for at, known in enumerate(host):
                    host[at] = known or self._chance.random() >= self._loss

    def standing(self) -> Standing:
        heard = [host for host in self.answered if any(host)]
        return Standing(
            len(heard), sum(map(sum, heard)), sum(known is False for host in heard for known in host)
        )

    def complete(self) -> bool:
        return all(all(host) for host in self.answered)


def asked(network: Network, *, planned: int = 2, sparing: bool = True) -> list[Pass]:
    passes = Passes(planned, len(network.answered[0]), sparing=sparing)
    made = [passes.first()]
    network.ask(made[0])
    while (whom := passes.next(network.standing(), dropped=False)) is not None:
        made.append(whom)
        network.ask(whom)
    return made


def test_where_nothing_is_lost_nobody_is_asked_twice() -> None:
    assert asked(Network(200, 5, loss=0)) == [Pass.EVERYBODY]


@pytest.mark.parametrize("loss", [0.02, 0.1, 0.2])
@pytest.mark.parametrize("questions", [1, 2, 5])
def test_where_answers_get_lost_every_one_is_had_in_the_end(loss: float, questions: int) -> None:
    for seed in range(20):
        network = Network(640, questions, loss, seed)
        asked(network)
        assert network.complete(), (loss, questions, seed)


def test_ports_that_a_filter_swallows_cost_one_more_question_to_the_hosts_that_are_there() -> None:
    passes = Passes(2, 5, sparing=True)
    assert passes.first() is Pass.EVERYBODY
    silent = Standing(heard=300, answered=600, open_of_heard=900)
    assert passes.next(silent, dropped=False) is Pass.THE_HEARD
    assert passes.next(silent, dropped=False) is None


def test_loss_seen_on_those_who_are_there_has_the_silent_asked_again() -> None:
    passes = Passes(2, 2, sparing=True)
    passes.first()
    assert passes.next(Standing(500, 900, 100), dropped=False) is Pass.THE_HEARD
    assert passes.next(Standing(500, 990, 10), dropped=False) is Pass.EVERYBODY
    assert passes.loss == pytest.approx(0.1)


def test_drops_the_kernel_tells_of_count_as_loss() -> None:
    passes = Passes(2, 2, sparing=True)
    passes.first()
    assert passes.next(Standing(500, 1000, 0), dropped=True) is Pass.EVERYBODY


@pytest.mark.parametrize("sparing", [True, False])
def test_few_answers_prove_nothing_so_all_planned_passes_are_made(sparing: bool) -> None:
    few = ENOUGH_ANSWERS // 5 - 1
    assert asked(Network(few, 5, loss=0), planned=3, sparing=sparing) == [Pass.EVERYBODY] * 3


def test_a_sweep_that_spares_nothing_makes_all_its_passes() -> None:
    assert asked(Network(640, 5, loss=0), sparing=False) == [Pass.EVERYBODY] * 2


def test_asked_for_once_means_once() -> None:
    assert asked(Network(640, 5, loss=0.5), planned=1) == [Pass.EVERYBODY]


def test_it_ends_where_everything_is_lost() -> None:
    assert len(asked(Network(10, 3, loss=1), planned=6)) == 6
