"""Embeddings, models, files, audio, images, moderations of the OpenAI SDK."""

from __future__ import annotations

import inspect
import io
from typing import Any

from tests.sdk.kit import Kit, acollect, apieces, collect, each, pieces, scenario

SPEECH: dict[str, Any] = {"model": "tts-1", "voice": "alloy", "input": "Good morning, Paris!"}
EMBED: dict[str, Any] = {"model": "text-embedding-3-small", "input": ["Paris", "Rome"]}


@each("openai")
def embeddings(client: Any) -> Any:
    return client.embeddings.create(**EMBED)


@each("openai")
def embeddings_float(client: Any) -> Any:
    return client.embeddings.create(**EMBED, encoding_format="float", dimensions=8)


@each("openai")
def embeddings_base64_raw(client: Any) -> Any:
    return client.embeddings.with_raw_response.create(**EMBED, encoding_format="base64")


@each("openai")
def models_retrieve(client: Any) -> Any:
    return client.models.retrieve("gpt-5")


@scenario(needs=["openai"])
def models_list(kit: Kit) -> Any:
    page = kit.openai().models.list()
    return [page, list(page)]


@scenario(needs=["async_openai"])
async def async_models_list(kit: Kit) -> Any:
    client = kit.async_openai()
    return [await client.models.list(), [model async for model in client.models.list()]]


def _upload(kit: Kit, name: str) -> Any:
    path = kit.workspace / name
    path.write_bytes(b'{"line": 1}\n{"line": 2}\n')
    return path


@scenario(needs=["openai"])
def files_from_upload_to_deletion(kit: Kit) -> Any:
    client = kit.openai()
    by_path = client.files.create(file=_upload(kit, "one.jsonl"), purpose="batch")
    by_tuple = client.files.create(
        file=("two.bin", bytes(range(256)), "application/x-two"), purpose="assistants"
    )
    by_handle = client.files.create(file=io.BytesIO(b"three"), purpose="user_data")
    content = client.files.content(by_tuple.id)
    return [
        by_path,
        by_tuple,
        by_handle,
        client.files.retrieve(by_path.id),
        content,
        content.content,
        pieces(client.files.content(by_tuple.id).iter_bytes(100)),
        client.files.content(by_path.id).text,
        client.files.delete(by_path.id),
    ]


@scenario(needs=["async_openai"])
async def async_files_from_upload_to_deletion(kit: Kit) -> Any:
    client = kit.async_openai()
    made = await client.files.create(file=("two.bin", bytes(range(256))), purpose="assistants")
    content = await client.files.content(made.id)
    target = kit.workspace / "copy.bin"
    content.write_to_file(target)
    async with client.files.with_streaming_response.content(made.id) as response:
        streamed = await apieces(response.iter_bytes(100))
    return [made, content.read(), target.read_bytes(), streamed, response, await client.files.delete(made.id)]


@scenario(needs=["openai"])
def files_list_page_by_page(kit: Kit) -> Any:
    client = kit.openai()
    for i in range(5):
        client.files.create(file=(f"{i}.txt", f"file {i}".encode()), purpose="assistants")
    page = client.files.list(limit=2)
    return [page, list(client.files.list(limit=2)), [each.data for each in page.iter_pages()]]


@scenario(needs=["async_openai"])
async def async_files_list_page_by_page(kit: Kit) -> Any:
    client = kit.async_openai()
    for i in range(3):
        await client.files.create(file=(f"{i}.txt", f"file {i}".encode()), purpose="assistants")
    page = await client.files.list(limit=2)
    return [
        page,
        page.has_next_page(),
        await page.get_next_page(),
        [each async for each in client.files.list(limit=2)],
    ]


@scenario(needs=["openai"])
def files_content_streamed(kit: Kit) -> Any:
    client = kit.openai()
    made = client.files.create(file=("two.bin", bytes(range(256)) * 40), purpose="assistants")
    with client.files.with_streaming_response.content(made.id) as response:
        response.stream_to_file(kit.workspace / "copy.bin")
    return [made, response, (kit.workspace / "copy.bin").read_bytes()]


@each("openai")
def speech(client: Any) -> Any:
    return client.audio.speech.create(**SPEECH)


@scenario(needs=["openai"])
def speech_bytes(kit: Kit) -> Any:
    client = kit.openai()
    answer = client.audio.speech.create(**SPEECH)
    seen = [answer.content, answer.read(), pieces(client.audio.speech.create(**SPEECH).iter_bytes(1000))]
    with client.audio.speech.with_streaming_response.create(**SPEECH) as response:
        seen += [b"".join(response.iter_bytes()), response]
    with client.audio.speech.with_streaming_response.create(**SPEECH) as response:
        seen += [next(response.iter_bytes(16))]
    return seen


@scenario(needs=["async_openai"])
async def async_speech_bytes(kit: Kit) -> Any:
    client = kit.async_openai()
    answer = await client.audio.speech.create(**SPEECH)
    async with client.audio.speech.with_streaming_response.create(**SPEECH) as response:
        streamed = b"".join(await apieces(response.iter_bytes()))
    async with client.audio.speech.with_streaming_response.create(**SPEECH) as response:
        await response.stream_to_file(kit.workspace / "speech.mp3")
    return [answer, answer.content, streamed, (kit.workspace / "speech.mp3").read_bytes(), response]


@each("openai")
def transcription(client: Any) -> Any:
    return client.audio.transcriptions.create(model="whisper-1", file=("talk.wav", b"RIFF" + bytes(2000)))


@each("openai")
def transcription_verbose(client: Any) -> Any:
    return client.audio.transcriptions.create(
        model="whisper-1",
        file=("talk.wav", b"RIFF" + bytes(2000)),
        response_format="verbose_json",
        timestamp_granularities=["word", "segment"],
    )


@each("openai")
def transcription_text(client: Any) -> Any:
    return client.audio.transcriptions.create(
        model="whisper-1", file=("talk.wav", b"RIFF"), response_format="text"
    )


def _no_transcript_events() -> str | None:
    from openai.resources.audio.transcriptions import Transcriptions

    known = "stream" in inspect.signature(Transcriptions.create).parameters
    return None if known else "this openai streams no transcripts"


@scenario(needs=["openai"], unless=_no_transcript_events)
def transcription_stream(kit: Kit) -> Any:
    create = kit.openai().audio.transcriptions.create
    return collect(create(model="gpt-4o-transcribe", file=("talk.wav", b"RIFF"), stream=True))


@scenario(needs=["async_openai"], unless=_no_transcript_events)
async def async_transcription_stream(kit: Kit) -> Any:
    create = kit.async_openai().audio.transcriptions.create
    return await acollect(await create(model="gpt-4o-transcribe", file=("talk.wav", b"RIFF"), stream=True))


@each("openai")
def translation(client: Any) -> Any:
    return client.audio.translations.create(model="whisper-1", file=("talk.wav", b"RIFF"))


@each("openai")
def image(client: Any) -> Any:
    return client.images.generate(model="gpt-image-1", prompt="A red dot", n=2)


@each("openai")
def moderation(client: Any) -> Any:
    return client.moderations.create(model="omni-moderation-latest", input=["peace", "violence"])
