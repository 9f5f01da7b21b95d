"""``docs/ci.md`` says of the action what ``action.yml`` says."""

from __future__ import annotations

import re

import yaml

from tests.action.kit import ACTION, ROOT

PAGE = (ROOT / "docs" / "ci.md").read_text("utf-8")
DEFINED = yaml.safe_load((ACTION / "action.yml").read_text("utf-8"))


def rows(heading: str) -> dict[str, list[str]]:
    """The rows of a table by the name in their first cell."""
    table = PAGE.split(f"| {heading} |", 1)[1].split("\n\n", 1)[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    return {row[0].strip("`"): row[1:] for row in cells}


def test_inputs_and_their_defaults_are_told() -> None:
    told = {name: cells[0].strip("`") for name, cells in rows("input").items()}
    defined = {name: str(each["default"]) for name, each in DEFINED["inputs"].items()}

    assert told == {**defined, "github-token": "the token of the job"}


def test_outputs_are_told() -> None:
    assert rows("output").keys() == DEFINED["outputs"].keys()


def test_workflows_are_yaml_and_use_what_there_is() -> None:
    workflows = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
    steps = [step for flow in workflows for job in flow["jobs"].values() for step in job["steps"]]
    ours = [step for step in steps if "TraceOps@" in step.get("uses", "")]

    assert len(workflows) == 3
    assert len(ours) == 1
    assert ours[0]["with"].keys() <= DEFINED["inputs"].keys()
