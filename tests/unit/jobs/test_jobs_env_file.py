"""Settings in `.env`: what is read, what wins, and what it may not change."""

from pathlib import Path

import pytest

from loresmith.jobs.core.settings import Settings, SettingsError
from loresmith.jobs.core.settings.checks import secret_in
from loresmith.jobs.core.settings.env_file import load_env_file


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, text: str, name: str = ".env") -> Path:
    file = folder / name
    file.touch(mode=0o600)
    file.write_text(text)
    return file


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=b", "b"),
        ("export A = b c  # why", "b c"),
        ('A="b # c"', "b # c"),
        ("A='$b'  ", "$b"),
        ("A=", ""),
        ("A=  # nothing", ""),
        ("A=postgresql://u:p@h/db?x=1&y=$2", "postgresql://u:p@h/db?x=1&y=$2"),
    ],
)
def test_a_line(folder: Path, line: str, value: str) -> None:
    write(folder, f"# settings\n\n{line}\n")

    assert load_env_file({}) == {"A": value}


def test_the_environment_wins(folder: Path) -> None:
    """Given a setting and its file, one here and one there / I expect that of the environment."""
    write(folder, "REDIS_URL=redis://file\nDATABASE_URL_FILE=/file\nLORESMITH_QUEUE=file\n")

    environ = load_env_file({"REDIS_URL_FILE": "/mine", "DATABASE_URL": "sqlite:///mine"})

    assert environ == {
        "REDIS_URL_FILE": "/mine",
        "DATABASE_URL": "sqlite:///mine",
        "LORESMITH_QUEUE": "file",
    }


def test_processes_read_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.environ", {})
    write(folder, "LORESMITH_QUEUE=from-the-file")

    assert Settings.from_env().queue == "from-the-file"
    assert Settings.from_env({}).queue == "lore"


def test_another_file_or_none(folder: Path) -> None:
    write(folder, "A=default")
    other = write(folder, "A=other", "settings")

    assert load_env_file({"LORESMITH_ENV_FILE": str(other)})["A"] == "other"
    assert "A" not in load_env_file({"LORESMITH_ENV_FILE": "none"})
    with pytest.raises(SettingsError, match="LORESMITH_ENV_FILE=nowhere is not a file"):
        load_env_file({"LORESMITH_ENV_FILE": "nowhere"})


def test_it_does_not_decide_which_code_runs(folder: Path) -> None:
    write(folder, "PATH=/evil\nPYTHONPATH=/evil\nLD_PRELOAD=/evil.so\nA=b")

    assert load_env_file({}) == {"A": "b"}


@pytest.mark.parametrize("line", ["secret", "A='secret", 'A="secret" more', "=secret"])
def test_a_line_that_is_no_setting_is_named_unseen(folder: Path, line: str) -> None:
    write(folder, f"A=b\n{line}\n")

    with pytest.raises(SettingsError, match="line 2: write NAME=value") as caught:
        load_env_file({})
    assert "secret" not in str(caught.value)


def test_secrets_that_others_can_read_are_reported(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = write(folder, "A=secret")
    load_env_file({})
    secret_in(file)
    assert caplog.text == ""

    file.chmod(0o640)
    load_env_file({})
    secret_in(file)

    assert [message.endswith(f"path={file}") for message in caplog.messages] == [True, True]
    assert "A=secret" not in caplog.text


def test_it_does_not_choose_which_code_runs(folder: Path) -> None:
    """Given job types in the file of a working directory / I expect a refusal, not silence."""
    write(folder, "LORESMITH_JOB_TYPES=/somewhere")

    with pytest.raises(SettingsError, match=r"decides which code runs.*--job-types"):
        load_env_file({})
    assert load_env_file({"LORESMITH_JOB_TYPES": "/mine"}) == {"LORESMITH_JOB_TYPES": "/mine"}
