"""Layout of the promotion structure as an SVG: bodies in a column, arrows on tracks beside them.

Positions are computed, not stored: bodies are in printed order, and shorter arrows take the inner tracks. Units are
those of the SVG's viewBox.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from typing import Any

from catalog.models import PromotionBody, PromotionLink

BOX_WIDTH, LINE_HEIGHT, PADDING, GAP = 300, 20, 12, 14
MARGIN, TRACK, PORT, LABELS = 4, 28, 14, 320
CHARACTERS_PER_BOX_LINE = 19  # full-width characters per line of a box


@dataclass(frozen=True)
class BoxText:
    text: str
    x: int
    y: int
    is_detail: bool


@dataclass(frozen=True)
class Box:
    x: int
    y: int
    width: int
    height: int
    lines: list[BoxText]


@dataclass(frozen=True)
class Arrow:
    """A numbered arrow: its path, its head, and the positions of its number and label."""

    number: int
    label: str
    is_inferred: bool
    path: str
    head: str
    x: int
    y: int
    text_y: int
    label_y: int


@dataclass(frozen=True)
class Diagram:
    width: int
    height: int
    labels_x: int
    boxes: list[Box]
    arrows: list[Arrow]

    @classmethod
    def lay_out(cls, bodies: Iterable[PromotionBody], links: Iterable[PromotionLink]) -> Diagram:
        """Lay out the bodies, and the links with both ends known; a link's number is its position in the list."""
        complete_links = [(number, link) for number, link in enumerate(links, 1) if link.source_id and link.target_id]
        ports: dict[Any, list[tuple[int, str]]] = defaultdict(list)
        for number, link in complete_links:
            ports[link.source_id].append((number, "out"))
            ports[link.target_id].append((number, "in"))
        boxes, ends, bottom = place_boxes(bodies, ports)
        spans = {number: sorted((ends[number, "out"], ends[number, "in"])) for number, _ in complete_links}
        tracks = assign_tracks(spans)
        left = MARGIN + BOX_WIDTH
        labels_x = left + TRACK * (max(tracks.values(), default=0) + 2)
        label_ys = spread_labels([(sum(spans[number]) // 2, number) for number, _ in complete_links])
        arrows = []
        for number, link in complete_links:
            start, end = ends[number, "out"], ends[number, "in"]
            x, middle = left + TRACK * (tracks[number] + 1), (start + end) // 2
            arrows.append(
                Arrow(
                    number=number,
                    label=link.label,
                    is_inferred=bool(link.editorial_note),
                    path=f"M{left} {start}H{x}V{end}H{left + 8}",
                    head=f"M{left} {end}l10 -5v10z",
                    x=x,
                    y=middle,
                    text_y=middle + 5,
                    label_y=label_ys[number] + 5,
                )
            )
        bottom = max([bottom, *(y + GAP for y in label_ys.values())])
        return cls(labels_x + LABELS, bottom + MARGIN, labels_x, boxes, arrows)


def place_boxes(
    bodies: Iterable[PromotionBody], ports: dict[Any, list[tuple[int, str]]]
) -> tuple[list[Box], dict[tuple[int, str], int], int]:
    """Stack boxes, tall enough for their text and arrows; return them, the y of every arrow's end, and the bottom."""
    boxes, ends, y = [], {}, MARGIN
    for body in bodies:
        texts = [(text, False) for text in wrap_box_text(body.name)] + [
            (text, True) for text in wrap_box_text(body.detail)
        ]
        arrow_ends = ports[body.pk]
        height = max(LINE_HEIGHT * len(texts) + PADDING, PORT * (len(arrow_ends) + 1))
        first = y + (height - LINE_HEIGHT * len(texts)) // 2 + 15
        lines = [
            BoxText(text, MARGIN + PADDING, first + LINE_HEIGHT * line, is_detail)
            for line, (text, is_detail) in enumerate(texts)
        ]
        boxes.append(Box(MARGIN, y, BOX_WIDTH, height, lines))
        for position, end in enumerate(arrow_ends, 1):
            ends[end] = y + height * position // (len(arrow_ends) + 1)
        y += height + GAP
    return boxes, ends, y


def wrap_box_text(text: str) -> list[str]:
    return [text[start : start + CHARACTERS_PER_BOX_LINE] for start in range(0, len(text), CHARACTERS_PER_BOX_LINE)]


def assign_tracks(spans: dict[int, list[int]]) -> dict[int, int]:
    """Assign a track to each span, the shortest innermost; overlapping spans never share one."""
    occupied: dict[int, list[list[int]]] = defaultdict(list)
    tracks = {}
    for number, (top, bottom) in sorted(spans.items(), key=lambda item: (item[1][1] - item[1][0], item[0])):
        free = (track for track in count() if all(bottom + PORT < a or b + PORT < top for a, b in occupied[track]))
        tracks[number] = next(free)
        occupied[tracks[number]].append([top, bottom])
    return tracks


def spread_labels(heights: list[tuple[int, int]]) -> dict[int, int]:
    """Return the y of each label, near its arrow and without overlaps."""
    label_ys, lowest = {}, 0
    for height, number in sorted(heights):
        label_ys[number] = lowest = max(height, lowest + LINE_HEIGHT)
    return label_ys
