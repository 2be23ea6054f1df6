"""A model behind a door: the stock client's answers are the model's own, and bad input disturbs nobody else.

Run: .venv/bin/python -m pytest -q tests/unit/test_server.py (about 25 s; no network).
"""

import http.client
import itertools
import json
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import nbclient
import nbformat
import openai
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from crucible import evaluate
from crucible.model import ModelConfig, Transformer
from crucible.server import BODY_LIMIT, DOORS, MOST_LOGPROBS, ClosedModel, ModelServer, ServerError
from crucible.worlds import AddWorld, PyText, StyleWorld

pytestmark = pytest.mark.filterwarnings("error")  # an exception in the server's thread would be a warning
WORLD = AddWorld()
PROMPT = "7 2 + 8 5 ="
PATIENCE = 30  # seconds until a test that hangs fails


def model_for(world, seed: int = 0, cls: type[Transformer] = Transformer) -> Transformer:
    """Untrained, with weights so large that its answers depend on the prompt."""
    model = cls(ModelConfig(len(world.vocab), world.context_length, d_model=16, n_layers=1, n_heads=2), seed)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weights in model.named_parameters():
            size = {"tokens.weight": 0.1, "positions.weight": 0.05}.get(name, 0.6)
            weights.add_(torch.randn(weights.shape, generator=generator) * size)
    return model


MODEL = model_for(WORLD)
TEXT = PyText(context_length=16)


def client_of(server: ModelServer) -> openai.OpenAI:
    direct = openai.DefaultHttpxClient(trust_env=False)
    return openai.OpenAI(base_url=server.url, api_key="any", max_retries=0, timeout=PATIENCE, http_client=direct)


def said(*contents: str) -> list[dict]:
    return [{"role": "user", "content": content} for content in contents]


@pytest.fixture(scope="module")
def server():
    models = {
        "closed": ClosedModel(MODEL, WORLD.vocab),
        "ajar": ClosedModel(MODEL, WORLD.vocab, door="logprobs"),
        "letters": ClosedModel(model_for(TEXT), TEXT.vocab),
        "all": ClosedModel(MODEL, WORLD.vocab, prompt=lambda messages: " ".join(m["content"] for m in messages)),
        "broken": ClosedModel(model_for(WORLD, cls=Broken), WORLD.vocab),
    }
    with ModelServer(models) as server:
        yield server


@pytest.fixture(scope="module")
def client(server):
    with client_of(server) as client:
        yield client


@pytest.fixture
def ask(client):
    """What a model says, to the prompt if nothing else is asked."""
    return lambda model="closed", messages=None, **options: client.chat.completions.create(
        model=model, messages=messages or said(PROMPT), **{"temperature": 0} | options
    )


@pytest.fixture
def silent(capfd, caplog):
    """Nothing is printed, and nothing logged: under pytest a log record would not reach the screen."""
    yield
    assert capfd.readouterr() == ("", "")
    assert not caplog.get_records("call")


class Broken(Transformer):
    def forward(self, tokens, scored=None):
        raise RuntimeError("two\nlines")


class Gated(Transformer):
    """Remembers its calls and their threads; each call waits until it is let through."""

    def __init__(self, config, seed):
        super().__init__(config, seed)
        self.prompts: list[str] = []  # the beginning of each call's row
        self.threads = set()
        self.entered, self.passes = threading.Event(), threading.Semaphore(0)

    def let(self, calls: int = 1000) -> "Gated":
        self.passes.release(calls)
        return self

    def forward(self, tokens, scored=None):
        self.prompts.append(str(tokens[0, :6].tolist()))
        self.threads.add(torch.get_num_threads())
        self.entered.set()
        assert self.passes.acquire(timeout=PATIENCE)
        return super().forward(tokens, scored)


# What comes through the door


