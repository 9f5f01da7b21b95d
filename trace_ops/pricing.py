"""What a call cost, by the price data of genai-prices or by prices of one's own.

Nothing is fetched: the prices are those bundled with the installed genai-prices, whose version is
recorded beside every cost. What has no known price costs ``None``, never 0.
"""

from __future__ import annotations

import json
import math
import os
import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib import metadata
from typing import Any

from trace_ops._warn import warn
from trace_ops.errors import UsageError
from trace_ops.trace import Usage

PRICES_VARIABLE = "TRACE_OPS_PRICES"
"""Names a JSON file of prices of one's own: ``{"model": {"input": 2.5, "output": 10}}``."""

_PER = 1_000_000
_PROVIDERS = {
    "azure_openai": "azure",
    "bedrock": "aws",
    "vertex": "google",
    "xai": "x-ai",
    "voyage": "voyageai",
}
_BEDROCK = re.compile(r"(?:[a-z]{2,7}\.)?(?:anthropic|meta|amazon|mistral|cohere|ai21|deepseek|openai)\.\S+")


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens; a cached token costs as ``input`` where nothing else is said."""

    input: float
    output: float = 0.0
    cache_read: float | None = None
    cache_write: float | None = None

    def __post_init__(self) -> None:
        """Raise :class:`ValueError` for what is no price."""
        given: tuple[Any, ...] = (self.input, self.output, self.cache_read, self.cache_write)
        for price in (*given[:2], *(price for price in given[2:] if price is not None)):
            if isinstance(price, bool) or not isinstance(price, (int, float)) or not math.isfinite(price):
                raise ValueError(f"{price!r} is no price")
            if price < 0:
                raise ValueError("a price is below 0")

    def cost(self, usage: Usage) -> float:
        """What a call cost by this price."""
        read, written = usage.cache_read or 0, usage.cache_write or 0
        fresh = max((usage.input or 0) - read - written, 0)
        cached = read * _or(self.cache_read, self.input) + written * _or(self.cache_write, self.input)
        return (fresh * self.input + cached + (usage.output or 0) * self.output) / _PER


_own: dict[str, Price] = {}
_told: set[str] = set()


def cost(provider: str, model: str | None, usage: Usage | None, when: datetime | None = None) -> float | None:
    """What a call cost in US dollars; ``None`` if the price or the usage is not known.

    ``when`` picks the price of that day; the default is today's. Cached input tokens are priced as
    such. The first call loads genai-prices (about half a second), prices of one's own do not. Never
    raises: with a broken file of prices, which is warned of once, nothing has a price but what
    :func:`set_price` gave one.
    """
    if model is None or usage is None or (usage.input is None and usage.output is None):
        return None
    try:
        own = _own.get(model) or _from_file(os.environ.get(PRICES_VARIABLE)).get(model)
        return own.cost(usage) if own else _listed(provider, model, usage, when)
    except UsageError as error:
        _tell(f"{error}; costs are not known")
    except Exception as error:  # noqa: BLE001 - a trace without a cost is better than a program that fails
        _tell(f"the cost of {model!r} cannot be told ({type(error).__name__}: {error})")
    return None


def check() -> None:
    """Raise :class:`UsageError` if the file that ``TRACE_OPS_PRICES`` names does not hold prices."""
    _from_file(os.environ.get(PRICES_VARIABLE))


def _tell(problem: str) -> None:
    if problem not in _told:
        _told.add(problem)
        warn(problem, stacklevel=3)


def set_price(
    model: str,
    *,
    input: float,
    output: float = 0.0,
    cache_read: float | None = None,
    cache_write: float | None = None,
) -> None:
    """Set the price of a model, in US dollars per million tokens, for this process."""
    try:
        _own[model] = Price(input, output, cache_read, cache_write)
    except ValueError as error:
        raise UsageError(f"the price of {model!r}: {error}") from error


def price_version() -> str | None:
    """The price data that costs come from (``genai-prices 0.2.3``); ``None`` if there is none."""
    own = "own prices" if _own or os.environ.get(PRICES_VARIABLE) else None
    try:
        listed = f"genai-prices {metadata.version('genai-prices')}"
    except metadata.PackageNotFoundError:
        return own
    return f"{listed}, {own}" if own else listed


@lru_cache(maxsize=4096)  # a look-up takes 0.1 ms, and runs repeat their calls
def _listed(provider: str, model: str, usage: Usage, when: datetime | None) -> float | None:
    try:
        from genai_prices import Usage as Tokens
        from genai_prices import calc_price
    except ImportError:
        return None
    try:
        tokens = Tokens(
            input_tokens=usage.input or 0,
            output_tokens=usage.output or 0,
            cache_read_tokens=usage.cache_read or 0,
            cache_write_tokens=usage.cache_write or 0,
        )
        price = calc_price(
            tokens, model, provider_id=_provider(provider, model), genai_request_timestamp=when
        )
    except (LookupError, ValueError):
        return None
    return float(price.total_price)


def _provider(provider: str, model: str) -> str:
    """The provider as genai-prices calls it; a cloud's model ids tell that a maker's SDK went to it."""
    if provider in ("anthropic", "openai"):
        if _BEDROCK.fullmatch(model):
            return "aws"
        if "@" in model:
            return "google"
    return _PROVIDERS.get(provider, provider)


@lru_cache(maxsize=4)
def _from_file(path: str | None) -> dict[str, Price]:
    if not path:
        return {}
    try:
        with open(path, encoding="utf-8") as file:
            return {str(model): Price(**price) for model, price in json.load(file).items()}
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(
            f"{PRICES_VARIABLE}: {path} does not hold prices ({error}); write US dollars per million tokens, "
            'such as {"gpt-5": {"input": 1.25, "output": 10}}, or unset the variable'
        ) from error


def _or(value: float | None, default: float) -> float:
    return default if value is None else value
