#!/usr/bin/env python3
"""Draws a flame graph of `perf script` output as one SVG file that stands alone.

    perf record -F 499 --call-graph dwarf -p PID -- sleep 3
    perf script | tools/flamegraph.py "a title" > flame.svg

A frame is as wide as its share of the samples; below it stands what called it. Hovering tells its
name and share. Frames below half a percent and what was inlined are left out, and
neighbours of one name become one; what has no name is called like its library.
"""

import html
import re
import sys
from collections.abc import Iterable, Iterator

WIDTH = 1200
ROW = 16
LEAST_SHARE = 0.005
PIXELS_PER_LETTER = 6.6


class Frame:
    def __init__(self) -> None:
        self.samples = 0
        self.callees: dict[str, Frame] = {}

    def add(self, stack: Iterable[str]) -> None:
        self.samples += 1
        frame = self
        for name in stack:
            frame = frame.callees.setdefault(name, Frame())
            frame.samples += 1


def without(text: str, opening: str, closing: str) -> str:
    """The text without what is in brackets of this kind, however deep."""
    depth, out = 0, []
    for letter in text:
        if letter == opening:
            depth += 1
        elif letter == closing and depth:
            depth -= 1
        elif not depth:
            out.append(letter)
    return "".join(out)


def short(name: str, library: str) -> str:
    if name == "[unknown]" or name.startswith("0x"):
        return library.rsplit("/", 1)[-1].split(".so", 1)[0]
    name = name.replace("(anonymous namespace)::", "").replace("operator()", "call")
    name = without(without(name, "<", ">"), "(", ")")
    return name.removeprefix("onsale::").replace("boost::asio::detail::", "asio::").strip()


def stacks(lines: Iterable[str]) -> Iterator[list[str]]:
    """Each sample from its outermost caller to where it was."""
    line_of_frame = re.compile(r"^\s+[0-9a-f]+ (.+?)(?:\+0x[0-9a-f]+)? \((.+)\)$")
    stack: list[str] = []
    for line in lines:
        if match := line_of_frame.match(line.rstrip("\n")):
            if match[2] == "inlined":
                continue
            name = short(match[1], match[2])
            if not stack or stack[-1] != name:
                stack.append(name)
        elif not line.strip() and stack:
            yield stack[::-1]
            stack = []
    if stack:
        yield stack[::-1]


def depth_of(frame: Frame, least: float) -> int:
    return 1 + max((depth_of(callee, least) for callee in frame.callees.values()
                    if callee.samples >= least), default=0)


def colour(name: str) -> str:
    """Warm, and the same for the same name."""
    shade = sum(map(ord, name))
    return f"rgb({205 + shade % 50},{90 + shade * 7 % 120},{shade * 3 % 60})"


def draw(frame: Frame, name: str, x: float, y: int, scale: float, total: int) -> Iterator[str]:
    width = frame.samples * scale
    text = html.escape(name)
    share = f"{100 * frame.samples / total:.1f} %"
    letters = int((width - 4) / PIXELS_PER_LETTER)
    label = html.escape(name if len(name) <= letters else name[: max(letters - 1, 0)] + "…")
    yield (f'<g><title>{text}, {share}</title><rect x="{x:.1f}" y="{y}" width="{width:.1f}" '
           f'height="{ROW - 1}" fill="{colour(name)}"/>')
    if letters >= 3:
        yield f'<text x="{x + 2:.1f}" y="{y + ROW - 5}">{label}</text>'
    yield "</g>\n"
    for callee_name, callee in sorted(frame.callees.items()):
        if callee.samples >= total * LEAST_SHARE:
            yield from draw(callee, callee_name, x, y - ROW, scale, total)
        x += callee.samples * scale


def main() -> None:
    root = Frame()
    for stack in stacks(sys.stdin):
        root.add(stack)
    if not root.samples:
        sys.exit("flamegraph: no samples on stdin; it takes what `perf script` prints")
    title = html.escape(sys.argv[1] if len(sys.argv) > 1 else "profile")
    height = ROW * depth_of(root, root.samples * LEAST_SHARE) + 2 * ROW
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
          f'font-family="monospace" font-size="11" role="img"><title>{title}</title>\n'
          f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>'
          f'<text x="4" y="{ROW}" font-size="13">{title} ({root.samples} samples)</text>')
    sys.stdout.writelines(
        draw(root, "all", 0, height - ROW, WIDTH / root.samples, root.samples))
    print("</svg>")


if __name__ == "__main__":
    main()
