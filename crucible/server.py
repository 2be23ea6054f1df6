"""A model behind a door: a small HTTP server on this machine that answers as OpenAI's chat completions do.

The stock `openai` client calls it. What comes through the door is decided per model: words only, or the
log-probabilities of the likeliest words too. The weights stay inside. Started and stopped by a notebook:

    with ModelServer({"teacher": ClosedModel(model, world.vocab)}) as server:
        client = openai.OpenAI(base_url=server.url, api_key="any")

Only this machine can reach it. Used where open and closed models are compared.
"""

import asyncio
import contextlib
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import torch
import uvicorn
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from torch import Tensor

from crucible.model import Transformer
from crucible.train import one_thread

HOST = "127.0.0.1"
DOORS = ("text", "logprobs")
MOST_LOGPROBS = 5  # likeliest words that the door "logprobs" tells for each word
BODY_LIMIT = 2**20  # bytes of one request; the longest context of the book takes some hundred
DRAIN_LIMIT, DRAIN_SECONDS = (
    2**26,
    10,
)  # what is still read, and thrown away, of a request that was refused as too large
PATIENCE = 5  # seconds that stop() gives to the answer being written

Messages = list[dict[str, str]]


class ServerError(RuntimeError):
    """The server cannot start or stop. The message is one line."""


def last_message(messages: Messages) -> str:
    """What the user said last. ValueError if the user said nothing."""
    for message in reversed(messages):
        if message["role"] == "user":
            return message["content"]
    raise ValueError("there is no message of the user")


@dataclass(frozen=True)
class ClosedModel:
    """A model as its owner offers it to others.

    In a text words stand apart by spaces, as a world prints them; where the vocabulary has the space itself, every
    character is a word. ValueError for a vocabulary that does not fit the model or that no text could stand for.
    """

    model: Transformer  # not copied: whoever trains it on changes what answers
    vocab: Sequence[str]  # the world's words, in order of their ids
    door: str = "text"  # "text": words only; "logprobs": also how likely the likeliest words were
    prompt: Callable[[Messages], str] = last_message  # a ValueError it raises is the caller's to read
    stop: Sequence[str] = ()  # words that end an answer and are no part of it

    def __post_init__(self):
        if self.door not in DOORS:
            raise ValueError(f"door={self.door!r} must be one of {', '.join(DOORS)}")
        if len(self.vocab) != self.model.config.vocab_size:
            size = self.model.config.vocab_size
            raise ValueError(f"{len(self.vocab)} words do not fit: the model has vocab_size={size}")
        for place, word in enumerate(self.vocab):
            if self._place[word] != place or self._split(word) != [word]:
                raise ValueError(f"word {place} of the vocabulary, {word!r}, could not be told from others in a text")
        for word in self.stop:
            if word not in self._place:
                raise ValueError(f"stop={word!r} is not in the vocabulary")

    @cached_property
    def _place(self) -> dict[str, int]:
        return {word: place for place, word in enumerate(self.vocab)}

    def _split(self, text: str) -> list[str]:
        return list(text) if " " in self._place else text.split()

    def encode(self, text: str) -> list[int]:
        """The tokens of a text. ValueError naming the words that are not in the vocabulary."""
        words = self._split(text)
        unknown = list(dict.fromkeys(word for word in words if word not in self._place))
        if unknown:
            more = f" and {len(unknown) - 5} more" if len(unknown) > 5 else ""
            raise ValueError(f"not in the vocabulary: {', '.join(map(_short, unknown[:5]))}{more}")
        return [self._place[word] for word in words]

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of some tokens."""
        return ("" if " " in self._place else " ").join(self.vocab[token] for token in tokens)


class ModelServer:
    """One or more models, by name, at http://127.0.0.1:PORT/v1, in a thread of its own.

    models: name -> what stands behind that name. port: 0 takes any free one.
    Answers are written one at a time, in the order of arrival, on one torch thread.
    As a context manager, or with start() and stop(). ServerError, one line, where that cannot be done.
    """

    def __init__(self, models: Mapping[str, ClosedModel], port: int = 0):
        if not models:
            raise ValueError("models={} must hold at least one model")
        if not 0 <= port <= 65535:
            raise ValueError(f"port={port} must lie between 0 and 65535")
        self._models = dict(models)
        self._wanted_port = port
        self._thread: threading.Thread | None = None

    def start(self) -> "ModelServer":
        """Answer from now on; returns when the server does."""
        if self._thread:
            raise ServerError(f"the server is running already, at {self.url}")
        listener = _listen(self._wanted_port)
        self._port = listener.getsockname()[1]
        self._turn = asyncio.Lock()  # one answer at a time; it belongs to the event loop of this start
        self._server = uvicorn.Server(
            uvicorn.Config(
                self._app(),
                loop="asyncio",
                http="h11",
                ws="none",
                lifespan="off",
                access_log=False,
                log_config=None,  # the notebook's own logging stays as it is
                log_level="critical",  # what a client does wrong is for the client to read
                timeout_graceful_shutdown=PATIENCE,
            )
        )
        thread = threading.Thread(target=_serve, args=(self._server, listener), name="model server", daemon=True)
        thread.start()
        while not self._server.started:
            if not thread.is_alive():
                listener.close()
                raise ServerError("the server ended before it could answer")
            time.sleep(0.005)
        self._thread = thread
        return self

    def stop(self) -> None:
        """Finish the answer being written, refuse those that wait, and free the port. A second time does nothing.

        ServerError if a model is still at work after some seconds.
        """
        if not self._thread:
            return
        self._server.should_exit = True
        self._thread.join(2 * PATIENCE)
        if self._thread.is_alive():
            raise ServerError(f"the server did not stop within {2 * PATIENCE} s: a model is still at work")
        self._thread = None

    def __enter__(self) -> "ModelServer":
        return self.start()

    def __exit__(self, *_) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The base_url for a client. ServerError while the server is not running."""
        if not self._thread:
            raise ServerError("the server is not running")
        return f"http://{HOST}:{self._port}/v1"

    def _app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/v1/models", self._list, methods=["GET"]),
                Route("/v1/chat/completions", self._complete, methods=["POST"]),
            ],
            exception_handlers={HTTPException: _wrong_address, _Refusal: _refuse},
        )

    async def _list(self, request: Request) -> Response:
        models = [{"id": name, "object": "model", "created": 0, "owned_by": "crucible"} for name in self._models]
        return JSONResponse({"object": "list", "data": models})

    async def _complete(self, request: Request) -> Response:
        try:
            asked = _parse(await _body(request))
            if asked.model not in self._models:
                message = f"there is no model {_short(asked.model)}; there is {', '.join(self._models)}"
                raise _Refusal(message, "model", "model_not_found", 404)
            closed = self._models[asked.model]
            prompt = _prompt(closed, asked)
            async with self._turn:
                if self._server.should_exit:
                    raise _Refusal("the server is being stopped", status=503)
                return JSONResponse(await _answer(closed, asked, prompt, request))
        except ClientDisconnect:
            return Response()  # nobody is there to read it
        except _Refusal:
            raise
        except Exception as error:  # of the owner's model or prompt: the client is told, and the server goes on
            words = " ".join(str(error).split())
            raise _Refusal(f"the model failed: {type(error).__name__}: {words}", status=500) from None


