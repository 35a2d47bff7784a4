"""The house: which room may import which, and what every room keeps to.

The rooms are parsed, not imported, so that what only a type checker reads is seen too.
"""

from __future__ import annotations

import ast
import inspect
import re
import threading
import tokenize
import unittest
from functools import lru_cache
from pathlib import Path
from typing import Any, Iterator, List, NamedTuple, Set, Tuple

from pymemcache.client.base import Client
from pymemcache.client.hash import HashClient

import tripwire
from tests.project import rooms as rooms_of_the_house
from tests.project.rooms import DOORS, ROOMS
from tests.support.project import TESTS

PACKAGE = Path(tripwire.__file__).resolve().parent
LONGEST = 400
PYTHON_FILES = "*.py"

# Takes the steps of entering and leaving apart, to have each of them fail.
WHITE_BOX = TESTS / "scopes" / "test_faults.py"


def doors(path: Path) -> Set[str]:
    """Return the names of the rooms that a file of tests may name."""
    return {name for room in DOORS.get(path.parent.name, ()) for name in room.split(".")}


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


def without_docstrings(source: str) -> str:
    """Return what is left of a file when its docstrings are taken out, and its comments."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [each for each in body if not is_docstring(each)]  # type: ignore[attr-defined]  # it has one
    return ast.unparse(tree)


def is_docstring(node: ast.stmt) -> bool:
    """Whether a statement is nothing but a text."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


class EdgesTest(unittest.TestCase):
    """Imports run one way."""

    def test_every_room_imports_what_the_table_says(self) -> None:
        """A new room, a new edge, and one that is gone: each has to be written down."""
        met = {room: rooms(imports(source).run_time) for room, source in SOURCES.items()}
        self.assertEqual(met, {room: set(edges.split()) for room, edges in ROOMS.items()})

    def test_no_import_is_for_types_only(self) -> None:
        """What a type checker needs and the program does not would be a circle in disguise."""
        met = {room: imports(source).types for room, source in SOURCES.items()}
        self.assertEqual({room: names for room, names in met.items() if names}, {})

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

    def test_core_says_nothing_of_memcache(self) -> None:
        """In no text and under no name; an example in a docstring may use the plugin there is."""
        for room, source in SOURCES.items():
            if room not in EDGE and not room.startswith(("plugins", "memcache")):
                code = without_docstrings(source).lower()
                self.assertNotIn("memcache", code, room)
                self.assertNotIn("noreply", code, room)
        self.assertIn("memcache", without_docstrings('"""None."""\ntext = "memcache"'))

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
            "from tripwire import _scopes, errors\n"
            "from tripwire.plugins._memcache.wire import Wire\n"
            "if typing.TYPE_CHECKING:\n    from tripwire import _verifier, _scopes\n"
            "class C:\n    async def f(self):\n        from tripwire import StrictVerifier\n"
        )
        found = imports(source)
        self.assertEqual(
            rooms(found.run_time), {"_mocks", "_scopes", "errors", "memcache.wire", ""}
        )
        self.assertEqual(
            (rooms(found.types), rooms(found.inside)), ({"_verifier", "_scopes"}, {""})
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
        """Neither a room nor a file of tests is more than one reads at a time."""
        lengths = {
            str(path): len(path.read_text(encoding="utf-8").splitlines())
            for path in (*FILES.values(), *TESTS.rglob(PYTHON_FILES))
        }
        self.assertEqual({path: n for path, n in lengths.items() if n > LONGEST}, {})

    def test_every_file_says_what_it_is_for(self) -> None:
        """In its docstring."""
        for room, source in SOURCES.items():
            self.assertTrue(ast.get_docstring(ast.parse(source)), room)


class SuppressionsTest(unittest.TestCase):
    """What a tool is told to pass over."""

    def test_every_one_has_its_reason_beside_it(self) -> None:
        """On the same line, behind what it names."""
        root = TESTS.parent
        for folder in ("tripwire", "tests", "examples", ".ci"):
            for path in (root / folder).rglob(PYTHON_FILES):
                with path.open("rb") as file, self.subTest(path.relative_to(root)):
                    comments = [each.string for each in tokenize.tokenize(file.readline)]
                    bare = [each for each in comments if BARE_SUPPRESSION.match(each)]
                    self.assertEqual(bare, [])

    def test_reader_of_comments_sees_every_kind(self) -> None:
        """With several names, and with a mark behind which there is nothing."""
        for comment in ("# noqa: A1, B2", "#noqa", "# type: ignore[x]  #", "# pyright: ignore"):
            self.assertRegex(comment, BARE_SUPPRESSION)
        self.assertNotRegex("# noqa: A1 - it is so", BARE_SUPPRESSION)


BARE_SUPPRESSION = re.compile(
    r"#\s*(noqa(: *[A-Z]+\d+(, *[A-Z]+\d+)*)?|(type|pyright): *ignore(\[[^]]*\])?)\W*$"
)


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


def private(name: str) -> bool:
    """Whether a name is nobody's business outside its room."""
    return name.startswith("_") and not name.startswith("__")


def defined(tree: ast.AST) -> Iterator[str]:
    """The names that a file gives to something: functions, classes, variables, attributes."""
    for node in ast.walk(tree):
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr


def named(tree: ast.AST) -> Iterator[str]:
    """The names that a file looks up on something, by attribute, or by a string that holds one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from re.findall(r"^_\w+$|(?<=[.:])_\w+", node.value)


class PublicTest(unittest.TestCase):
    """Tests and examples go through the public door."""

    def setUp(self) -> None:
        """Read them."""
        paths = (*TESTS.rglob(PYTHON_FILES), *(TESTS.parent / "examples").rglob(PYTHON_FILES))
        self.sources = {path: path.read_text(encoding="utf-8") for path in paths}

    def test_tests_import_no_private_room(self) -> None:
        """Nor do the examples; but for the parts of the house that have a door of their own."""
        for path, source in self.sources.items():
            with self.subTest(path.name):
                doors = DOORS.get(path.parent.name, ())
                secret = ("tripwire._", "tripwire.plugins._")
                met = [name for name in imports(source).run_time if name.startswith(secret)]
                private = [name for name in met if name.rpartition(".")[0] not in doors]
                self.assertEqual(private, [])

    def test_tests_touch_no_private_name(self) -> None:
        """But for one, which is declared; names that pymemcache or unittest has are theirs."""
        rooms = {name for name in SOURCES if private(name.rpartition(".")[2])} | {"_memcache"}
        own = {name for source in SOURCES.values() for name in defined(ast.parse(source))}
        cases = (unittest.TestCase, unittest.IsolatedAsyncioTestCase)
        strangers = (Client, HashClient([]), *cases, threading.Lock())
        theirs = {name for stranger in strangers for name in dir(stranger)}
        secret = {name for name in own | rooms if private(name)} - theirs
        trees = {path: ast.parse(source) for path, source in self.sources.items()}
        for own_file in (Path(__file__), Path(rooms_of_the_house.__file__)):
            del trees[own_file]
        met = {
            path: secret.intersection(named(tree)).difference(defined(tree), doors(path))
            for path, tree in trees.items()
        }
        self.assertTrue(met.pop(WHITE_BOX))
        self.assertEqual({path: names for path, names in met.items() if names}, {})
