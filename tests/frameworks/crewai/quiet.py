"""Settings of CrewAI for tests, to be imported before it is.

It reports how it is used, asks questions on its first run, and keeps files in the home folder; LiteLLM, its
way to other providers, downloads what models cost.
"""

from __future__ import annotations

import os
import tempfile

os.environ.update(
    CREWAI_DISABLE_TELEMETRY="true",
    CREWAI_DISABLE_VERSION_CHECK="true",
    CREWAI_TESTING="true",
    CREWAI_TRACING_ENABLED="false",
    LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS="True",
    LITELLM_LOCAL_MODEL_COST_MAP="True",
    OTEL_SDK_DISABLED="true",
)
os.environ.setdefault("CREWAI_STORAGE_DIR", tempfile.mkdtemp(prefix="trace-ops-crewai-"))