def _listen(port: int) -> socket.socket:
    listener = None
    try:
        # With the protocol named, asyncio turns Nagle's delay off: 40 ms less for every answer.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        if os.name == "posix":  # elsewhere it would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen()  # now, or a second server could bind to it too
    except OSError as error:
        if listener:
            listener.close()
        what = f"port {port} of {HOST} cannot be had" if port else f"no port of {HOST} can be had"
        raise ServerError(f"{what}: {error.strerror or error}") from None
    return listener


def _serve(server: uvicorn.Server, listener: socket.socket) -> None:
    one_thread()  # of this thread; the notebook's keeps its settings
    server.run(sockets=[listener])


class _Refusal(Exception):
    """Why a request is not answered, for the client to read."""

    def __init__(self, message: str, param: str | None = None, code: str | None = None, status: int = 400):
        super().__init__(message)
        self.param, self.code, self.status = param, code, status


def _refuse(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, _Refusal)
    kind = "invalid_request_error" if refusal.status < 500 else "server_error"
    error = {"message": str(refusal), "type": kind, "param": refusal.param, "code": refusal.code}
    if refusal.status == 413:
        return _Draining({"error": error}, 413, {"connection": "close"})
    return JSONResponse({"error": error}, refusal.status)


def _wrong_address(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    message = f"{request.method} {request.url.path} is not offered here: {error.detail}"
    return _refuse(request, _Refusal(message, code="unknown_url", status=error.status_code))


class _Draining(JSONResponse):
    """An answer that is sent at once, while the rest of the request is read and thrown away.

    A client that writes all before it reads would else find a broken connection, and not the answer.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                left = DRAIN_LIMIT
                while left > 0:
                    message = await receive()
                    left -= len(message.get("body", b""))
                    if not message.get("more_body"):  # the end, or the client has gone
                        break
        await send({"type": "http.response.body", "body": b""})


class _Strict(BaseModel):
    """No field that is not known here, no text for a number; null is as good as absent."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, given: Any) -> Any:
        return {name: value for name, value in given.items() if value is not None} if isinstance(given, dict) else given


class _Message(_Strict):
    role: Literal["system", "developer", "user", "assistant"]
    content: str


class _Asked(_Strict):
    """What of OpenAI's request is offered here."""

    model: str
    messages: list[_Message] = Field(min_length=1)
    max_tokens: int | None = Field(None, ge=1)
    max_completion_tokens: int | None = Field(None, ge=1)  # its newer name
    temperature: float = Field(1.0, ge=0, le=2)
    seed: int | None = Field(None, ge=-(2**63), lt=2**63)
    logprobs: bool = False
    top_logprobs: int | None = Field(None, ge=0, le=MOST_LOGPROBS)
    n: int = 1
    stream: bool = False


async def _body(request: Request) -> bytes:
    """The whole body. A larger one than the limit is refused before it is read, or while it is."""
    too_large = _Refusal(f"the request is larger than {BODY_LIMIT:,} bytes", code="request_too_large", status=413)
    if int(request.headers.get("content-length", 0)) > BODY_LIMIT:
        raise too_large
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > BODY_LIMIT:
            raise too_large
    return bytes(body)


def _parse(body: bytes) -> _Asked:
    try:
        asked = _Asked.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or None
        if first["type"] == "json_invalid":
            raise _Refusal(f"the body is no JSON: {first['msg']}", code="invalid_json") from None
        if first["type"] == "extra_forbidden":
            raise _Refusal(f"{where} is not offered here", where, "unsupported_parameter") from None
        if first["type"] == "missing":
            raise _Refusal(f"{where} is missing", where) from None
        raise _Refusal(f"{where or 'the body'}={_short(first['input'])}: {first['msg']}", where) from None
    if asked.n != 1:
        raise _Refusal(f"n={asked.n}: one answer is written at a time, n=1", "n", "unsupported_parameter")
    if asked.stream:
        raise _Refusal("stream=True: an answer comes in one piece", "stream", "unsupported_parameter")
    if asked.top_logprobs is not None and not asked.logprobs:
        raise _Refusal(f"top_logprobs={asked.top_logprobs} needs logprobs=True", "top_logprobs")
    return asked


def _prompt(closed: ClosedModel, asked: _Asked) -> list[int]:
    """The tokens of the prompt. A refusal where they are unknown, none, or too many with those that are asked for."""
    if asked.logprobs and closed.door == "text":
        message = f"the door of {asked.model!r} is 'text': it gives no log-probabilities"
        raise _Refusal(message, "logprobs", "unsupported_parameter")
    messages = [{"role": message.role, "content": message.content} for message in asked.messages]
    try:
        text = closed.prompt(messages)
        prompt = closed.encode(text)
    except ValueError as error:
        raise _Refusal(" ".join(str(error).split()), "messages") from None
    if not prompt:
        raise _Refusal("the prompt is empty", "messages")
    limit, wanted = closed.model.config.context_length, _most(asked) or 1
    if len(prompt) + wanted > limit:
        message = f"{len(prompt)} tokens of prompt and {wanted} to write do not fit: context_length={limit}"
        raise _Refusal(message, "messages", "context_length_exceeded")
    return prompt


def _most(asked: _Asked) -> int | None:
    return asked.max_completion_tokens or asked.max_tokens


async def _answer(closed: ClosedModel, asked: _Asked, prompt: list[int], request: Request) -> dict[str, Any]:
    """Write token after token, until a stop word, the wanted length or the end of the context."""
    most = _most(asked) or closed.model.config.context_length - len(prompt)
    generator = torch.Generator()
    if asked.seed is None:
        generator.seed()
    else:
        generator.manual_seed(asked.seed)
    written: list[int] = []
    told = []
    finish = "length"
    while len(written) < most:
        if await request.is_disconnected():  # which also lets others be served between two tokens
            raise ClientDisconnect
        log_probabilities = _next(closed.model, prompt + written)
        token = _draw(log_probabilities, asked.temperature, generator)
        if closed.vocab[token] in closed.stop:
            finish = "stop"
            break
        written.append(token)
        if asked.logprobs:
            told.append(_tell(closed.vocab, log_probabilities, token, asked.top_logprobs or 0))
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": closed.decode(written), "refusal": None},
        "logprobs": {"content": told, "refusal": None} if asked.logprobs else None,
        "finish_reason": finish,
    }
    usage = {
        "prompt_tokens": len(prompt),
        "completion_tokens": len(written),
        "total_tokens": len(prompt) + len(written),
    }
    return {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": asked.model,
        "choices": [choice],
        "usage": usage,
    }


