"""One client, used by many threads at once."""

from __future__ import annotations

import gc
import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from ansible_collections.flowops.prefect.plugins.module_utils.kinds.variable import Variable
from ansible_collections.flowops.prefect.plugins.module_utils.session import Session
from ansible_collections.flowops.prefect.plugins.module_utils.turns import Turns

THREADS = 8


def _from_threads(work, count=160):
    """Run the work often, with every thread at work at the same time."""
    together = threading.Barrier(THREADS)

    def row(numbers):
        together.wait(10)
        return [work(number) for number in numbers]

    with ThreadPoolExecutor(THREADS) as pool:
        parts = list(pool.map(row, [range(start, count, THREADS) for start in range(THREADS)]))
    return [answer for part in parts for answer in part]


@pytest.mark.parametrize(("patience", "order"), [(0.0, ["slow", "other"]), (60.0, ["other", "slow"])])
def test_nobody_starts_while_somebody_waits_for_long(patience, order):
    turns, ended = Turns(patience), []
    started, go_on = threading.Event(), threading.Event()

    def slow():
        with turns.turn():
            started.set()
            go_on.wait(10)
            ended.append("slow")

    def other():
        with turns.turn():
            ended.append("other")

    with ThreadPoolExecutor(2) as pool:
        pool.submit(slow)
        started.wait(10)
        waiting = pool.submit(other)
        if patience:
            waiting.result(10)
        go_on.set()
    assert ended == order


def test_every_thread_keeps_one_connection_and_gets_its_own_answers(api):
    api.on("POST", "/echo", lambda request: request.body)
    client = api.client()
    answers = _from_threads(lambda number: client.post("/echo", {"number": number}) == {"number": number})
    assert all(answers)
    assert len(answers) == 160
    assert len({request.connection for request in api.requests}) == THREADS


def test_closing_closes_the_connection_of_the_caller_only(api):
    api.on("GET", "/version", "1")
    client = api.client()
    client.get("/version")
    closer = threading.Thread(target=lambda: (client.get("/version"), client.close()))
    closer.start()
    closer.join()
    client.get("/version")
    first, second, third = (request.connection for request in api.requests)
    assert first == third != second


def _protected(api, valid):
    """Refuse what does not carry the valid token; tell how often a token was fetched."""
    fetched = []

    def token(request):
        fetched.append(request.query)
        return {"token": valid[0]}

    ordinary = api.answer

    def answer(request):
        if request.method == "POST" and request.headers.get("prefect-csrf-token") != valid[0]:
            return 403, {"detail": "Invalid CSRF token or client identifier."}, {}
        return ordinary(request)

    api.on("GET", "/csrf-token", token)
    api.answer = answer
    return fetched


def test_all_threads_share_one_csrf_token_and_one_refresh(api):
    valid = ["first"]
    fetched = _protected(api, valid)
    api.on("POST", "/x", lambda request: request.headers["prefect-csrf-token"])
    client = api.client()
    assert set(_from_threads(lambda _number: client.post("/x", {}))) == {"first"}
    assert len(fetched) == 1
    valid[0] = "second"
    assert set(_from_threads(lambda _number: client.post("/x", {}))) == {"second"}
    assert len(fetched) == 2
    assert len(set(fetched)) == 2


def test_a_csrf_token_that_is_refused_itself_ends_in_a_message(api):
    api.on("POST", "/x", {"detail": "Missing CSRF token."}, status=403)
    api.on("GET", "/csrf-token", {"detail": "Missing CSRF token."}, status=403)
    client = api.client()

    def refused(_number):
        try:
            client.post("/x", {})
        except Exception as error:
            return str(error)
        return None

    said = set(_from_threads(refused, THREADS))
    assert len(said) == 1
    assert "/csrf-token: refused with status 403" in said.pop()


def test_what_is_known_can_be_listed_while_others_learn():
    session, rows, numbers = Session(None), 1000, itertools.count()
    for number in range(rows):
        session.learn(Variable, (f"v{number}",), {"id": f"{number}"})

    def others(_phase, _info):
        session.learn(Variable, (f"new{next(numbers)}",), {"id": "new"})

    # Where Python collects garbage, another thread may go on.
    thresholds = gc.get_threshold()
    gc.callbacks.append(others)
    gc.set_threshold(1)
    try:
        assert len(session.known(Variable)) >= rows
    finally:
        gc.set_threshold(*thresholds)
        gc.callbacks.remove(others)
