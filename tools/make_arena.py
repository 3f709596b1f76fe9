#!/usr/bin/env python3
"""Draws the demo's seating plans: data/plans/arena.json and data/plans/hall.json.

The arena is a concert bowl with an end stage: six blocks of chairs on the floor and two
rings of sections round it, on ellipses, open behind the stage. The plans are in the JSON
format of the pretix seating plan editor. One plan unit is 2 cm, so that the editor's own
defaults (25 units from seat to seat, radius 10) are real seats: 0.5 m apart.

Only arithmetic, no randomness: every run writes the same bytes.
"""

import json
import math
import pathlib
from bisect import bisect_left
from dataclasses import dataclass

UNITS_PER_METRE = 50
SEAT_PITCH = 0.5  # metres, like all lengths below
SEAT_DISTANCE_MIN = 0.4
AISLE = 1.2
MARGIN = 3.0
ROW_NAMES = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # without I and O, which read like 1 and 0

ARENA_CATEGORIES = [
    ("VIP", "#b5179e"),
    ("R", "#e63946"),
    ("S", "#f3722c"),
    ("A", "#f9c74f"),
    ("B", "#43aa8b"),
    ("C", "#4d79c7"),
]
HALL_CATEGORIES = [("VIP", "#b5179e"), ("R", "#e63946"), ("S", "#f3722c"), ("A", "#f9c74f")]


@dataclass(frozen=True)
class Ring:
    """One tier of the bowl. The centre of the floor is (0, 0), the stage is at negative y."""

    first_section: int
    sections: int
    rows: int
    row_pitch: float
    inner_x: float  # semi-axes of the first row
    inner_y: float
    opening: float  # degrees to either side of the stage's axis that carry no seats


LOWER = Ring(101, 16, 16, 0.85, 23.0, 33.0, 36.0)
UPPER = Ring(201, 20, 12, 0.85, 40.5, 50.5, 36.0)

FLOOR_ACROSS, FLOOR_DEEP = 3, 2
FLOOR_SEATS, FLOOR_ROWS, FLOOR_ROW_PITCH = 16, 16, 0.9
FLOOR_FRONT = -11.0
FLOOR_AISLE = 2.0
STAGE = [(-13, -27), (13, -27), (13, -17), (2.5, -17), (2.5, -13.5), (-2.5, -13.5), (-2.5, -17),
         (-13, -17)]


class Arc:
    """A row of a ring: finds the point that is a given length along it."""

    STEPS = 6000

    def __init__(self, ring: Ring, row: int):
        self.x = ring.inner_x + row * ring.row_pitch
        self.y = ring.inner_y + row * ring.row_pitch
        # Clockwise on the page from the stage's right-hand side, all the way round to its left.
        self.begin = math.radians(-90 + ring.opening)
        self.step = (math.radians(270 - ring.opening) - self.begin) / self.STEPS
        self.lengths = [0.0]
        previous = self.at(0)
        for index in range(1, self.STEPS + 1):
            point = self.at(index)
            self.lengths.append(self.lengths[-1] + math.dist(previous, point))
            previous = point

    def at(self, index: float):
        angle = self.begin + index * self.step
        return self.x * math.cos(angle), self.y * math.sin(angle)

    def length_at(self, index: float) -> float:
        whole = min(int(index), self.STEPS - 1)
        return self.lengths[whole] + (index - whole) * (
            self.lengths[whole + 1] - self.lengths[whole])

    def index_at(self, length: float) -> float:
        after = max(1, bisect_left(self.lengths, length))
        span = self.lengths[after] - self.lengths[after - 1]
        return after - 1 + (length - self.lengths[after - 1]) / span


def ring_section(arcs, begin, end):
    """The rows of one section: seats at the seat pitch, centred between its two aisles."""
    for arc in arcs:
        left, right = arc.length_at(begin), arc.length_at(end)
        count = int((right - left - AISLE) / SEAT_PITCH) + 1
        first = (left + right - (count - 1) * SEAT_PITCH) / 2
        yield [arc.at(arc.index_at(first + seat * SEAT_PITCH)) for seat in range(count)]


