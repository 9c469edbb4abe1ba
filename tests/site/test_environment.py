"""What the platform is told from outside: production starts with everything it needs, or says all that is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from xinzhi.errors import CallError
from xinzhi.intake.transport import MailServer
from xinzhi.site.environment import read_environment

SECRET = "k7Qm2vXt9LpR4sWz8NcB1yHf6JdG3aTe5UoIqPxV0hKu7Yb2Ej"
GOOD = {
    "XINZHI_MODE": "production", "XINZHI_HOME": "/srv/xinzhi/data", "XINZHI_KEYS": "/srv/xinzhi/keys",
    "XINZHI_SECRET_KEY": SECRET, "XINZHI_HOSTS": "call.example.org, www.example.org",
    "XINZHI_MAIL": "smtps://office:secret@mail.example.org:465", "XINZHI_SENDER": "office@example.org",
    "XINZHI_DATABASE": "postgresql://xinzhi:p%40ss@db.example.org:5433/xinzhi",
}  # fmt: skip


def test_production_starts_with_all_it_needs() -> None:
    environment = read_environment(GOOD)
    assert environment.production
    assert (environment.hosts, environment.secret_key) == (("call.example.org", "www.example.org"), SECRET)
    assert (environment.home, environment.keys) == (Path("/srv/xinzhi/data"), Path("/srv/xinzhi/keys"))
    assert {key: environment.database[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")} == {
        "NAME": "xinzhi", "USER": "xinzhi", "PASSWORD": "p@ss", "HOST": "db.example.org", "PORT": "5433",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"XINZHI_SECRET_KEY": ""}, "XINZHI_SECRET_KEY"),
        ({"XINZHI_SECRET_KEY": SECRET[:49]}, "XINZHI_SECRET_KEY"),
        ({"XINZHI_SECRET_KEY": "abc" * 20}, "XINZHI_SECRET_KEY"),  # long, and no chance in it
        ({"XINZHI_HOSTS": ""}, "XINZHI_HOSTS"),
        ({"XINZHI_HOSTS": "call.example.org *"}, "XINZHI_HOSTS"),
        ({"XINZHI_HOME": ""}, "XINZHI_HOME"),
        ({"XINZHI_KEYS": "/srv/xinzhi/data"}, "XINZHI_KEYS"),
        ({"XINZHI_KEYS": "/srv/xinzhi/data/keys"}, "XINZHI_KEYS"),
        ({"XINZHI_KEYS": "/srv/xinzhi/keys/../data/deep/keys"}, "XINZHI_KEYS"),
        ({"XINZHI_MAIL": ""}, "XINZHI_MAIL"),
        ({"XINZHI_MAIL": "mail.example.org"}, "XINZHI_MAIL"),
        ({"XINZHI_SENDER": ""}, "XINZHI_SENDER"),
    ],
)
def test_production_refuses_to_start_unsafe(wrong: dict[str, str], said: str) -> None:
    with pytest.raises(CallError) as refusal:
        read_environment(GOOD | wrong)
    assert [line.split()[0] for line in refusal.value.what.split("\n")] == [said]


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(CallError) as refusal:
        read_environment({"XINZHI_MODE": "production"})
    assert [line.split()[0] for line in refusal.value.what.split("\n")] == [
        "XINZHI_SECRET_KEY", "XINZHI_HOSTS", "XINZHI_HOME", "XINZHI_MAIL", "XINZHI_SENDER",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"XINZHI_MODE": "debug"}, "XINZHI_MODE 应当是 development 或 production, 不能是 debug"),
        (
            {"XINZHI_DATABASE": "mysql://db/xinzhi"},
            "XINZHI_DATABASE 应当是 postgresql://用户:密码@主机:端口/库名",
        ),
        (
            {"XINZHI_DATABASE": "postgresql://db.example.org/"},
            "XINZHI_DATABASE 应当是 postgresql://用户:密码@主机:端口/库名",
        ),
        (
            {"XINZHI_SECRET_KEY_FILE": "/nowhere/secret"},
            "XINZHI_SECRET_KEY_FILE 读不出来: /nowhere/secret",
        ),
    ],
)
def test_what_cannot_be_read_is_told(wrong: dict[str, str], said: str) -> None:
    with pytest.raises(CallError) as refusal:
        read_environment(GOOD | wrong)
    assert refusal.value.what == said


def test_the_secret_may_lie_in_a_file(tmp_path) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    told = GOOD | {"XINZHI_SECRET_KEY": "", "XINZHI_SECRET_KEY_FILE": str(tmp_path / "secret")}
    assert read_environment(told).secret_key == SECRET


def test_development_needs_nothing_and_keeps_its_secret(tmp_path) -> None:
    told = {"XINZHI_HOME": str(tmp_path / "platform")}
    first = read_environment(told)
    assert (first.mode, first.hosts) == ("development", ("127.0.0.1", "localhost", "[::1]"))
    assert first.keys == tmp_path / "platform-keys"  # beside the data, not inside
    assert read_environment(told).secret_key == first.secret_key
    assert (tmp_path / "platform" / "secret.key").stat().st_mode & 0o777 == 0o600


def test_each_campaign_has_its_mailbox() -> None:
    told = GOOD | {
        "XINZHI_MAILBOXES": "call-2025=imaps://office@163.example:p%2Fss=w%20rd@imap.163.example/INBOX"
        " call_2026=imap://a:b@127.0.0.1:1143/%E5%BE%81%E9%9B%86"
    }
    boxes = read_environment(told).mailboxes
    servers = {slug: box.server for slug, box in boxes.items()}
    assert servers == {
        "call-2025": MailServer("imap.163.example", 993, "office@163.example", "tls", "INBOX"),
        "call_2026": MailServer("127.0.0.1", 1143, "a", "none", "征集"),
    }
    assert [box.password.get_secret_value() for box in boxes.values()] == ["p/ss=w rd", "b"]
    assert "p/ss" not in f"{boxes}{boxes!r}"


def test_the_mailboxes_may_lie_in_a_file(tmp_path) -> None:
    (tmp_path / "boxes").write_text("# of the office\ncall-2025=imaps://a:b@mail.example.org\n\n")
    told = GOOD | {"XINZHI_MAILBOXES_FILE": str(tmp_path / "boxes")}
    assert [str(box.server) for box in read_environment(told).mailboxes.values()] == [
        "a@mail.example.org:993"
    ]
    with pytest.raises(CallError) as refusal:
        read_environment(GOOD | {"XINZHI_MAILBOXES_FILE": "/nowhere/boxes"})
    assert refusal.value.what == "XINZHI_MAILBOXES_FILE 读不出来: /nowhere/boxes"


SHAPE = (
    "写法不对: 每个征集一次, 写成 网址标识=imaps://用户:密码@服务器/文件夹, "
    "用户和密码里的 / 和空格写成 %2F 和 %20"
)


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ("imaps://a:secret@mail.example.org", f"“?”{SHAPE}"),
        ("call-2025=imaps://a@mail.example.org", f"“call-2025”{SHAPE}"),
        ("call-2025=imaps://a:secret", f"“call-2025”{SHAPE}"),
        ("call-2025=https://a:secret@mail.example.org", f"“call-2025”{SHAPE}"),
        ("x=imaps://a:secret@mail.example.org/a@b", f"“x”{SHAPE}"),  # else the password would go to b
        ("x=imaps://a:b@h1 x=imaps://a:secret@h2", f"“x”{SHAPE}"),
        ("x=imaps://a:secret@h:port", "“x”: 邮件服务器的地址不完整"),
        (
            "x=imaps://a:b@h/F y=imaps://a:secret@H/F",
            "“y”和“x”是同一个文件夹: 一封邮件只能属于一个征集",
        ),
    ],
)
@pytest.mark.parametrize("mode", ["development", "production"])
def test_a_mailbox_that_is_wrongly_written_stops_the_start_and_stays_secret(
    mode: str, stated: str, said: str
) -> None:
    with pytest.raises(CallError) as refusal:
        read_environment(GOOD | {"XINZHI_MODE": mode, "XINZHI_MAILBOXES": stated})
    assert refusal.value.what.replace("\n", "; ") == f"XINZHI_MAILBOXES 的{said}"
    assert "secret" not in str(refusal.value)


def django_checks(told: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Let Django itself judge the settings, in a process of their own."""
    return subprocess.run(
        [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"],
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "xinzhi.site.settings", **told},
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_passes_the_deployment_checks_of_django(tmp_path) -> None:
    (tmp_path / "data").mkdir()
    here = {
        "XINZHI_HOME": str(tmp_path / "data"),
        "XINZHI_KEYS": str(tmp_path / "keys"),
        "XINZHI_DATABASE": "",
    }
    checked = django_checks(GOOD | here)
    assert (checked.returncode, "no issues" in checked.stdout) == (0, True), checked.stderr
    refused = django_checks(GOOD | here | {"XINZHI_SECRET_KEY": "short"})
    assert refused.returncode == 1 and "XINZHI_SECRET_KEY" in refused.stderr


SIGN_IN = {
    "XINZHI_OIDC_SERVER": "https://id.example.org/realm/", "XINZHI_OIDC_CLIENT": "xinzhi",
    "XINZHI_OIDC_SECRET": "hush",
}  # fmt: skip


def test_a_server_for_signing_in_is_given_whole(tmp_path) -> None:
    server = read_environment(GOOD | SIGN_IN).sign_in_server
    assert server is not None
    assert (server.address, server.client, server.name) == (
        "https://id.example.org/realm", "xinzhi", "id.example.org",
    )  # fmt: skip
    assert (server.secret.get_secret_value(), "hush" in f"{server}{server!r}") == ("hush", False)
    (tmp_path / "secret").write_text("from-a-file\n")
    kept = {"XINZHI_OIDC_SECRET": "", "XINZHI_OIDC_SECRET_FILE": str(tmp_path / "secret")}
    named = read_environment(GOOD | SIGN_IN | kept | {"XINZHI_OIDC_NAME": "学会"}).sign_in_server
    assert named is not None
    assert (named.secret.get_secret_value(), named.name) == ("from-a-file", "学会")
    assert read_environment(GOOD).sign_in_server is None


@pytest.mark.parametrize("mode", ["development", "production"])
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        *(({missing: ""}, "XINZHI_OIDC_SERVER, XINZHI_OIDC_CLIENT 和") for missing in SIGN_IN),
        ({"XINZHI_OIDC_SECRET_FILE": "/nowhere/secret"}, "XINZHI_OIDC_SECRET_FILE 读不出来: /nowhere/secret"),
        *(
            ({"XINZHI_OIDC_SERVER": address}, "XINZHI_OIDC_SERVER 应当是 https:// 开头的地址")
            for address in ("http://id.example.org", "id.example.org", "https://", "https://[::1", "https://a:b@id.example")
        ),
    ],
)  # fmt: skip
def test_a_server_for_signing_in_that_cannot_be_used_stops_the_start(
    mode: str, wrong: dict[str, str], said: str, tmp_path
) -> None:
    told = GOOD | SIGN_IN | {"XINZHI_MODE": mode, "XINZHI_HOME": str(tmp_path / "home")} | wrong
    with pytest.raises(CallError) as refusal:
        read_environment(told)
    assert refusal.value.what.startswith(said)


def test_a_server_on_this_machine_is_for_trying_alone(tmp_path) -> None:
    near = SIGN_IN | {"XINZHI_OIDC_SERVER": "http://127.0.0.1:8080"}
    assert read_environment(near | {"XINZHI_HOME": str(tmp_path)}).sign_in_server is not None
    with pytest.raises(CallError):
        read_environment(GOOD | near)
