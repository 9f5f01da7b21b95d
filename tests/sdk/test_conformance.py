"""Every use of the SDKs looks the same to its caller live, recorded and replayed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sdk import scenarios
from tests.sdk.kit import ANTHROPIC_KEY, OPENAI_KEY, Kit, Scenario
from tests.sdk.outcome import differences
from tests.sdk.rounds import SECRETS, environment, play_three_ways

# Old SDKs on new Pythons and pydantics warn of what is not ours; abandoned streams are part of the scenarios.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore:Pydantic serializer warnings"),
]


@pytest.mark.parametrize("scenario", scenarios.load(), ids=lambda scenario: scenario.name)
def test_outcome_is_the_same_live_recorded_and_replayed(scenario: Scenario, tmp_path: Path) -> None:
    with environment(OPENAI_API_KEY=OPENAI_KEY, ANTHROPIC_API_KEY=ANTHROPIC_KEY):
        missing = scenario.missing(Kit("http://127.0.0.1:9"))
    if missing:
        pytest.skip(missing)
    rounds = play_three_ways(scenario, tmp_path)
    problems = [
        *(f"recording changed {line}" for line in differences(rounds.direct, rounds.recorded)),
        *(f"the replay changed {line}" for line in differences(rounds.direct, rounds.replayed)),
        *(f"the replay made {count} connection(s)" for count in [rounds.replayed_connections] if count),
        *(f"the replay asked for the {what}" for what in rounds.live_only_on_replay),
        *(f"the cassette contains {secret}" for secret in SECRETS if secret in rounds.cassette),
    ]
    if rounds.recorded_hits != rounds.direct_hits:
        problems.append(f"recording made {rounds.recorded_hits} request(s), not {rounds.direct_hits}")
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)
