"""What docs/operation.md tells an administrator to install, run for real: nginx, gunicorn, units, the wheel.

Paths, ports and certificate are those of the test; every other line is the document's own.
"""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import secrets
import shlex
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.campaign.installations import ROOT, Installation, installation
from tests.cli.test_operation_documentation import TEXT, of_kind

BIN = Path(sys.executable).parent
HOST = "nqpf.example.org"


def free_ports(number: int) -> list[int]:
    probes = [socket.socket() for _n in range(number)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    found = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return found


@contextmanager
def running(words: list[str], environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as kept:
        process = subprocess.Popen(words, cwd=ROOT, env=environment, stdout=kept, stderr=kept)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def wait_until(is_so, process: subprocess.Popen[bytes], log: Path) -> None:
    for _try in range(600):
        if is_so():
            return
        assert process.poll() is None, log.read_text(encoding="utf-8")
        time.sleep(0.05)
    raise AssertionError(log.read_text(encoding="utf-8"))


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


# --- nginx before gunicorn, both as the document has them --------------------------------------------------------


@dataclass(frozen=True)
class Front:
    """A platform in production behind nginx."""

    https: int
    http: int
    trust: ssl.SSLContext

    def get(self, path: str, **headers: str) -> tuple[http.client.HTTPResponse, str]:
        """Ask over TLS; the certificate is checked against the name."""
        connection = http.client.HTTPSConnection("127.0.0.1", self.https, timeout=30, context=self.trust)
        connection.sock = self.trust.wrap_socket(
            socket.create_connection(("127.0.0.1", self.https), 30), server_hostname=HOST
        )
        connection.request("GET", path, headers={"Host": HOST, "Connection": "close"} | headers)
        response = connection.getresponse()
        text = response.read()
        connection.close()
        return response, text.decode("latin-1")


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate of the name in the document, good for a day."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([
        x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)
    ])  # fmt: skip
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "nqpf.pem", folder / "nqpf.key"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return public, private


def production(platform: Installation, folder: Path) -> dict[str, str]:
    """Return the environment of the document with the folders and the database of the test."""
    told = dict(line.split("=", 1) for line in of_kind("ini")[0].splitlines())
    secret = folder / "secret.key"
    secret.write_text(secrets.token_urlsafe(48), encoding="ascii")
    told |= {
        "XINZHI_HOME": str(platform.home),
        "XINZHI_KEYS": str(platform.keys),
        "XINZHI_SECRET_KEY_FILE": str(secret),
        "XINZHI_DATABASE": platform.environment.get("XINZHI_DATABASE", ""),
    }
    return platform.environment | told | {"PYTHONWARNINGS": ""}


