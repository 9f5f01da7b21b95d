"""``replay run``: a program is recorded and replayed as it is, and behaves as under ``python``."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.samples import replay_process
from trace_ops import cassette
from trace_ops.double import ProviderDouble, Turn

pytest.importorskip("openai")

AGENT = """
import sys
from openai import OpenAI

def ask(prompt):
    answer = OpenAI().chat.completions.create(model="gpt-5", messages=[{"role": "user", "content": prompt}])
    return answer.choices[0].message.content

"""
PRINTS = AGENT + "for prompt in sys.argv[1:]: print(ask(prompt))\n"


@pytest.fixture
def double() -> Iterator[ProviderDouble]:
    with ProviderDouble() as double:
        yield double


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, double: ProviderDouble) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_BASE_URL", double.openai_url)
    monkeypatch.setenv("NO_PROXY", "*")
    return tmp_path


@pytest.fixture
def record(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "unused")


def program(source: str, name: str = "program.py") -> str:
    Path(name).write_text(source)
    return name


def recorded(*args: str) -> subprocess.CompletedProcess[str]:
    return replay_process(
        "run", "--record", "c/x.yaml", "--", "program.py", *args, env={"OPENAI_API_KEY": "unused"}
    )


def replayed(*args: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    return replay_process("run", "--replay", "c/x.yaml", *options, "--", "program.py", *args)


def test_what_is_recorded_is_replayed_without_provider_and_key(double: ProviderDouble) -> None:
    program(PRINTS)
    first = recorded("Hello", "Bye")
    assert (first.returncode, double.hits) == (0, 2)
    assert first.stderr.startswith("replay: RECORDED c/x.yaml: 2 recorded")

    double.stop()
    second = replayed("Hello", "Bye")
    assert (second.returncode, double.hits) == (0, 2)
    assert second.stdout == first.stdout
    assert second.stderr.startswith("replay: REPLAYED c/x.yaml: 2 replayed")


def test_a_miss_exits_with_1_and_its_text(double: ProviderDouble) -> None:
    program(PRINTS)
    recorded("Hello")
    done = replayed("Hallo")

    assert done.returncode == 1
    assert 'messages.0.content: "Hello" -> "Hallo"' in done.stderr
    assert "replay run --record c/x.yaml --mode update -- program.py Hallo" in done.stderr
    assert double.hits == 1


def test_a_miss_that_the_program_swallows_exits_with_1_all_the_same() -> None:
    program(PRINTS)
    recorded("Hello")
    program(AGENT + "try: ask('Hallo')\nexcept Exception: print('never mind')\nsys.exit(0)\n")
    done = replayed()

    assert (done.returncode, done.stdout) == (1, "never mind\n")
    assert 'messages.0.content: "Hello" -> "Hallo"' in done.stderr


def test_calls_that_are_not_made_exit_with_1_unless_that_is_accepted() -> None:
    program(PRINTS)
    recorded("Hello", "Bye")

    done = replayed("Hello")
    assert done.returncode == 1
    assert "1 of 2 recorded calls were not made" in done.stderr
    assert replayed("Hello", options=("--allow-unplayed",)).returncode == 0


def test_the_mode_says_how_to_record(double: ProviderDouble) -> None:
    program(PRINTS)
    recorded("Hello")
    again = ("run", "--record", "c/x.yaml", "--mode", "update", "program.py", "Hello", "Bye")
    done = replay_process(*again, env={"OPENAI_API_KEY": "unused"})

    assert done.returncode == 0
    assert done.stderr.startswith("replay: PARTIAL c/x.yaml: 1 replayed, 1 recorded")
    assert double.hits == 2


def test_recording_again_tells_what_changed(double: ProviderDouble) -> None:
    program(PRINTS)
    recorded("Hello", "Hallo", "Bye")
    again = ("run", "--record", "c/x.yaml", "--mode", "update", "program.py")

    changed = replay_process(*again, "Hello", "Good morning", "Bye", env={"OPENAI_API_KEY": "unused"})
    told = changed.stderr.splitlines()
    assert told[0].startswith("replay: PARTIAL c/x.yaml: 2 replayed, 1 recorded, 1 dropped, spent $")
    assert told[1:8] == [
        "  first difference: step 2, openai chat.completions gpt-5: message 1 (user) changed; "
        "1 other change follows from it",
        "    - Hallo",
        "    + Good morning",
        "    followed from it:",
        "      step 2: 1 other answer",
        "",
        "  totals:",
    ]
    assert double.hits == 4

    same = replay_process(*again, "Hello", "Good morning", "Bye", env={"OPENAI_API_KEY": "unused"})
    assert len(same.stderr.splitlines()) == 1


def test_verify_tells_drift_and_exits_with_1_where_it_matters(double: ProviderDouble) -> None:
    program(PRINTS)
    recorded("one")
    before = Path("c/x.yaml").read_bytes()
    verify = ("run", "--record", "c/x.yaml", "--mode", "verify", "--", "program.py", "one")

    double.script(Turn(text="Other words."))
    reworded = replay_process(*verify, env={"OPENAI_API_KEY": "unused"})
    assert (reworded.returncode, reworded.stdout) == (0, "Other words.\n")
    assert "span 1 (openai chat.completions gpt-5)" in reworded.stderr
    assert "alike  (does not fail)" in reworded.stderr
    assert "+ Other words.\n" in reworded.stderr
    assert "replay: VERIFIED c/x.yaml: 1 compared" in reworded.stderr

    double.script(Turn(refusal="No."))
    refused = replay_process(*verify, env={"OPENAI_API_KEY": "unused"})
    assert refused.returncode == 1
    assert "schema  answers with a refusal, recorded without" in refused.stderr
    assert "replay: DIFFERENT c/x.yaml: 1 compared" in refused.stderr
    assert Path("c/x.yaml").read_bytes() == before


def test_a_failing_program_leaves_the_cassette_and_says_how_to_keep_its_calls() -> None:
    program(PRINTS)
    recorded("Hello")
    before = Path("c/x.yaml").read_bytes()
    program(PRINTS + "sys.exit(3)\n")
    done = recorded("Hello", "Bye")

    assert done.returncode == 3
    assert Path("c/x.yaml").read_bytes() == before
    assert "replay validate --recover c/x.yaml" in done.stderr
    assert replay_process("validate", "--recover", "c/x.yaml").returncode == 0
    assert len(cassette.load(Path("c/x.yaml")).trace) >= 2


def test_threads_are_recorded_to_their_end(double: ProviderDouble) -> None:
    program(
        AGENT
        + "import threading, time\n"
        + "from concurrent.futures import ThreadPoolExecutor\n"
        + "ThreadPoolExecutor(2).submit(lambda: (time.sleep(0.2), ask('pool')))\n"
        + "threading.Thread(target=lambda: (time.sleep(0.3), ask('thread'))).start()\n"
    )

    assert recorded().returncode == 0
    assert len(cassette.load(Path("c/x.yaml")).trace) == 2
    double.stop()
    assert replayed().returncode == 0


ALIKE = {
    "argv and path": "import sys; print(sys.argv, sys.path[0], __name__, __file__)",
    "sibling": "import sibling; print(sibling.__name__)",
    "exit": "import sys; sys.exit(7)",
    "exit text": "raise SystemExit('that was it')",
    "exit none": "import sys; sys.exit()",
    "exception": "def f():\n    raise ValueError('no')\nf()",
    "cause": "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise KeyError('x') from error",
    "interrupt": "raise KeyboardInterrupt",
    "hook": "import sys\nsys.excepthook = lambda *a: print('hook', a[0].__name__)\nraise ValueError",
    "syntax": "def f(:\n  pass",
    "main": "import sys; print(sys.modules['__main__'].__dict__ is globals())",
    "pickle": "import pickle\nclass C: pass\nprint(type(pickle.loads(pickle.dumps(C()))))",
    "stdin": "import sys; print(sys.stdin.read())",
    "os exit": "import os; os._exit(5)",
    "atexit": "import atexit; atexit.register(print, 'bye')",
}


HOW = {
    "script": ["program.py"],
    "script elsewhere": ["sub/inner.py"],
    "module": ["-m", "program"],
    "module in a package": ["-m", "pkg.mod"],
    "package": ["-m", "pkg"],
    "directory": ["pkg"],
}
CASES = [(source, "script") for source in ALIKE]
CASES += [(source, how) for how in list(HOW)[1:] for source in ("argv and path", "sibling", "exception")]
# As a directory or archive the program sees its absolute path in sys.argv[0].
CASES.remove(("argv and path", "directory"))


@pytest.mark.parametrize(("source", "how"), CASES)
def test_a_program_behaves_as_under_python(source: str, how: str) -> None:
    Path("sibling.py").touch()
    for folder in ("sub", "pkg"):
        Path(folder).mkdir()
        Path(folder, "sibling.py").touch()
    for name in ("program.py", "sub/inner.py", "pkg/mod.py", "pkg/__main__.py"):
        program(ALIKE[source], name)
    args = [*HOW[how], "-x", "--y=1", "--", "z"]
    python = subprocess.run(
        [sys.executable, *args], capture_output=True, text=True, input="typed", check=False
    )
    ours = replay_process("run", "--record", "x.yaml", *args, typed="typed")

    assert ours.stdout == python.stdout
    # A shell reports 130 for a program that SIGINT ended.
    assert ours.returncode == (130 if python.returncode == -2 else python.returncode)
    for line in without_runpy(python.stderr):
        assert line in ours.stderr.splitlines()
    assert "trace_ops/cli" not in ours.stderr


def without_runpy(traceback: str) -> list[str]:
    """The lines of a traceback that tell of the program."""
    lines = [line for line in traceback.splitlines() if "<frozen" not in line]
    return [line for line in lines if not line.startswith("Traceback")]


def test_a_missing_cassette_says_what_records_it() -> None:
    program(PRINTS)
    done = replayed("Hello")

    assert done.returncode == 2
    assert done.stdout == ""
    assert "replay run --record c/x.yaml" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_frozen_is_served_and_what_is_live_runs(record: None) -> None:
    source = "from trace_ops import tool\n@tool\ndef look(): print('looked')\nlook()\nprint(ask('one'))\n"
    program(AGENT + source)
    assert "looked" in recorded().stdout

    assert "looked" in replayed().stdout
    assert "looked" not in replayed(options=("--freeze", "tools")).stdout
    assert "looked" in replayed(options=("--freeze", "tools", "--live", "look")).stdout
