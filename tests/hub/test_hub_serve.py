"""hub_serve runs gunicorn; the pages and their style sheets come from one process."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from example_project.hub.serving import command

MANAGE = Path(__file__).resolve().parents[2] / "example_project" / "manage.py"
SECONDS = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Serve a fresh SQLite Hub from another working directory, with nothing on the Python path."""
    folder = tmp_path_factory.mktemp("hub")
    environment = {
        key: text for key, text in os.environ.items() if key not in {"PYTHONPATH", "CELERY_BROKER_URL"}
    }
    environment |= {"DATABASE_URL": f"sqlite:///{folder}/hub.sqlite3"}
    environment |= {"DJANGO_SETTINGS_MODULE": "example_project.config.settings"}
    subprocess.run(
        [sys.executable, str(MANAGE), "hub_seed", "--json"],
        cwd=folder,
        env=environment,
        check=True,
        timeout=SECONDS,
    )
    port = free_port()
    command = [sys.executable, str(MANAGE), "hub_serve", "--port", str(port), "--workers", "1"]
    server = subprocess.Popen(command, cwd=folder, env=environment)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=SECONDS) as client:
            wait_for(client, server)
            yield client
    finally:
        server.terminate()
        server.wait(SECONDS)


def wait_for(client: httpx.Client, server: "subprocess.Popen[bytes]") -> None:
    for _attempt in range(SECONDS * 5):
        assert server.poll() is None, "the server ended"
        try:
            client.get("/login/")
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return
    pytest.fail("the server did not answer")


def test_the_pages_and_their_style_are_served(served: httpx.Client) -> None:
    page = served.get("/login/")
    assert page.status_code == 200
    assert "olivia@contoso.example" in page.text
    for path in ("/static/hub/hub.css", "/static/admin/css/base.css"):
        answer = served.get(path)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/css")


def test_a_person_signs_in(served: httpx.Client) -> None:
    served.get("/login/")
    data = {
        "organization": "contoso",
        "username": "olivia@contoso.example",
        "csrfmiddlewaretoken": served.cookies["csrftoken"],
    }
    answer = served.post("/login/", data=data, follow_redirects=True)
    assert answer.status_code == 200
    assert "Hello, Olivia" in answer.text
    assert "Your organization" in served.get("/admin/").text


def test_the_worker_class_can_be_chosen() -> None:
    threaded, plain = command("127.0.0.1:1", 2), command("127.0.0.1:1", 2, "sync")
    assert "--threads" in threaded
    assert "--threads" not in plain
    assert plain[plain.index("--worker-class") + 1] == "sync"
    assert plain[plain.index("--workers") + 1] == "2"


def test_a_connection_is_kept_for_the_next_request(served: httpx.Client) -> None:
    answer = served.get("/login/")
    assert answer.headers.get("Connection", "keep-alive").lower() != "close"
