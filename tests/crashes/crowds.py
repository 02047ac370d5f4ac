"""Many tenants, one that asks too much, and clients that never finish a request (F12 to F15)."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import httpx

from tests.crashes.population import Answers
from tests.crashes.servers import Nginx
from tests.crashes.stack import Stack, Tenant
from tests.crashes.verdict import Verdict

# F13: what one noisy tenant may add to the slowest requests of the others.
NEIGHBOUR = 1.2
# F15: the slowest request while fifty clients leave theirs half sent.
SLOW_CLIENTS_SECONDS = 1.0
# What an identity provider sends in a second at most; a ceiling is above it, for seconds do not begin together.
RATE = 25.0
CEILING = 50
NOISE = 200.0
SHARE = 0.99


def play_with_many_tenants(
    stack: Stack, *, seconds: float, ratio: float, seed: int, say: Callable[[str], None]
) -> Verdict:
    """Let quiet tenants ask once a second, first alone, then beside a full one, then beside one that asks too much.

    :param ratio: how much longer the slowest hundredth of the quiet ones' requests may take beside the others.
    """
    verdict = Verdict()
    with _ceiling(stack):
        _compare(stack, verdict, seconds, ratio, say)
    return verdict


@contextmanager
def _ceiling(stack: Stack) -> Iterator[None]:
    """Serve with a ceiling, counted over all workers in the broker's Redis."""
    [web, *_others] = stack.webs
    before = web.environment
    limits = {"HUB_CEILING": str(CEILING), "HUB_CACHE_URL": before["CELERY_BROKER_URL"]}
    for environment in ({**before, **limits}, before):
        web.stop()
        web.environment = environment
        web.start()
        if environment is not before:
            yield


def _compare(
    stack: Stack, verdict: Verdict, seconds: float, ratio: float, say: Callable[[str], None]
) -> None:
    *quiet, noisy = stack.tenants
    alone, beside, full, flood, loud = (Answers() for _kind in range(5))
    quiet_ones = [(tenant, 1.0) for tenant in quiet]
    say(f"{len(quiet)} tenants")
    _ask(stack, [(*each, Answers()) for each in quiet_ones], 2.0)
    _ask(stack, [(*each, alone) for each in quiet_ones], seconds)
    say("and one at 25 requests a second")
    _ask(stack, [*((*each, beside) for each in quiet_ones), (noisy, RATE, full)], seconds)
    # The bucket of the ceiling is a second.
    time.sleep(2.0)
    say("and one at 200 requests a second")
    # As many connections as it takes: each waits for its answers.
    noise = [(noisy, NOISE / 8, flood) for _connection in range(8)]
    _ask(stack, [*((*each, loud) for each in quiet_ones), *noise], seconds)
    for name, answers in (("alone", alone), ("beside_25_rps", beside), ("beside_200_rps", loud)):
        verdict.figures[f"p99_ms_{name}"] = round(answers.percentile(SHARE) * 1000)
        verdict.expect(f"answers that failed, {name}", set(), answers.failed)
    verdict.figures["p95_ms_at_25_rps"] = round(full.percentile(0.95) * 1000)
    verdict.expect("answers that failed at 25 requests a second", set(), full.failed)
    verdict.figures["requests_per_second"] = round(len(flood.noted) / seconds)
    verdict.figures["served_per_second"] = round(flood.count("200") / seconds, 1)
    verdict.expect("what was answered above the ceiling", {"429"}, flood.failed)
    verdict.expect("answers 429 without Retry-After", 0, flood.without_retry_after)
    added = loud.percentile(SHARE) / max(alone.percentile(SHARE), 0.001)
    verdict.figures["p99_ratio"] = round(added, 2)
    if added > ratio:
        verdict.wrong.append(
            f"p99 of the quiet tenants is {added:.2f} times what it was, not {ratio} at most"
        )


def _ask(stack: Stack, askers: list[tuple[Tenant, float, Answers]], seconds: float) -> None:
    """Let each tenant ask so often in a second, on a connection of its own."""
    threads = [
        threading.Thread(target=_ask_for, args=(stack, asker, number, seconds))
        for number, asker in enumerate(askers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _ask_for(stack: Stack, asker: tuple[Tenant, float, Answers], number: int, seconds: float) -> None:
    tenant, rate, answers = asker
    url = f"{stack.webs[0].url}/scim/{tenant.connection}/v2/Users?filter=userName eq %22nobody%22"
    # Spread over the second.
    begun = time.monotonic() + number % 20 / 20 / rate
    with httpx.Client(headers={"Authorization": f"Bearer {tenant.token}"}, timeout=30) as client:
        for turn in range(int(rate * seconds)):
            time.sleep(max(0.0, begun + turn / rate - time.monotonic()))
            started = time.monotonic()
            if started - begun > seconds:
                return
            answer = client.get(url)
            answers.note(str(answer.status_code), started)
            if answer.status_code == 429 and not answer.headers.get("Retry-After", "").isdigit():
                answers.without_retry_after += 1


def play_with_slow_clients(
    stack: Stack, *, sockets: int, requests: int, longest: float, seed: int, say: Callable[[str], None]
) -> Verdict:
    """Leave requests half sent at the proxy that the documentation asks for; the others are served meanwhile.

    :param longest: the seconds that any of the others may take.
    """
    verdict, answers = Verdict(), Answers()
    folder = stack.folder / f"nginx-{seed}"
    folder.mkdir()
    proxy = Nginx(folder, stack.webs[0].port)
    path = f"/scim/{stack.connection}/v2/Users"
    host = urlsplit(proxy.url).netloc
    line = f"POST {path} HTTP/1.1\r\nHost: {host}\r\n"
    half_body = (
        f"{line}Authorization: Bearer {stack.token}\r\nContent-Type: application/scim+json\r\n"
        'Content-Length: 1000\r\n\r\n{"schemas":'
    )
    with ExitStack() as exits:
        exits.callback(proxy.stop)
        proxy.start()
        for begun in [line, half_body] * sockets:
            wire = exits.enter_context(socket.create_connection(("127.0.0.1", proxy.port), timeout=5))
            wire.sendall(begun.encode())
        say(f"{2 * sockets} requests are half sent")
        for _request in range(requests):
            # Each on a connection of its own: none of them has a thread of the server already.
            started = time.monotonic()
            answer = httpx.get(
                f"{proxy.url}{path}?count=1", headers={"Authorization": f"Bearer {stack.token}"}, timeout=60
            )
            answers.note(str(answer.status_code), started)
    slowest = max(each.seconds for each in answers.noted)
    verdict.figures["half_sent"] = 2 * sockets
    verdict.figures["slowest_ms"] = round(slowest * 1000)
    verdict.expect("answers that failed", set(), answers.failed)
    if slowest > longest:
        verdict.wrong.append(f"the slowest request took {slowest:.2f} s, not {longest} at most")
    return verdict
