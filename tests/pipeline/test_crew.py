"""Work that is shared out among processes comes back in order, or says why not, and leaves nobody behind."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import subprocess
import sys
from itertools import islice
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
import shared_work
from digest_processes import has_ended

from digest.errors import RuleError, StateError
from digest.pipeline import crew


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_results_come_in_the_order_of_the_tasks_from_as_many_processes(processes: int) -> None:
    made = list(crew.shared_out(shared_work.numbered, "ours", range(7), processes))
    assert [(shared, task) for shared, task, _ in made] == [("ours", task) for task in range(7)]
    assert len({process for *_, process in made}) == processes
    assert (os.getpid() in {process for *_, process in made}) == (processes == 1)


@pytest.mark.parametrize("processes", [1, 2])
def test_an_error_of_the_work_is_raised_in_its_turn(processes: int) -> None:
    made = crew.shared_out(shared_work.refused, "", range(7), processes)
    assert list(islice(made, 3)) == [0, 1, 2]
    with pytest.raises(RuleError, match="rule, character 4: no such field") as caught:
        next(made)
    assert caught.value.position == 3


@pytest.mark.parametrize(("tasks", "told"), [(range(2, 6), "held"), (range(3, 7), "LocalError: made at sea")])
def test_an_error_that_cannot_be_passed_on_is_told_all_the_same(
    tasks: range, told: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(RuntimeError, match=f"unexpected .*{told}"):
        list(crew.shared_out(shared_work.odd, "", tasks, 2))
    assert capfd.readouterr().err == ""


def test_a_process_that_cannot_be_had_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_process: BaseProcess) -> None:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr(multiprocessing.get_context("spawn").Process, "start", full)
    with pytest.raises(StateError, match=r"no process can be had .*: resource temporarily unavailable"):
        list(crew.shared_out(shared_work.numbered, "", range(4), 2))


def test_who_tells_all_to_end_tells_the_caller_alone() -> None:
    assert list(crew.shared_out(shared_work.told_to_end, "", range(6), 2)) == list(range(6))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="looks into /proc")
def test_nothing_is_left_open(tmp_path: Path) -> None:
    list(crew.shared_out(shared_work.numbered, "", range(4), 2))  # what multiprocessing opens once, and keeps
    before = len(list(Path("/proc/self/fd").iterdir()))
    list(crew.shared_out(shared_work.numbered, "", range(4), 2))
    with pytest.raises(StateError):
        list(crew.shared_out(shared_work.killed, "", range(7), 2))
    made = crew.shared_out(shared_work.endless, tmp_path, range(2), 2)
    next(made)
    made.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_process_that_is_killed_is_told_in_one_line() -> None:
    made = crew.shared_out(shared_work.killed, "", range(7), 2)
    with pytest.raises(StateError, match=r"a process that shared the work was ended \(SIGKILL\)"):
        list(made)


def test_nobody_goes_on_when_the_caller_has_enough(tmp_path: Path) -> None:
    made = crew.shared_out(shared_work.endless, tmp_path, range(2), 2)
    assert next(made) == 0
    made.close()  # type: ignore[attr-defined]
    assert all(has_ended(int(path.name)) for path in tmp_path.iterdir())


_CALLER = """
import sys
from pathlib import Path
import shared_work
from digest.pipeline import crew

if __name__ == "__main__":
    made = crew.shared_out(shared_work.endless, Path(sys.argv[1]), range(2), 2)
    print(next(made), next(made), flush=True)
    sys.stdin.read()
"""


def test_nobody_goes_on_when_the_caller_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "caller.py"
    script.write_text(_CALLER)
    folder = tmp_path / "processes"
    folder.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(Path(shared_work.__file__).parent)}
    with subprocess.Popen(
        [sys.executable, script, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
    ) as caller:
        assert caller.stdout is not None
        assert caller.stdout.readline() == "0 0\n"
        caller.send_signal(signal.SIGKILL)
    assert len(list(folder.iterdir())) == 2
    assert all(has_ended(int(path.name)) for path in folder.iterdir())


_ENDING = """
import sys, threading
from pathlib import Path
import shared_work
from digest.pipeline import crew

def work():
    made = crew.shared_out(shared_work.endless, Path(sys.argv[1]), range(2), 2)
    print(next(made), next(made), flush=True)
    threading.Event().wait()

if __name__ == "__main__":
    threading.Thread(target=work, daemon=True).start()
    sys.stdin.read()
"""


def test_nobody_goes_on_nor_is_waited_for_when_the_callers_process_ends(tmp_path: Path) -> None:
    script = tmp_path / "ending.py"
    script.write_text(_ENDING)
    folder = tmp_path / "processes"
    folder.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(Path(shared_work.__file__).parent)}
    with subprocess.Popen(
        [sys.executable, script, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
    ) as caller:
        assert caller.stdout is not None
        assert caller.stdout.readline() == "0 0\n"
        assert caller.communicate(timeout=20) == ("", "")
    assert caller.returncode == 0
    assert len(list(folder.iterdir())) == 2
    assert all(has_ended(int(path.name)) for path in folder.iterdir())


@pytest.mark.parametrize(
    ("count", "most", "processes"),
    [(0, 0, 1), (999, 8, 1), (1999, 8, 1), (2000, 8, 2), (100_000, 8, 8), (100_000, 1, 1)],
)
def test_few_tasks_are_not_worth_a_process(count: int, most: int, processes: int) -> None:
    assert crew.processes_for(count, most) == processes


def test_without_a_number_there_is_a_process_for_each_processor() -> None:
    assert crew.processes_for(1_000_000, 0) == crew.processors()
