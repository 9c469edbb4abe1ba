"""Which language is spoken, where, and how figures are written."""

from __future__ import annotations

import threading

import pytest

from xinzhi.language import current_language, gettext, number, set_language, speaking

TEXT, ENGLISH = "没有权限", "permission denied"


@pytest.fixture(autouse=True)
def chinese_again():
    yield
    set_language("zh")


def test_chinese_unless_told():
    assert (current_language(), gettext(TEXT)) == ("zh", TEXT)


def test_set_language():
    set_language("en")
    assert (current_language(), gettext(TEXT)) == ("en", ENGLISH)
    set_language("zh")
    assert gettext(TEXT) == TEXT


def test_speaking_ends_with_its_block():
    with pytest.raises(KeyError), speaking("en"):
        assert gettext(TEXT) == ENGLISH
        with speaking("zh"):
            assert gettext(TEXT) == TEXT
        assert gettext(TEXT) == ENGLISH
        raise KeyError
    assert gettext(TEXT) == TEXT


@pytest.mark.parametrize("language", ["fr", "", None, "EN"])
def test_other_languages(language):
    with pytest.raises(ValueError, match=r"^language must be one of"):
        set_language(language)
    with pytest.raises(ValueError, match=r"^language must be one of"), speaking(language):
        pass
    assert current_language() == "zh"


def test_what_is_not_in_the_catalogue_stays():
    with speaking("en"):
        assert gettext("没有这句话") == "没有这句话"
        assert gettext("") == ""


def test_threads_speak_for_themselves():
    heard = {}
    barrier = threading.Barrier(2)

    def speak(language):
        set_language(language)
        barrier.wait()
        heard[language] = gettext(TEXT)

    threads = [threading.Thread(target=speak, args=(language,)) for language in ("zh", "en")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == {"zh": TEXT, "en": ENGLISH}
    assert current_language() == "zh"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (12.5, "12.5"),
        (0.1 + 0.2, "0.3"),
        (1 / 3, "0.333333"),
        (999.5, "999.5"),
        (999.9996, "1,000"),
        (1000, "1,000"),
        (12345.6, "12,345.6"),
        (99999.94, "99,999.9"),
        (99999.96, "99,999.96"),
        (-99999.999, "-100,000"),
        (100000, "100,000"),
        (1234567.891, "1,234,567.89"),
        (1234567.5, "1,234,567.5"),
        (1e15, "1,000,000,000,000,000"),
        (-41540.9, "-41,540.9"),
        (1e-7, "1e-07"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
    ],
)
def test_number(value, text):
    assert number(value) == text
