"""Finds imports that climb, and cycles of imports. A file is named by its path below the sources."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from tests.layers.rules import Layers

# Which files each file reads.
Edges = dict[str, set[str]]


def layer_of(file: str) -> str:
    """The folder or file right below the sources."""
    return PurePosixPath(file).parts[0].partition(".")[0]


def reachable(edges: Edges, start: str) -> set[str]:
    """All that is read from `start` on, itself only if a cycle leads back to it."""
    seen: set[str] = set()
    to_see = [start]
    while to_see:
        new = edges.get(to_see.pop(), set()) - seen
        seen |= new
        to_see.extend(new)
    return seen


def climbs(edges: Edges, layers: Layers) -> list[str]:
    """Each import that the layers do not allow, and each file that is in none of them."""
    may_read = {layer: set(below) for layer, below in layers.items()}
    found = [
        f"{file}: in no layer; add it to tests/layers/rules.py"
        for file in sorted(edges)
        if layer_of(file) not in layers
    ]
    for file, target in pairs(edges):
        layer, below = layer_of(file), layer_of(target)
        if layer in layers and layer != below and below not in reachable(may_read, layer):
            found.append(f"{file} reads {target}, and '{layer}' may not read '{below}'")
    return found


def cycles(edges: Edges) -> list[str]:
    """Each cycle among the files and folders of a folder, shown by the imports of the shortest one."""
    return [line for folder in folders(edges) for line in cycles_in(folder, edges)]


def cycles_in(folder: str, edges: Edges) -> Iterator[str]:
    between: dict[tuple[str, str], str] = {}
    for file, target in pairs(edges):
        one, other = entry(file, folder), entry(target, folder)
        if one and other and one != other:
            between.setdefault((one, other), f"{file} reads {target}")
    graph: Edges = {}
    for one, other in between:
        graph.setdefault(one, set()).add(other)
    reported: set[str] = set()
    for start in sorted(graph):
        cycle = shortest_cycle(graph, start) if start not in reported else []
        if cycle:
            others = {one for one in reachable(graph, start) if start in reachable(graph, one)}
            reported |= others
            steps = zip(cycle, [*cycle[1:], cycle[0]], strict=True)
            among = f"{', '.join(sorted(others))} in '{folder}': "
            yield among + "; ".join(between[step] for step in steps)


def shortest_cycle(graph: Edges, start: str) -> list[str]:
    """The way from `start` back to it with the fewest steps, empty if there is none."""
    ways = [[start]]
    seen: set[str] = set()
    for way in ways:
        for target in sorted(graph.get(way[-1], set()) - seen):
            if target == start:
                return way
            seen.add(target)
            ways.append([*way, target])
    return []


def folders(edges: Edges) -> list[str]:
    return sorted({str(parent) for file in edges for parent in PurePosixPath(file).parents})


def entry(file: str, folder: str) -> str:
    """What is right below the folder and is the file or has it in it; empty if the file is not below."""
    path, above = PurePosixPath(file), PurePosixPath(folder)
    return path.relative_to(above).parts[0] if above in path.parents else ""


def pairs(edges: Edges) -> list[tuple[str, str]]:
    return [(file, target) for file in sorted(edges) for target in sorted(edges[file])]
