"""Sweeps: the same results with one process and with two, in the jobs' order.

Run: .venv/bin/python -m pytest -q tests/unit/test_sweep.py (about 9 s: two processes have to start).
"""

import time

import pytest
import torch

from crucible.model import ModelConfig
from crucible.sweep import sweep
from crucible.train import TrainConfig, train
from crucible.worlds import AddWorld

SIZE = ModelConfig(vocab_size=12, context_length=6, d_model=8, n_layers=1, n_heads=2)


def tiny_run(seed: int, steps: int) -> tuple:
    """A few steps of training; with everything that could differ between processes."""
    run = train(AddWorld(digits=1, seed=seed), SIZE, TrainConfig(steps=steps, batch_size=8, warmup_steps=2), seed)
    return run.losses, run.model.tokens.weight.tolist()


def settings_of_the_process(_job: int) -> tuple[int, bool]:
    """How many threads, and whether a denormal number is flushed to zero; leaves the process careless behind."""
    found = torch.get_num_threads(), bool(torch.tensor([1e-42]) * 1 == 0)
    torch.set_num_threads(2)
    torch.set_flush_denormal(False)
    return found


def wait_and_tell(job: int, seconds: float) -> int:
    time.sleep(seconds)
    return job


@pytest.fixture
def careless_settings():
    """The process of a notebook before anything has set it up for small models."""
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    torch.set_flush_denormal(False)
    yield
    torch.set_num_threads(threads)


def test_one_process_and_two_give_the_same_results_to_the_last_digit():
    jobs = [(seed, 5) for seed in (1, 2, 3)]
    one, two = (sweep(tiny_run, jobs, processes=n) for n in (1, 2))
    assert one == two
    assert one[0] != one[1]


def test_results_come_in_the_order_of_the_jobs_not_of_their_ends():
    jobs = [(0, 0.4), (1, 0.0), (2, 0.2), (3, 0.0)]
    assert sweep(wait_and_tell, jobs, processes=2) == [0, 1, 2, 3]


def test_jobs_may_come_from_a_generator():
    assert sweep(wait_and_tell, ((job, 0.0) for job in range(3)), processes=1) == [0, 1, 2]


@pytest.mark.parametrize("processes", [1, 2])
def test_every_job_runs_on_one_thread_without_denormal_numbers(careless_settings, processes):
    assert settings_of_the_process(0) == (2, False)
    jobs = [(job,) for job in range(4)]  # more than there are processes: some process meets a second one
    assert sweep(settings_of_the_process, jobs, processes=processes) == [(1, True)] * 4


@pytest.mark.parametrize("jobs", [[], iter(())])
def test_an_empty_list_of_jobs_is_refused(jobs):
    with pytest.raises(ValueError, match="jobs is empty"):
        sweep(wait_and_tell, jobs)


def test_the_progress_bar_is_named_and_can_be_hidden(capsys, monkeypatch):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    sweep(wait_and_tell, [(0, 0.0)], label="my runs", processes=1)
    assert "my runs" in capsys.readouterr().err
    monkeypatch.setenv("TQDM_DISABLE", "1")
    sweep(wait_and_tell, [(0, 0.0)], label="my runs", processes=1)
    assert capsys.readouterr() == ("", "")


def test_an_error_in_a_job_reaches_the_caller():
    with pytest.raises(ValueError, match="steps=0"):
        sweep(tiny_run, [(1, 0)], processes=1)
