"""The published texts, read from the plan folder and not from the index, and other ways to write them."""

from __future__ import annotations

import random
from collections.abc import Iterator

from dxportal.planfiles import schema
from dxportal.planfiles.row_base import PlanFileRow
from dxportal.planfiles.schema import Folder

# Fields whose text names another row, a choice or a sign, and is no text that people read.
NO_TEXT = {
    *("code", "project", "stage", "kind", "nature", "mark", "part", "source", "target", "brackets"),
    *("repeat_mark", "sakigake_label", "role", "covers"),
}
TO_HALF_WIDTH = dict(
    zip(
        "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲンァィゥェォッャュョー",
        "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝｧｨｩｪｫｯｬｭｮｰ",
        strict=True,
    )
)
DASHES = "ー－‐−—―–〜～~-"


def published(folder: Folder) -> list[str]:
    """Every text of a folder that the public reads, as transcribed; a stage without an amount is not public."""
    used = {line.stage for project in folder.projects for line in project.budget_lines}
    stages = [stage for stage in folder.stages if stage.code in used]
    rows: list[PlanFileRow] = [folder.plan, *folder.departments, *stages, *folder.projects, *folder.documents]
    return [text for row in rows for text in texts_of(row) if text]


def texts_of(row: PlanFileRow) -> Iterator[str]:
    by_code = isinstance(row, schema.ProjectRow | schema.BudgetLineRow)  # others name a department as it is printed
    for name in type(row).model_fields:
        value = getattr(row, name)
        if name in NO_TEXT:
            continue
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, PlanFileRow):
                yield from texts_of(one)
            elif isinstance(one, str) and not (by_code and name == "department"):
                yield one


def varied(text: str, chance: random.Random) -> str:
    """The same to a reader: another width, case, kana, dash; spaces inside."""
    return "".join(other(character, chance) for character in text)


def other(character: str, chance: random.Random) -> str:
    ways = [character]
    if "ァ" <= character <= "ヶ":
        ways += [chr(ord(character) - 0x60), TO_HALF_WIDTH.get(character, character)]
    elif "ぁ" <= character <= "ゖ":
        ways.append(chr(ord(character) + 0x60))
    elif "！" <= character <= "～" and character not in DASHES:
        narrow = chr(ord(character) - 0xFEE0)
        ways += [narrow, narrow.lower(), narrow.upper()]
    elif "!" <= character <= "~" and character not in DASHES:
        ways += [chr(ord(character) + 0xFEE0), character.upper()]
    elif character in DASHES:
        ways += DASHES
    return chance.choice(ways) + chance.choice(["", "", "", "", " ", "　"])