@torch.no_grad()
def _next(model: Transformer, tokens: list[int]) -> Tensor:
    """Log-probability of each word to follow the tokens, in nats: float64, (V,)."""
    row = torch.tensor([tokens])
    last = torch.zeros_like(row, dtype=torch.bool)
    last[:, -1] = True
    return model(row, last)[0].double().log_softmax(-1)


def _draw(log_probabilities: Tensor, temperature: float, generator: torch.Generator) -> int:
    """The most probable token, or one drawn; a temperature next to 0 would divide by nothing."""
    if temperature < 1e-6:
        return int(log_probabilities.argmax())
    return int(torch.multinomial((log_probabilities / temperature).softmax(-1), 1, generator=generator))


def _tell(vocab: Sequence[str], log_probabilities: Tensor, token: int, top: int) -> dict[str, Any]:
    """How likely a written word was, and the likeliest ones in its place, in OpenAI's form."""

    def entry(token: int) -> dict[str, Any]:
        word = vocab[token]
        return {"token": word, "logprob": float(log_probabilities[token]), "bytes": list(word.encode())}

    likeliest = log_probabilities.topk(min(top, len(vocab))).indices.tolist()
    return entry(token) | {"top_logprobs": [entry(other) for other in likeliest]}


def _short(value: Any) -> str:
    """A value as an error message quotes it."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