def test_the_most_probable_answer_is_the_one_that_evaluate_writes(ask):
    every = WORLD.questions("test")
    questions = every[:: len(every) // 24]
    answers, _ = evaluate.write_answers(MODEL, questions)
    prompts = WORLD.words(type(questions)(questions.tokens[:, :6], questions.scored[:, :6]))
    got = [ask(messages=said(prompt)).choices[0].message.content for prompt in prompts]
    assert got == [" ".join(WORLD.vocab[token] for token in answer) for answer in answers.tolist()]
    assert len(set(got)) > 3, "answers that are all alike would agree with a server that reads no prompt"


def test_drawn_words_come_from_the_models_probabilities(ask):
    tokens = torch.tensor([[WORLD.vocab.index(word) for word in PROMPT.split()]])
    with torch.no_grad():
        chances = (MODEL(tokens)[0, -1].double() / 1.5).softmax(-1)
    draws = [torch.multinomial(chances, 1, generator=torch.Generator().manual_seed(seed)).item() for seed in range(20)]
    got = [ask(temperature=1.5, seed=seed, max_tokens=1).choices[0].message.content for seed in range(20)]
    assert got == [WORLD.vocab[draw] for draw in draws]
    assert len(set(got)) > 2


def test_the_temperature_is_one_unless_asked_otherwise_and_draws_differ_without_a_seed(client):
    def drawn(**options):
        reply = client.chat.completions.create(model="closed", messages=said(PROMPT), **options)
        return reply.choices[0].message.content

    assert [drawn(seed=s) for s in range(5)] == [drawn(seed=s, temperature=1) for s in range(5)]
    assert len({drawn(temperature=2) for _ in range(12)}) > 1


def test_a_temperature_next_to_nothing_takes_the_most_probable_word(ask):
    assert ask(temperature=5e-324, seed=1).choices[0].message == ask().choices[0].message


def test_the_wider_door_gives_the_models_log_probabilities(ask):
    places = ask("ajar", logprobs=True, top_logprobs=5, temperature=2, seed=3).choices[0].logprobs.content
    words = PROMPT.split()
    for place in places:
        tokens = torch.tensor([[WORLD.vocab.index(word) for word in words]])
        with torch.no_grad():
            expected = MODEL(tokens)[0, -1].double().log_softmax(-1)
        assert place.logprob == pytest.approx(expected[WORLD.vocab.index(place.token)].item(), abs=1e-5)
        top, which = expected.topk(5)
        assert [one.token for one in place.top_logprobs] == [WORLD.vocab[i] for i in which.tolist()]
        assert [one.logprob for one in place.top_logprobs] == pytest.approx(top.tolist(), abs=1e-5)
        assert bytes(place.bytes).decode() == place.token
        words.append(place.token)
    assert len(places) == WORLD.answer_length


def test_log_probabilities_are_told_only_when_asked_for(ask):
    assert ask("ajar").choices[0].logprobs is None
    assert ask("ajar", logprobs=True).choices[0].logprobs.content[0].top_logprobs == []


def test_the_answer_ends_where_the_context_is_full_or_when_it_is_long_enough(ask):
    reply = ask()
    words = reply.choices[0].message.content.split()
    assert len(words) == WORLD.answer_length
    assert reply.choices[0].finish_reason == "length"
    usage = reply.usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (6, 3, 9)
    for name in ("max_tokens", "max_completion_tokens"):
        assert ask(**{name: 2}).choices[0].message.content.split() == words[:2]
        assert ask(**{name: 2}).usage.completion_tokens == 2


def test_a_stop_word_ends_the_answer_and_is_no_part_of_it(ask):
    first, *others = ask().choices[0].message.content.split()
    word = next(other for other in others if other != first)
    with ModelServer({"m": ClosedModel(MODEL, WORLD.vocab, stop=(word,))}) as server, client_of(server) as client:
        reply = client.chat.completions.create(model="m", messages=said(PROMPT), temperature=0)
    assert reply.choices[0].finish_reason == "stop"
    assert reply.choices[0].message.content.split() == [first, *others][: 1 + others.index(word)]


def test_where_the_vocabulary_has_the_space_every_character_is_a_word(ask):
    reply = ask("letters", said("def a(b):"), max_tokens=4)
    assert reply.usage.prompt_tokens == 9
    assert len(reply.choices[0].message.content) == 4


def test_the_last_message_of_the_user_is_the_prompt_unless_the_owner_says_otherwise(ask):
    first = ask()
    again = [*said("1 + 1"), first.choices[0].message, *said(PROMPT)]  # the client's own object goes back in
    assert ask(messages=again).choices == first.choices
    assert ask("all", said("7 2 +", "8 5 =")).choices == first.choices


def test_the_models_are_listed(client):
    assert [model.id for model in client.models.list()] == ["closed", "ajar", "letters", "all", "broken"]


@pytest.mark.parametrize("world", [WORLD, TEXT, StyleWorld()], ids=lambda world: type(world).__name__)
def test_a_text_stands_for_its_tokens(world):
    closed = ClosedModel(model_for(world), world.vocab)

    @given(st.lists(st.integers(0, len(world.vocab) - 1)))
    def check(tokens):
        assert closed.encode(closed.decode(tokens)) == tokens

    check()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"door": "weights"}, "door='weights' must be one of text, logprobs"),
        ({"vocab": WORLD.vocab[:-1]}, "11 words do not fit: the model has vocab_size=12"),
        ({"vocab": (*WORLD.vocab[:-1], "0")}, "word 0 of the vocabulary, '0', could not be told from others in a text"),
        ({"vocab": (*WORLD.vocab[:-1], "a b")}, "word 11 of the vocabulary, 'a b', could not be told"),
        ({"stop": ("<end>",)}, "stop='<end>' is not in the vocabulary"),
    ],
)
def test_a_model_that_cannot_be_served_is_refused_at_once(fields, message):
    with pytest.raises(ValueError, match="^" + message.replace("(", r"\(")):
        ClosedModel(**{"model": MODEL, "vocab": WORLD.vocab} | fields)


