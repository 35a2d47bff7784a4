"""The house: which room may import which, and what every room keeps to.

The rooms are parsed, not imported, so that what only a type checker reads is seen too.
"""

from __future__ import annotations

import ast
import inspect
import unittest
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Set, Tuple

import tripwire

PACKAGE = Path(tripwire.__file__).resolve().parent
TESTS = Path(__file__).resolve().parent
LONGEST = 400
PYTHON_FILES = "*.py"

# Each room with the rooms it imports, from the ground up: a room imports only what stands above it
# in this table. `plugins._memcache` is `memcache` here, to keep the lines short.
ROOMS: Dict[str, str] = {
    "errors": "",
    "_timeline": "",
    "_ambient": "",
    "_callsite": "_timeline",
    "_matching": "",
    "_mocks": "_timeline",
    "_repr": "_mocks",
    "_difference": "_mocks _repr",
    "_text": "_callsite _mocks _repr _timeline",
    "_plugin": "_ambient _mocks _timeline",
    "_sandbox": "_ambient",
    "_violations": "_repr _timeline errors",
    "_messages": "_mocks _repr _text _timeline",
    "_unmocked": "_difference _mocks _text _timeline",
    "_report": "_difference _mocks _plugin _repr _text _timeline _violations errors",
    "_verifier": "_ambient _callsite _messages _mocks _plugin _report _sandbox _timeline "
    "_violations errors",
    "plugins": "",
    "memcache": "",
    "memcache.commands": "",
    "memcache.snapshot": "",
    "memcache.verdicts": "_mocks",
    "memcache.call": "",
    "memcache.stats": "_matching",
    "memcache.reply": "memcache.call memcache.stats",
    "memcache.values": "_matching _repr memcache.reply",
    "memcache.hits": "_matching memcache.call memcache.reply memcache.values",
    "memcache.encoding": "memcache.call memcache.hits memcache.reply memcache.stats",
    "memcache.judging": "_matching _repr memcache.call memcache.hits memcache.reply "
    "memcache.snapshot memcache.values",
    "memcache.replies": "memcache.reply memcache.verdicts",
    "memcache.helpers": "_mocks _plugin _repr memcache.commands memcache.replies",
    "memcache.wire": "_mocks _timeline memcache.commands memcache.replies memcache.snapshot "
    "memcache.verdicts",
    "memcache.interception": "_ambient _callsite _messages errors memcache.commands memcache.wire",
    "memcache.assertions": "_messages _verifier errors memcache.commands memcache.helpers",
    "memcache.registering": "_callsite _messages _mocks errors memcache.assertions "
    "memcache.commands memcache.helpers memcache.replies",
    "plugins.memcache_plugin": "_messages _mocks _plugin _timeline _unmocked _verifier errors "
    "memcache.assertions memcache.commands memcache.helpers memcache.interception "
    "memcache.registering memcache.replies memcache.verdicts",
    "_module": "_ambient _messages _sandbox _verifier errors plugins.memcache_plugin",
    "_strict": "_ambient _verifier _violations errors plugins.memcache_plugin",
    "testcase": "_messages _sandbox _strict _verifier errors plugins.memcache_plugin",
    "": "_module _sandbox _strict _timeline _verifier _violations errors plugins.memcache_plugin "
    "testcase",
}

# What rooms know of each other by type alone, under `if TYPE_CHECKING`.
TYPES: Dict[str, str] = {
    "_ambient": "_plugin _sandbox _verifier",
    "_sandbox": "_verifier",
    "memcache.wire": "plugins.memcache_plugin",
    "memcache.interception": "plugins.memcache_plugin",
}

# The edge of the house: what a user meets, and what the core must not know.
EDGE = {"", "_module", "_strict", "testcase"}


class Imports(NamedTuple):
    """What a file imports: at run time, for types alone, and inside functions."""

    run_time: Set[str]
    types: Set[str]
    inside: Set[str]


@lru_cache(None)
def imports(source: str) -> Imports:
    """Read the imports of a file: each module, or name of a module, by its full name."""
    tree = ast.parse(source)
    for_types: Set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            for_types |= all_imported(node)
            node.body = []
    functions = [node for node in ast.walk(tree) if isinstance(node, FUNCTIONS)]
    inside = {name for function in functions for name in all_imported(function)}
    return Imports(all_imported(tree), for_types, inside)


FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def all_imported(tree: ast.AST) -> Set[str]:
    """Return what is imported anywhere in a piece of a file."""
    return {name for node in ast.walk(tree) for name in imported(node)}


def imported(node: ast.AST) -> List[str]:
    """Return what one statement imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        start = "." * node.level + (node.module or "")
        return [f"{start}.{alias.name}" for alias in node.names]
    return []


def short(room: str) -> str:
    """Return the name of a room as the tables have it."""
    return room.replace("tripwire.", "", 1).replace("plugins._memcache", "memcache")


def room_of(path: Path) -> str:
    """Return which room a file is."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return short(".".join(part for part in parts if part != "__init__"))


FILES = {room_of(path): path for path in sorted(PACKAGE.rglob(PYTHON_FILES))}
SOURCES = {room: path.read_text(encoding="utf-8") for room, path in FILES.items()}


def rooms(names: Set[str]) -> Set[str]:
    """Return the rooms that are imported under some names: themselves, or something in them."""
    own = {short(name) for name in names if name.split(".")[0] == "tripwire"}
    return {name if name in FILES else name.rpartition(".")[0] for name in own}


