"""Whatever a small file claims to hold: it is answered within five seconds and 300 MB, its marked copy included."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.dxportal.sheets.hostile import HOSTILE

SECONDS, MEGABYTES = 5.0, 300

# One program that loads Django once and reads each file in a child of its own, whose peak begins with what is loaded.
MEASURE = """
import json, os, re, sys, time
import django
django.setup()
from dxportal.sheets.annotated_copy import annotate
from dxportal.sheets.parsed_file import RefusedFileError, SheetProblem
from dxportal.sheets.file_reader import read_file

def answer(data):
    try:
        file = read_file(data, ("key", "行キー"))
    except RefusedFileError as error:
        return str(error)
    annotate(file, [SheetProblem(file.sheet, 2, 1, "", "", "直してください。")], [], {1: ["はい", "いいえ"]})
    return ""

for path in sys.argv[1:]:
    data = open(path, "rb").read()
    sys.stdout.flush()
    if os.fork():
        os.wait()
        continue
    began = time.process_time()
    sentence = answer(data)
    seconds = time.process_time() - began
    peak = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024
    print(json.dumps([os.path.basename(path), sentence, seconds, peak]), flush=True)
    os._exit(0)
"""


@pytest.mark.django_db
@pytest.mark.slow
def test_each_file_is_answered_soon_and_in_little_memory(tmp_path: Path) -> None:
    for number, (_, made, _) in enumerate(HOSTILE):
        (tmp_path / str(number)).write_bytes(made())
    files = [str(tmp_path / str(number)) for number in range(len(HOSTILE))]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "dxportal.settings"}
    done = subprocess.run(
        ["bash", "-c", 'ulimit -v 3000000 -t 300; exec "$@"', "-", sys.executable, "-c", MEASURE, *files],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    answers = {int(name): answer for name, *answer in map(json.loads, done.stdout.splitlines())}
    faults = []
    for number, (name, _, words) in enumerate(HOSTILE):
        sentence, seconds, megabytes = answers.get(number, ["the program has ended", 0, 0])
        is_expected = words in sentence and bool(words) == bool(sentence)
        if not is_expected or seconds > SECONDS or megabytes > MEGABYTES:
            faults.append((name, sentence, seconds, megabytes))
    assert faults == []