def ring_category(ring: Ring, section: int, row: int) -> str:
    """The sides near the stage cost most, the far curve and the last rows least."""
    behind = abs(section - (ring.sections - 1) / 2) <= ring.sections / 8
    if ring is LOWER:
        return "A" if behind or row >= 9 else "S"
    return "C" if behind or row >= 6 else "B"


def ring_zones(ring: Ring):
    arcs = [Arc(ring, row) for row in range(ring.rows)]
    # Sections are equally wide in the middle of the tier; their aisles run straight outwards.
    middle = arcs[ring.rows // 2]
    bounds = [middle.index_at(middle.lengths[-1] * i / ring.sections)
              for i in range(ring.sections + 1)]
    for section in range(ring.sections):
        rows = ring_section(arcs, bounds[section], bounds[section + 1])
        yield str(ring.first_section + section), [
            (ROW_NAMES[row], ring_category(ring, section, row), seats)
            for row, seats in enumerate(rows)]


def floor_zones():
    width = (FLOOR_SEATS - 1) * SEAT_PITCH
    depth = (FLOOR_ROWS - 1) * FLOOR_ROW_PITCH
    left = -(FLOOR_ACROSS * width + (FLOOR_ACROSS - 1) * FLOOR_AISLE) / 2
    for block in range(FLOOR_ACROSS * FLOOR_DEEP):
        across, deep = block % FLOOR_ACROSS, block // FLOOR_ACROSS
        x = left + across * (width + FLOOR_AISLE)
        y = FLOOR_FRONT + deep * (depth + FLOOR_AISLE)
        yield f"F{block + 1}", [
            (ROW_NAMES[row], "R" if deep else "VIP",
             [(x + seat * SEAT_PITCH, y + row * FLOOR_ROW_PITCH) for seat in range(FLOOR_SEATS)])
            for row in range(FLOOR_ROWS)]


def tenths(metres: float) -> int:
    """Positions are kept in tenths of a plan unit, so that sums in the file are exact."""
    return round(metres * UNITS_PER_METRE * 10)


def position(x_tenths: int, y_tenths: int) -> dict:
    def plain(value):
        return value // 10 if value % 10 == 0 else value / 10
    return {"x": plain(x_tenths), "y": plain(y_tenths)}


def zone_json(name, zone_id, rows, origin):
    """As the editor nests them: seats relative to their row, rows relative to their zone."""
    placed = [(row_name, category, numbers, [
        (tenths(x + origin[0]), tenths(y + origin[1])) for x, y in seats])
        for row_name, category, numbers, seats in rows]
    zone_x, zone_y = placed[0][3][0]
    zone = {"name": name, "zone_id": zone_id, "position": position(zone_x, zone_y),
            "rows": [], "areas": []}
    for row_name, category, numbers, seats in placed:
        row_x, row_y = seats[0]
        prefix = "-".join(part for part in (zone_id, row_name) if part)
        zone["rows"].append({
            "row_number": row_name,
            "row_number_position": "start",
            "position": position(row_x - zone_x, row_y - zone_y),
            "seats": [{"seat_number": number, "seat_guid": f"{prefix}-{number}",
                       "position": position(x - row_x, y - row_y), "category": category}
                      for number, (x, y) in zip(numbers, seats)]})
    return zone


def stage_area(corners, origin, text_at):
    points = [position(tenths(x + origin[0]), tenths(y + origin[1])) for x, y in corners]
    text = position(tenths(text_at[0] + origin[0]), tenths(text_at[1] + origin[1]))
    return {"shape": "polygon", "color": "#2b2d42", "border_color": "#14151f", "rotation": 0,
            "position": {"x": 0, "y": 0}, "polygon": {"points": points},
            "text": {"text": "STAGE", "color": "#ffffff", "size": 150, "position": text}}


def plan_json(name, categories, zones, width, height):
    return {"name": name,
            "categories": [{"name": category, "color": color} for category, color in categories],
            "size": {"width": math.ceil(width * UNITS_PER_METRE),
                     "height": math.ceil(height * UNITS_PER_METRE)},
            "zones": zones}


def arena():
    sections = [*floor_zones(), *ring_zones(LOWER), *ring_zones(UPPER)]
    points = [point for _, rows in sections for _, _, seats in rows for point in seats]
    points += STAGE
    left, top = min(x for x, _ in points), min(y for _, y in points)
    right, bottom = max(x for x, _ in points), max(y for _, y in points)
    origin = (MARGIN - left, MARGIN - top)

    zones = [{"name": "Stage", "zone_id": "stage", "position": {"x": 0, "y": 0}, "rows": [],
              "areas": [stage_area(STAGE, origin, (0, -22))]}]
    for name, rows in sections:
        numbered = [(row, category, [str(i + 1) for i in range(len(seats))], seats)
                    for row, category, seats in rows]
        zones.append(zone_json(name, name, numbered, origin))
    return plan_json("Arena", ARENA_CATEGORIES, zones,
                     right - left + 2 * MARGIN, bottom - top + 2 * MARGIN)


def hall():
    """50 seats numbered straight through, without names for rows: labels are 1 to 50."""
    rows = []
    for row, category in enumerate(("VIP", "R", "S", "A", "A")):
        numbers = [str(row * 10 + i + 1) for i in range(10)]
        seats = [(i * SEAT_PITCH + (AISLE if i >= 5 else 0), row * 0.9) for i in range(10)]
        rows.append(("", category, numbers, seats))
    zone = zone_json("", "hall", rows, (1.5, 4.0))
    zone["areas"].append(stage_area([(0.5, 0.5), (8.2, 0.5), (8.2, 2.5), (0.5, 2.5)], (0, 0),
                                    (4.35, 1.5)))
    # An area lies relative to its zone, like a row.
    zone["areas"][0]["position"] = position(-tenths(1.5), -tenths(4.0))
    zone["areas"][0]["text"]["size"] = 30
    return plan_json("Hall", HALL_CATEGORIES, [zone], 8.7, 9.1)


def seat_positions(plan):
    for zone in plan["zones"]:
        for row in zone["rows"]:
            for seat in row["seats"]:
                parts = [part["position"] for part in (zone, row, seat)]
                yield sum(p["x"] for p in parts), sum(p["y"] for p in parts)


def distance_min(points, cell=SEAT_PITCH * UNITS_PER_METRE * 2):
    """The distance of the two closest seats in plan units (any below `cell` is found)."""
    grid = {}
    for point in points:
        grid.setdefault((int(point[0] // cell), int(point[1] // cell)), []).append(point)
    closest = math.inf
    for (column, line), here in grid.items():
        near = [point for dx in (-1, 0, 1) for dy in (-1, 0, 1)
                for point in grid.get((column + dx, line + dy), [])]
        for point in here:
            for other in near:
                if other is not point:
                    closest = min(closest, math.dist(point, other))
    return closest


def write(plan, path):
    """One seat a line: compact, and a change of the plan can be read as a diff."""
    closest = distance_min(list(seat_positions(plan))) / UNITS_PER_METRE
    if closest < SEAT_DISTANCE_MIN:
        raise SystemExit(f"{path.name}: two seats are only {closest:.2f} m apart")
    text = json.dumps(plan, ensure_ascii=False, separators=(",", ":"))
    for start in ('{"seat_number"', '{"row_number"', '{"name"'):
        text = text.replace(start, "\n" + start)
    text = text.lstrip("\n") + "\n"
    path.write_text(text, encoding="utf-8")
    print(f"{path.name}: {text.count('seat_guid')} seats, closest {closest:.3f} m, "
          f"{len(text) // 1024} KiB")


def main():
    folder = pathlib.Path(__file__).resolve().parent.parent / "data" / "plans"
    folder.mkdir(parents=True, exist_ok=True)
    write(arena(), folder / "arena.json")
    write(hall(), folder / "hall.json")


if __name__ == "__main__":
    main()
