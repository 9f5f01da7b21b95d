"""How much alike two texts are, from 0 to 1: by their words, or by their meaning with a small local model."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from trace_ops.errors import UsageError

Similarity = Callable[[str, str], float]
"""What ``similarity=`` takes: how much alike two texts are, 0 to 1."""

_TOKEN = re.compile(r"\w+|[^\w\s]")
# Comparing the order of words takes time by both lengths; longer texts are compared by how often each occurs.
_MOST_WORDS = 20_000
# Two texts that fold to other letters are never the same, be every word of them.
_ALMOST = 0.9999


def lexical(a: str, b: str) -> float:
    """The share of words and marks that two texts share, in their order; 1.0 if only white space differs."""
    folded_a, folded_b = a.split(), b.split()
    if folded_a == folded_b:
        return 1.0
    old, new = _TOKEN.findall(a), _TOKEN.findall(b)
    if max(len(old), len(new)) > _MOST_WORDS:
        return min(_ALMOST, _by_count(old, new))
    from rapidfuzz.distance import Indel

    # Numbers stand for the words: equal by value, where hashes of texts could collide.
    number: dict[str, int] = {}
    coded = [[number.setdefault(word, len(number)) for word in words] for words in (old, new)]
    return min(_ALMOST, Indel.normalized_similarity(*coded))


def embedder() -> Similarity:
    """A measure of meaning: the cosine of embeddings made on this machine, with no network.

    Needs ``pip install "TraceOps[similarity]"``, which brings a model of 16 MB; it is loaded here, and once.
    Texts of the same words in another order count as the same. Raises
    :class:`~trace_ops.errors.UsageError` if it is not installed.
    """
    model = _model()

    @lru_cache(maxsize=2048)
    def embedded(text: str) -> Any:
        # Tokenizers take no lone surrogates.
        return model.embed(text.encode("utf-8", "replace").decode())[0]

    def similarity(a: str, b: str) -> float:
        if a.split() == b.split():
            return 1.0
        if not a.strip() or not b.strip():
            return 0.0
        one, other = embedded(a), embedded(b)
        length = float((one @ one) * (other @ other)) ** 0.5
        return min(_ALMOST, max(0.0, float(one @ other) / length)) if length else 0.0

    return similarity


def _by_count(old: list[str], new: list[str]) -> float:
    shared = (Counter(old) & Counter(new)).total()
    return 2 * shared / (len(old) + len(new))


@lru_cache(maxsize=1)
def _model() -> Any:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        import wordllama
        from wordllama import WordLlama
    except ImportError as error:
        raise UsageError(
            'similarity by meaning needs a local model: pip install "TraceOps[similarity]"'
        ) from error
    finally:
        # Importing it configures logging for the whole program.
        root.handlers[:], root.level = handlers, level
    # Its wheel holds model and tokenizer, but it looks for the tokenizer only where it would download one to.
    return WordLlama.load(cache_dir=Path(wordllama.__file__).parent, disable_download=True)
