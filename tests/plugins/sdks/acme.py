"""A made-up SDK over httpx, with an error of its own, retries of its own, and streams."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from typing import Any

import httpx


class AcmeError(Exception):
    def __init__(self, status: int, told: str) -> None:
        super().__init__(f"{status}: {told}")
        self.status = status


class Client:
    def __init__(self, base_url: str) -> None:
        key = os.environ["ACME_API_KEY"]
        self.http = httpx.Client(
            base_url=base_url, headers={"authorization": f"Bearer {key}"}, trust_env=False
        )

    def request(self, path: str, payload: dict[str, Any]) -> Any:
        for _ in range(3):
            got = self.http.post(path, json=payload)
            if got.status_code != 503:
                break
            time.sleep(0.01 if os.environ["ACME_API_KEY"] != "replay" else 60)
        return _read(got)

    def generate(self, prompt: str) -> Any:
        return self.request("/generate", {"prompt": prompt})

    def stream(self, prompt: str) -> Iterator[str]:
        with self.http.stream("POST", "/generate", json={"prompt": prompt, "stream": True}) as got:
            yield from got.iter_lines()


class AsyncClient:
    def __init__(self, base_url: str) -> None:
        self.http = httpx.AsyncClient(base_url=base_url, trust_env=False)

    async def request(self, path: str, payload: dict[str, Any]) -> Any:
        await asyncio.sleep(0)
        return _read(await self.http.post(path, json=payload))


def _read(got: Any) -> Any:
    if got.status_code >= 400:
        raise AcmeError(got.status_code, got.json()["told"])
    return got.json()