# What the client does wrong


def post(server: ModelServer, body, path: str = "/v1/chat/completions", method: str = "POST"):
    """Status and decoded answer to a body: bytes, something to be written as JSON, or chunks to be sent one by one."""
    connection = http.client.HTTPConnection(server.url.split("/")[2], timeout=PATIENCE)
    chunked = not isinstance(body, bytes | dict)
    data = json.dumps(body).encode() if isinstance(body, dict) else body
    headers = {"Transfer-Encoding": "chunked"} if chunked else {}
    connection.request(method, path, data, headers, encode_chunked=chunked)
    response = connection.getresponse()
    answer = response.status, json.loads(response.read())
    connection.close()
    return answer


GOOD = {"model": "closed", "messages": said(PROMPT), "temperature": 0}


@pytest.mark.parametrize(
    ("change", "status", "code", "param", "message"),
    [
        ({"model": "gpt"}, 404, "model_not_found", "model", "there is no model 'gpt'; there is closed, ajar"),
        ({"model": "x" * 1000}, 404, "model_not_found", "model", f"'{'x' * 56}...; there is"),
        ({"model": 7}, 400, None, "model", "model=7: Input should be a valid string"),
        ({"model": None}, 400, None, "model", "model is missing"),
        ({"messages": "hello"}, 400, None, "messages", "messages='hello': "),
        ({"messages": []}, 400, None, "messages", "messages=[]: "),
        ({"messages": [{"role": "king", "content": "1"}]}, 400, None, "messages.0.role", "messages.0.role='king': "),
        ({"messages": [{"role": "user"}]}, 400, None, "messages.0.content", "messages.0.content is missing"),
        ({"messages": [{"role": "system", "content": "1"}]}, 400, None, "messages", "there is no message of the user"),
        ({"messages": said("7 2 plus 8 é")}, 400, None, "messages", "not in the vocabulary: 'plus', 'é'"),
        ({"messages": said("a b c d e f g")}, 400, None, "messages", "'a', 'b', 'c', 'd', 'e' and 2 more"),
        ({"messages": said(" ")}, 400, None, "messages", "the prompt is empty"),
        ({"messages": said("7 " * 9)}, 400, "context_length_exceeded", "messages", "9 tokens of prompt and 1 to write"),
        ({"max_tokens": 4}, 400, "context_length_exceeded", "messages", "and 4 to write do not fit: context_length=9"),
        ({"max_tokens": "3"}, 400, None, "max_tokens", "max_tokens='3': Input should be a valid integer"),
        ({"max_tokens": 0}, 400, None, "max_tokens", "max_tokens=0: Input should be greater than or equal to 1"),
        ({"temperature": -0.1}, 400, None, "temperature", "temperature=-0.1: "),
        ({"temperature": float("nan")}, 400, None, "temperature", "temperature=nan: "),
        ({"temperature": True}, 400, None, "temperature", "temperature=True: "),
        ({"seed": 2**63}, 400, None, "seed", "seed=9223372036854775808: "),
        ({"seed": 10**40}, 400, None, "seed", "seed=1000000"),
        ({"n": 2}, 400, "unsupported_parameter", "n", "n=2: one answer is written at a time"),
        ({"stream": True}, 400, "unsupported_parameter", "stream", "stream=True: an answer comes in one piece"),
        ({"tools": []}, 400, "unsupported_parameter", "tools", "tools is not offered here"),
        ({"logprobs": True}, 400, "unsupported_parameter", "logprobs", "the door of 'closed' is 'text'"),
        ({"top_logprobs": 2}, 400, None, "top_logprobs", "top_logprobs=2 needs logprobs=True"),
        ({"model": "ajar", "logprobs": True, "top_logprobs": 6}, 400, None, "top_logprobs", "less than or equal to 5"),
        ({"model": "broken"}, 500, None, None, "the model failed: RuntimeError: two lines"),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, dict) else "",
)
def test_a_wrong_request_is_answered_in_openais_form(server, silent, change, status, code, param, message):
    got, body = post(server, GOOD | change)
    assert (got, body["error"]["code"], body["error"]["param"]) == (status, code, param)
    assert message in body["error"]["message"]
    assert "\n" not in body["error"]["message"]
    assert body["error"]["type"] == ("server_error" if status == 500 else "invalid_request_error")
    assert post(server, GOOD)[0] == 200


