"""What the double says to the agent."""

from __future__ import annotations

import time

from trace_ops.double import Prompt, ToolUse, Turn

PLAN = """## Trieste, by the sea

It is **22 °C and sunny** there on Saturday, while Bolzano has rain.

| | |
|---|---|
| Out | {train} |
| Stay | Hotel Miramare, 96 € a night |

1. *Saturday*: the castle of Miramare, then coffee on Piazza Unità.
2. *Sunday*: along the Rilke path to Duino.
"""
NIGHT = """
The night train saves a night at the hotel, and you wake up at the border.
Book a couchette, and bring earplugs.
"""


def says(prompt: Prompt) -> Turn:
    """The turn that answers a prompt."""
    time.sleep(0.18)  # as if it thought
    night = "night trains" in prompt.system
    if prompt.system.startswith("You check"):
        return Turn(text="OK: trains, hotel and weather agree with what was found.")
    if prompt.user == "Now write the plan.":
        if night:
            return Turn(text=PLAN.format(train="NJ 235, 21:58 to 07:40") + NIGHT)
        return Turn(text=PLAN.format(train="EC 151, 07:58 to 17:20"))
    if not prompt.tools:
        return Turn(text="Sun hat, swimming things, and a jacket for the bora.")
    told = dict(prompt.results)
    if not told:
        return Turn(
            calls=tuple(ToolUse("weather", {"city": city}) for city in ("Trieste", "Bolzano", "Ljubljana"))
        )
    if "weather" in told and "trains" not in told:
        more = {"night": True} if night else {}
        return Turn(
            calls=(
                ToolUse("trains", {"to": "Trieste", **more}),
                ToolUse("hotels", {"city": "Trieste", "nights": 1}),
            )
        )
    if told.get("hotels", "").startswith("error"):
        return Turn(calls=(ToolUse("hotels", {"city": "Trieste", "nights": 1}),))
    return Turn(text="I have all I need.")