def nginx_config(folder: Path, front: dict[str, str]) -> Path:
    (text,) = of_kind("nginx")
    for stated, meant in front.items():
        assert stated in text, stated
        text = text.replace(stated, meant)
    writable = "\n".join(
        f"{what}_temp_path {folder}/{what};" for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;\n" if os.geteuid() == 0 else ""
    config = folder / "nginx.conf"
    config.write_text(
        f"{user}daemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{writable}\n{text}}}\n",
        encoding="utf-8",
    )
    return config


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        pytest.skip("nginx is not installed here")
    folder = tmp_path_factory.mktemp("front")
    with installation(folder / "data") as platform:
        platform.home.mkdir()
        environment = production(platform, folder)
        setup = subprocess.run(
            [sys.executable, "-m", "xinzhi", "platform", "setup"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
        )
        assert setup.returncode == 0, setup.stderr.decode()
        (begin,) = re.findall(r"^ExecStart=/srv/xinzhi/venv/bin/(gunicorn .*)$", TEXT, re.M)
        web = folder / "web.sock"
        words = shlex.split(begin.replace("unix:/run/xinzhi/web.sock", f"unix:{web}"))
        public, private = certificate(folder)
        https, plain = free_ports(2)
        config = nginx_config(folder, {
            "listen 443 ssl": f"listen 127.0.0.1:{https} ssl",
            "listen 80": f"listen 127.0.0.1:{plain}",
            "/etc/ssl/nqpf.pem": str(public),
            "/etc/ssl/private/nqpf.key": str(private),
            "http://unix:/run/xinzhi/web.sock": f"http://unix:{web}",
        })  # fmt: skip
        behind = running([str(BIN / words[0]), *words[1:]], environment, folder / "gunicorn.log")
        before = running(
            [nginx, "-p", str(folder), "-c", str(config)], dict(os.environ), folder / "nginx.log"
        )
        with behind as pages, before as proxy:
            wait_until(lambda: answers(https), proxy, folder / "nginx.log")
            found = Front(https, plain, ssl.create_default_context(cafile=str(public)))
            wait_until(lambda: found.get("/healthz")[0].status == 200, pages, folder / "gunicorn.log")
            yield found


def test_plain_http_is_led_to_https(front: Front) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", front.http, timeout=30)
    connection.request("GET", "/join/?a=1", headers={"Host": HOST})
    response = connection.getresponse()
    assert (response.status, response.headers["Location"]) == (301, f"https://{HOST}/join/?a=1")
    connection.close()


def test_pages_come_over_https_with_secure_cookies(front: Front) -> None:
    response, text = front.get("/accounts/login/")
    (cookie,) = response.headers.get_all("Set-Cookie") or []
    assert (response.status, "csrfmiddlewaretoken" in text) == (200, True)
    assert re.fullmatch(r"csrftoken=\w+; .*HttpOnly; Max-Age=[0-9]+; Path=/; SameSite=Lax; Secure", cookie)
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_static_files_come_through(front: Front) -> None:
    response, text = front.get("/static/xinzhi/site.css")
    source = (ROOT / "src/xinzhi/site/static/xinzhi/site.css").read_bytes()
    assert (response.status, response.headers["Content-Type"]) == (200, 'text/css; charset="utf-8"')
    assert text.encode("latin-1") == source
    response, text = front.get("/static/xinzhi/site.css", **{"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(text.encode("latin-1")) == source
    # Pages are never compressed: what a stranger makes appear in one beside a token would give the token away.
    assert front.get("/accounts/login/", **{"Accept-Encoding": "gzip"})[0].headers["Content-Encoding"] is None


def test_what_a_visitor_says_about_itself_is_not_believed(front: Front) -> None:
    """Who asks is counted by the address that nginx saw, whatever the visitor writes into its headers."""
    statuses = [
        front.get(f"/join/AAAA-{n}/", **{"X-Forwarded-For": f"198.51.100.{n}", "X-Forwarded-Proto": "http"})[
            0
        ].status
        for n in range(21)
    ]
    assert statuses == [422] * 20 + [429]


def test_another_name_is_refused(front: Front) -> None:
    assert front.get("/", Host="evil.example")[0].status == 400
    response, text = front.get("/healthz")
    assert (response.status, json.loads(text)["database"]) == (200, "ok")


# --- units of systemd --------------------------------------------------------------------------------------------


def test_units_are_accepted_by_systemd(tmp_path: Path) -> None:
    if (analyse := shutil.which("systemd-analyze")) is None:
        pytest.skip("systemd-analyze is not installed here")
    names = re.findall(r"^`/etc/systemd/system/(xinzhi-[a-z]+\.(?:service|timer))`", TEXT, re.M)
    texts = of_kind("systemd")
    assert (len(names), len(texts)) == (4, 4)
    for name, text in zip(names, texts, strict=True):
        (tmp_path / name).write_text(text.replace("/srv/xinzhi/venv/bin", str(BIN)), encoding="utf-8")
    done = subprocess.run(
        [analyse, "verify", "--man=no", *(str(tmp_path / name) for name in names)],
        capture_output=True,
        text=True,
        env=os.environ | {"SYSTEMD_UNIT_PATH": f"{tmp_path}:", "SYSTEMD_LOG_LEVEL": "warning"},
    )
    ours = [line for line in done.stderr.splitlines() if "xinzhi-" in line]
    assert (done.returncode, ours) == (0, []), done.stderr


# --- the container, as far as it can be built: its program from the wheel ------------------------------------------


def test_the_wheel_holds_all_that_the_platform_needs(tmp_path: Path) -> None:
    """Installed in an empty environment, which borrows the packages it depends on, and started from elsewhere."""
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("xinzhi-*.whl")
    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv" / "bin" / "python"
    packages = Path(next(path for path in sys.path if path.endswith("site-packages")))
    home = next((tmp_path / "venv" / "lib").glob("python*")) / "site-packages"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index", "-q"]
    installed = subprocess.run([*pip, str(wheel)], capture_output=True, text=True)
    assert installed.returncode == 0, installed.stderr
    (home / "borrowed.pth").write_text(f"{packages}\n", encoding="utf-8")
    with installation(tmp_path / "data") as platform:
        environment = {
            k: v for k, v in platform.environment.items() if k not in ("PYTHONPATH", "PYTHONWARNINGS")
        }
        where = subprocess.run(
            [str(python), "-c", "import xinzhi; print(xinzhi.__file__)"],
            cwd=tmp_path, env=environment, capture_output=True, text=True,
        )  # fmt: skip
        assert where.stdout.strip() == str(home / "xinzhi" / "__init__.py"), where.stderr
        (port,) = free_ports(1)
        log = tmp_path / "log"
        command = [str(tmp_path / "venv" / "bin" / "xinzhi"), "serve", "--port", str(port)]
        with running(command, environment, log) as server:
            wait_until(lambda: answers(port), server, log)
            for path in ("/healthz", "/accounts/login/", "/static/xinzhi/site.css"):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                connection.request("GET", path)
                assert connection.getresponse().status == 200, path
                connection.close()
    assert "Traceback" not in log.read_text(encoding="utf-8")
