"""Whatever is sent, the answer is a sentence that says what to do, soon and in little memory; nothing changes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from dxportal.changesets.models import ChangeSet
from dxportal.sheets.file_reader import read_file
from dxportal.sheets.models import Upload, UploadResult
from dxportal.sheets.parsed_file import RefusedFileError
from tests.conftest import ROOT
from tests.dxportal.sheets.files import READ, REFUSED
from tests.dxportal.sheets.sheet_uploads import load_sheet, save_workbook, send_sheet, sheet_csv
from tests.dxportal.staff.staff_actions import sign_in_as
from tests.examples import examples
from tests.timing import allow_seconds

SECONDS = 5.0
MEGABYTES = 300
HEADERS = ("key", "行キー")


@pytest.mark.parametrize(("name", "made", "words"), REFUSED, ids=[name for name, _, _ in REFUSED])
def test_a_file_that_cannot_be_read_is_answered_in_a_sentence(
    editor: User, name: str, made: Callable[[], bytes], words: str
) -> None:
    data = made()
    began = time.process_time()
    upload = send_sheet(editor, data, name)
    assert time.process_time() - began < allow_seconds(SECONDS)
    assert (upload.result, upload.problems) == (UploadResult.REFUSED, [])
    assert words in upload.reason
    assert upload.reason.endswith("。")
    assert not ChangeSet.objects.exists()


@pytest.mark.parametrize(("name", "made", "notes"), READ, ids=[name for name, _, _ in READ])
def test_a_file_that_is_only_unusual_is_read(
    editor: User, name: str, made: Callable[[], bytes], notes: list[str]
) -> None:
    upload = send_sheet(editor, made(), name)
    assert (upload.result, upload.reason, upload.rows) == (UploadResult.UNCHANGED, "", 17)
    assert [note for note in upload.notes if "版が分からない" not in note] == notes


def test_there_are_at_least_forty_files() -> None:
    assert len(REFUSED) + len(READ) >= 40


MEASURE = """
import re, sys
import django
django.setup()
from dxportal.sheets.parsed_file import RefusedFileError
from dxportal.sheets.file_reader import read_file
data = open(sys.argv[1], "rb").read()
try:
    read_file(data, ("key", "行キー"))
except RefusedFileError as error:
    print(error)
# The peak of this program alone: that of getrusage begins with the process it was forked from.
print(int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024)
"""


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["爆弾.xlsx", "行だらけ.xlsx", "欄だらけ.xlsx", "実体.xlsx", "最後の行.xlsx", "大きい.csv"]
)
def test_what_is_refused_takes_little_memory(tmp_path: object, name: str) -> None:
    made = next(made for one, made, _ in REFUSED if one == name)
    file = f"{tmp_path}/{name}"
    with open(file, "wb") as out:
        out.write(made())
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "dxportal.settings"}
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, file], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    sentence, megabytes = done.stdout.splitlines()
    assert sentence.endswith("。")
    assert int(megabytes) < MEGABYTES


@pytest.fixture
def sheets(db: None) -> list[bytes]:
    return [save_workbook(load_sheet()), sheet_csv()]


def answer(data: bytes) -> str:
    """The sentence with which a file is refused; one of our own where it is read."""
    try:
        read_file(data, HEADERS)
    except RefusedFileError as error:
        return str(error)
    return "読めた。"


@examples(60)
@given(st.data())
def test_any_damage_is_a_sentence(sheets: list[bytes], data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from(sheets))
    start = data.draw(st.integers(0, len(whole)))
    length = data.draw(st.integers(0, 200))
    assert answer(whole[:start] + data.draw(st.binary(max_size=50)) + whole[start + length :]).endswith("。")


@pytest.mark.on_no_database
@examples(100)
@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"PK\x03\x04", b"\xef\xbb\xbf", b"key,", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]),
)
def test_any_bytes_are_answered(content: bytes, beginning: bytes) -> None:
    assert answer(beginning + content).endswith("。")


def test_an_upload_that_is_too_large_is_not_even_kept(editor: User) -> None:
    client = sign_in_as(editor)
    file = SimpleUploadedFile("大きい.xlsx", b"a" * (6 * 1024 * 1024))
    response = client.post("/admin/sheets/", {"sheet": file}, follow=True)
    assert "5MBを超えています" in response.content.decode()
    assert not Upload.objects.exists()


def test_no_file_is_answered_too(editor: User) -> None:
    response = sign_in_as(editor).post("/admin/sheets/", {}, follow=True)
    assert "ファイルを選んでから" in response.content.decode()