class EdgesTest(unittest.TestCase):
    """Imports run one way."""

    def test_every_room_imports_what_the_table_says(self) -> None:
        """A new room, a new edge, and one that is gone: each has to be written down."""
        met = {room: rooms(imports(source).run_time) for room, source in SOURCES.items()}
        self.assertEqual(met, {room: set(edges.split()) for room, edges in ROOMS.items()})

    def test_every_room_knows_by_type_what_the_table_says(self) -> None:
        """These edges run backwards, and exist for the type checker alone."""
        met = {room: rooms(imports(source).types) for room, source in SOURCES.items()}
        known = {room: edges for room, edges in met.items() if edges}
        self.assertEqual(known, {room: set(edges.split()) for room, edges in TYPES.items()})

    def test_table_runs_one_way(self) -> None:
        """What a room imports stands above it, so there is no circle."""
        above: Set[str] = set()
        for room, edges in ROOMS.items():
            self.assertLessEqual(set(edges.split()), above, room)
            above.add(room)

    def test_core_imports_no_plugin_and_nobody_the_front_door(self) -> None:
        """Said of the table, which is what the files do."""
        for room, edges in ROOMS.items():
            imported = set(edges.split())
            self.assertNotIn("", imported, room)
            if room not in EDGE and not room.startswith(("plugins", "memcache")):
                outside = [name for name in imported if name.startswith(("plugins", "memcache"))]
                self.assertEqual(outside, [], room)
            if room not in EDGE:
                self.assertEqual(imported & EDGE, set(), room)

    def test_errors_and_timeline_import_nothing(self) -> None:
        """They are the ground."""
        self.assertEqual((ROOMS["errors"], ROOMS["_timeline"]), ("", ""))

    def test_nothing_but_pymemcache_is_imported_inside_a_function(self) -> None:
        """That one because `import tripwire` works without it."""
        for room, source in SOURCES.items():
            inside = {name.split(".")[0] for name in imports(source).inside}
            allowed = {"pymemcache"} if room.startswith("memcache.") else set()
            self.assertLessEqual(inside, allowed, room)
            top = {name.split(".")[0] for name in imports(source).run_time} - inside
            self.assertNotIn("pymemcache", top, room)

    def test_reader_of_imports_sees_every_kind(self) -> None:
        """In any spelling, at any depth."""
        source = (
            "import tripwire._mocks as m\n"
            "from tripwire import _ambient, errors\n"
            "from tripwire.plugins._memcache.wire import Wire\n"
            "if typing.TYPE_CHECKING:\n    from tripwire import _verifier, _ambient\n"
            "class C:\n    async def f(self):\n        from tripwire import StrictVerifier\n"
        )
        found = imports(source)
        self.assertEqual(
            rooms(found.run_time), {"_mocks", "_ambient", "errors", "memcache.wire", ""}
        )
        self.assertEqual(
            (rooms(found.types), rooms(found.inside)), ({"_verifier", "_ambient"}, {""})
        )
        self.assertEqual(imports("from . import a\nfrom ..b import c").run_time, {"..a", "..b.c"})

    def test_no_import_is_relative(self) -> None:
        """So that the tables see them all."""
        for room, source in SOURCES.items():
            names = [name for name in imports(source).run_time if name.startswith(".")]
            self.assertEqual(names, [], room)


class FilesTest(unittest.TestCase):
    """Every file has one job, and says which."""

    def test_no_file_is_long(self) -> None:
        """About 400 lines are what one reads at a time."""
        lines = {room: len(source.splitlines()) for room, source in SOURCES.items()}
        self.assertEqual({room: n for room, n in lines.items() if n > LONGEST}, {})

    def test_every_file_says_what_it_is_for(self) -> None:
        """In its docstring."""
        for room, source in SOURCES.items():
            self.assertTrue(ast.get_docstring(ast.parse(source)), room)


class FrontDoorTest(unittest.TestCase):
    """`tripwire` itself: names, and nothing else."""

    def test_all_is_what_the_front_door_imports(self) -> None:
        """Sorted, and with nothing that makes the module work."""
        names = {name.rpartition(".")[2] for name in imports(SOURCES[""]).run_time}
        self.assertEqual(set(tripwire.__all__), names - {"make_usable"})
        self.assertEqual(len(tripwire.__all__), len(set(tripwire.__all__)))

    def test_every_public_name_has_a_docstring(self) -> None:
        """Each class and function, and each public member of a class."""
        without = [
            name
            for exported in tripwire.__all__
            for name, value in documented(exported, getattr(tripwire, exported))
            if not inspect.getdoc(value)
        ]
        self.assertEqual(without, [])


def documented(name: str, value: Any) -> Iterator[Tuple[str, Any]]:
    """Give what has to have a docstring: the object, and what a class of tripwire defines."""
    yield name, value
    for owner in inspect.getmro(value) if inspect.isclass(value) else ():
        if owner.__module__.startswith("tripwire"):
            for member, defined in vars(owner).items():
                if not member.startswith("_") and (callable(defined) or hasattr(defined, "fget")):
                    yield f"{name}.{member}", defined


class PublicTest(unittest.TestCase):
    """Tests and examples go through the public door."""

    # A harness of the rooms between a reply and the wire, which no public door leads to yet.
    inside = Path("support", "exchanging.py")

    def test_tests_import_no_private_room(self) -> None:
        """Nor do the examples."""
        examples = TESTS.parent / "examples"
        for path in (*TESTS.rglob(PYTHON_FILES), *examples.rglob(PYTHON_FILES)):
            if path == TESTS / self.inside:
                continue
            with self.subTest(path.name):
                private = {
                    name
                    for name in imports(path.read_text(encoding="utf-8")).run_time
                    if name.startswith(("tripwire._", "tripwire.plugins._"))
                }
                self.assertEqual(private, set())