def test_the_doors_and_their_limit_are_those_of_the_messages_above():
    assert (DOORS, MOST_LOGPROBS) == (("text", "logprobs"), 5)


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"model": "closed", ', b"[1]", b"\xff\xfe", b"[" * 10_000, b'{"model": "\\ud800"}', b"null"]
)
def test_a_body_that_is_no_request_is_refused(server, silent, body):
    status, answer = post(server, body)
    assert (status, answer["error"]["code"]) == (400, None if body in (b"[1]", b"null") else "invalid_json")
    assert answer["error"]["message"].startswith("the body")
    assert post(server, GOOD)[0] == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/chat/completions", 405), ("POST", "/v1/models", 405), ("POST", "/v1/embeddings", 404)],
)
def test_another_address_is_refused_in_the_same_form(server, method, path, status):
    got, answer = post(server, GOOD, path, method)
    assert (got, answer["error"]["code"]) == (status, "unknown_url")
    assert answer["error"]["message"].startswith(f"{method} {path} is not offered here")


def test_the_clients_own_exceptions_come_out(ask):
    for error, options in (
        (openai.NotFoundError, {"model": "gpt"}),
        (openai.BadRequestError, {"max_tokens": 99}),
        (openai.InternalServerError, {"model": "broken"}),
    ):
        with pytest.raises(error):
            ask(**options)


LARGE = 50 * 2**20


