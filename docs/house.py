"""The house in figures: files, lines and what imports what.

python docs/house.py [CHECKOUT]
"""

import sys
from pathlib import Path

import grimp

ROOT = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()


def circles(graph: grimp.ImportGraph) -> list[list[str]]:
    """Groups of files each of which imports, directly or not, all others of its group."""
    below = {file: graph.find_upstream_modules(file) for file in graph.modules}
    groups = {
        frozenset({file, *(other for other in below[file] if file in below[other])})
        for file in graph.modules
    }
    return sorted(sorted(group) for group in groups if len(group) > 1)


def room(file: str) -> str:
    """The name at the package's top that a file belongs to; empty for the package itself."""
    return file.partition(".")[2].partition(".")[0]


def main() -> None:
    """Print the figures of a checkout, and each circle of files in it."""
    sys.path.insert(0, str(ROOT))
    graph = grimp.build_graph("softmax_cli", cache_dir=None)
    imports = {(a, b) for a in graph.modules for b in graph.find_modules_directly_imported_by(a)}
    rooms = {
        tuple(name.split(".")[1:2][0] if "." in name else "" for name in pair) for pair in imports
    }
    arrows = [(a, b) for a, b in rooms if a and b and a != b]
    package = ROOT / "softmax_cli"
    names = [path for path in package.iterdir() if path.suffix == ".py" or path.is_dir()]
    n_names = sum(path.name != "__pycache__" for path in names)
    n_lines = sum(len(path.read_text("utf-8").splitlines()) for path in package.rglob("*.py"))
    found = circles(graph)
    print(f"{n_names} names at the top, {len(graph.modules)} files, {n_lines:,} lines")
    print(f"{len(imports)} imports, {len(arrows)} arrows between rooms, {len(found)} circles")
    for circle in found:
        print(f"circle of {len(circle)}: {', '.join(circle)}")


if __name__ == "__main__":
    main()