@pytest.mark.parametrize("chunked", [False, True])
def test_a_large_body_is_refused_and_its_sender_can_read_why(server, silent, chunked):
    part = b"x" * 2**20
    status, answer = post(server, (part for _ in range(LARGE // len(part))) if chunked else part * (LARGE // len(part)))
    assert (status, answer["error"]["code"]) == (413, "request_too_large")
    assert f"{BODY_LIMIT:,}" in answer["error"]["message"]
    assert post(server, GOOD)[0] == 200


def test_the_stock_client_reads_the_refusal_of_a_large_prompt(ask):
    with pytest.raises(openai.APIStatusError) as caught:
        ask(messages=said("7 " * (LARGE // 2)))
    assert caught.value.status_code == 413


@pytest.mark.parametrize(
    ("header", "sent"),
    [
        (f"Content-Length: {LARGE}", b""),
        ("Transfer-Encoding: chunked", b"%x\r\n" % (2 * BODY_LIMIT) + b"x" * (BODY_LIMIT + 1)),
    ],
)
def test_a_large_body_is_refused_before_all_of_it_has_come(server, header, sent):
    with raw(server) as connection:
        connection.sendall(f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n".encode() + sent)
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_body_of_just_the_limit_is_read(server):
    body = json.dumps(GOOD).encode()
    assert post(server, body.ljust(BODY_LIMIT))[0] == 200
    assert post(server, body.ljust(BODY_LIMIT + 1))[0] == 413
    assert post(server, iter([body.ljust(BODY_LIMIT)]))[0] == 200
    assert post(server, iter([body.ljust(BODY_LIMIT), b" "]))[0] == 413


def raw(server: ModelServer) -> socket.socket:
    host, port = server.url.split("/")[2].split(":")
    return socket.create_connection((host, int(port)), timeout=PATIENCE)


def send(server: ModelServer, body: dict) -> socket.socket:
    """A request that has been sent, and whose answer has not been read."""
    connection, data = raw(server), json.dumps(body).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: {len(data)}\r\n\r\n"
    connection.sendall(head.encode() + data)
    return connection


# Many clients, and rude ones


def test_fifty_requests_at_once_get_what_one_after_another_would():
    gated = model_for(WORLD, cls=Gated).let()
    models = {"one": ClosedModel(gated, WORLD.vocab), "two": ClosedModel(gated, WORLD.vocab)}
    options = [
        {"model": ("one", "two")[i % 2], "messages": said(f"{i % 10} 2 + {i // 10} 5 ="), "seed": i, "temperature": 1}
        for i in range(50)
    ]
    with ModelServer(models) as server, client_of(server) as client:

        def ask(some):
            return client.chat.completions.create(**some).choices[0].message.content

        alone = [ask(some) for some in options]
        with ThreadPoolExecutor(50) as pool:
            together = list(pool.map(ask, options))
    assert together == alone
    assert len(set(alone)) > 20
    assert len(list(itertools.groupby(gated.prompts))) == 100, "an answer was begun before another was finished"


def test_a_client_that_hangs_up_is_not_answered_and_does_not_disturb(silent):
    gated = model_for(TEXT, cls=Gated)
    models = {"slow": ClosedModel(gated, TEXT.vocab), "closed": ClosedModel(MODEL, WORLD.vocab)}
    with ModelServer(models) as server:
        gone = send(server, {"model": "slow", "messages": said("a")})
        assert gated.entered.wait(PATIENCE)
        waiting = [send(server, {"model": "slow", "messages": said("a")}) for _ in range(3)]
        for connection in (gone, *waiting):
            connection.close()
        with raw(server) as connection:  # and one that hangs up in the middle of its body
            connection.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{")
        gated.let()
        assert post(server, GOOD)[0] == 200
        assert len(gated.prompts) < 8  # of the 60 words that would have been written
        answered = post(server, {"model": "slow", "messages": said("a"), "max_tokens": 3})
        assert answered[0] == 200


def test_what_is_no_http_at_all_does_not_disturb(server, silent):
    with raw(server) as connection:
        connection.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")
    assert post(server, GOOD)[0] == 200


def test_others_are_served_between_two_words_of_a_long_answer():
    gated = model_for(PyText(), cls=Gated)
    with ModelServer({"slow": ClosedModel(gated, TEXT.vocab)}) as server, raw(server) as other:
        with send(server, {"model": "slow", "messages": said("a")}):
            assert gated.entered.wait(PATIENCE)
            other.sendall(b"GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n")
            gated.let(20)  # of 63 words
            assert other.recv(100).startswith(b"HTTP/1.1 200 ")
        gated.let()


# Starting and stopping


def test_the_notebooks_threads_stay_as_they_are_and_the_model_has_one():
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        gated = model_for(WORLD, cls=Gated).let()
        with ModelServer({"closed": ClosedModel(gated, WORLD.vocab)}) as server:
            assert post(server, GOOD)[0] == 200
            assert gated.threads == {1}
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_two_servers_stand_beside_each_other(server):
    with ModelServer({"closed": ClosedModel(model_for(WORLD, seed=1), WORLD.vocab)}) as other:
        assert other.url != server.url
        one, two = (post(where, GOOD)[1]["choices"] for where in (server, other))
        assert one != two
    assert post(server, GOOD)[1]["choices"] == one


def test_only_this_machine_can_reach_it(server):
    assert server.url.startswith("http://127.0.0.1:")
    port = int(server.url.split(":")[2].split("/")[0])
    with pytest.raises(OSError, match=r"refused|timed out"):  # the same machine by another of its addresses
        socket.create_connection(("127.0.0.2", port), timeout=5).close()


def test_a_port_in_use_is_one_line(server):
    port = int(server.url.split(":")[2].split("/")[0])
    second = ModelServer({"closed": ClosedModel(MODEL, WORLD.vocab)}, port=port)
    with pytest.raises(ServerError, match=rf"^port {port} of 127.0.0.1 cannot be had: Address already in use$"):
        second.start()
    second.stop()
    assert post(server, GOOD)[0] == 200


def test_no_port_at_all_is_one_line(monkeypatch):
    def none_left(self, address):
        raise OSError(98, "Address already in use")

    monkeypatch.setattr(socket.socket, "bind", none_left)
    with pytest.raises(ServerError, match=r"^no port of 127.0.0.1 can be had: Address already in use$"):
        ModelServer({"closed": ClosedModel(MODEL, WORLD.vocab)}).start()


def test_it_stops_twice_frees_its_port_and_starts_again():
    threads = threading.active_count()
    server = ModelServer({"closed": ClosedModel(MODEL, WORLD.vocab)})
    server.stop()
    assert server.start() is server
    port = int(server.url.split(":")[2].split("/")[0])
    with pytest.raises(ServerError, match="running already"):
        server.start()
    assert post(server, GOOD)[0] == 200
    with raw(server) as idle:  # the server hangs up first, so that the system keeps its port for a while
        idle.sendall(b"GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = b""
        while not answer.endswith(b"]}"):  # all of it: unread bytes would reset the connection
            answer += idle.recv(1000)
        server.stop()
        server.stop()
    with pytest.raises(ServerError, match="not running"):
        _ = server.url
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    assert threading.active_count() == threads
    with ModelServer({"closed": ClosedModel(MODEL, WORLD.vocab)}, port=port) as again:
        assert post(again, GOOD)[0] == 200
    with server:
        assert post(server, GOOD)[0] == 200


def test_stop_lets_the_answer_be_finished_and_refuses_those_that_wait(silent):
    gated = model_for(WORLD, cls=Gated)
    server = ModelServer({"closed": ClosedModel(gated, WORLD.vocab)}).start()
    with ThreadPoolExecutor(4) as pool:
        writing = pool.submit(post, server, GOOD)
        assert gated.entered.wait(PATIENCE)
        waiting = [send(server, GOOD) for _ in range(2)]
        stopping = pool.submit(server.stop)
        while not server._server.should_exit:
            pass
        gated.let()
        status, answer = writing.result(PATIENCE)
        stopping.result(PATIENCE)
    assert (status, answer["choices"][0]["finish_reason"]) == (200, "length")
    for connection in waiting:
        with connection:
            assert connection.recv(100).startswith(b"HTTP/1.1 503 ")
    assert len(gated.prompts) == WORLD.answer_length


def test_stop_does_not_wait_for_ever_for_a_client(silent, monkeypatch):
    monkeypatch.setattr("crucible.server.PATIENCE", 1)
    server = ModelServer({"closed": ClosedModel(MODEL, WORLD.vocab)}).start()
    with raw(server) as connection:
        connection.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{")
        assert post(server, GOOD)[0] == 200  # so the one above has arrived
        server.stop()
    with pytest.raises(ServerError, match="not running"):
        _ = server.url


def test_a_model_that_does_not_return_is_one_line(monkeypatch):
    monkeypatch.setattr("crucible.server.PATIENCE", 1)
    gated = model_for(WORLD, cls=Gated)
    server = ModelServer({"closed": ClosedModel(gated, WORLD.vocab)}).start()
    with send(server, GOOD):
        assert gated.entered.wait(PATIENCE)
        with pytest.raises(ServerError, match=r"^the server did not stop within 2 s: a model is still at work$"):
            server.stop()
        gated.let()
        server.stop()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (({},), "models={} must hold at least one model"),
        (({"m": None}, 70000), "port=70000 must lie between 0 and 65535"),
    ],
)
def test_a_server_that_cannot_be_is_refused(arguments, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        ModelServer(*arguments)


START = """
import openai
from crucible.model import ModelConfig, Transformer
from crucible.server import ClosedModel, ModelServer
from crucible.worlds import AddWorld

world = AddWorld()
model = Transformer(ModelConfig(12, world.context_length, 8, 1, 1), seed=0)
server = ModelServer({"m": ClosedModel(model, world.vocab)}).start()
"""
CALL = """
client = openai.OpenAI(base_url=server.url, api_key="any", http_client=openai.DefaultHttpxClient(trust_env=False))
reply = client.chat.completions.create(model="m", messages=[{"role": "user", "content": "7 2 + 8 5 ="}])
print(len(reply.choices[0].message.content.split()))
"""
AWAITED = """
direct = openai.DefaultAsyncHttpxClient(trust_env=False)
other = openai.AsyncOpenAI(base_url=server.url, api_key="any", http_client=direct)
reply = await other.chat.completions.create(model="m", messages=[{"role": "user", "content": "7 2 + 8 5 ="}])
print(len(reply.choices[0].message.content.split()))
"""


def test_in_a_notebook_an_event_loop_already_runs():
    cells = [START, CALL, AWAITED, "server.stop()"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    said = [[output.get("text") for output in cell.outputs] for cell in notebook.cells]
    assert said == [[], ["3\n"], ["3\n"], []]


def test_a_process_that_forgets_to_stop_ends_all_the_same():
    done = subprocess.run([sys.executable, "-c", START + CALL], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "3\n", "")
