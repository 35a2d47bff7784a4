"""How values look in reports, and how it is shown where two of them differ."""

from __future__ import annotations

from tests.support.reporting import ReportTestCase

CLIENT = 'Client(("a", 1), serializer=lambda key, value: (b"", 0))'
IT_S = "it's"


class ValueTestCase(ReportTestCase):
    """Gets at the part of a report that is about one value."""

    def shown(self, value: str, definition: str = "") -> str:
        """How a value is shown in the report of a call that nobody mocked."""
        report = self.report(
            f"{definition}\nvalue = {value}\nwith tripwire:\n    {CLIENT}.set('k', value)"
        )
        _, _, rest = report.partition("    value: ")
        return rest.partition("\n    server: ")[0]

    def difference(self, expected: str, actual: str, definition: str = "") -> str:
        """How an expected value and another are shown in the report of a mismatch."""
        report = self.report(
            f"{definition}\ntripwire.memcache.mock_command('SET', returns=True)\n"
            f"with tripwire:\n    {CLIENT}.set('k', {actual})\n"
            f"tripwire.memcache.assert_set('SET', 'k', {expected})"
        )
        _, _, rest = report.partition("It differs in:\n\n")
        return rest.partition("\n\n")[0]


class ShownTest(ValueTestCase):
    """A value is shown by its repr: on one line, short, and whatever its class does."""

    def test_short_values_are_shown_whole(self) -> None:
        """As Python shows them."""
        for value in ("b'a'", "'a'", "None", "[]", "(1,)", "()", "{'a': [1, {2}]}", "set()",
                      "frozenset({1})", "[(), {}, 1.5]", "bytearray(b'a')"):  # fmt: skip
            with self.subTest(value):
                self.assertEqual(self.shown(value), value)

    def test_long_ones_are_cut(self) -> None:
        """Of text and bytes both ends are shown and the length told, of others what fits."""
        for value, text in (
            ("b'a' * 10**8", f"b'{'a' * 40}'...b'{'a' * 20}' (100000000 bytes)"),
            ('"it\'s" * 20', f'"{IT_S * 10}"..."{IT_S * 5}" (80 characters)'),
            (
                "list(range(10**6))",
                "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 1...",
            ),
            (
                "dict.fromkeys(range(10**6))",
                "{0: None, 1: None, 2: None, 3: None, 4: None, 5: None, 6: No...",
            ),
            ("10**99", f"1{'0' * 39}...{'0' * 20}"),
        ):
            with self.subTest(value):
                self.assertEqual(self.shown(value), text)

    def test_sixty_characters_are_not_long(self) -> None:
        """One more is."""
        x = "x" * 100
        for value, text in (
            (f"'{x[:58]}'", f"'{x[:58]}'"),
            (f"'{x[:59]}'", f"'{x[:39]}...{x[:19]}'"),
            (f"'{x[:60]}'", f"'{x[:39]}...{x[:19]}'"),
            (f"'{x[:61]}'", f"'{x[:40]}'...'{x[:20]}' (61 characters)"),
            (f"['{x[:56]}']", f"['{x[:56]}']"),
            (f"['{x[:57]}']", f"['{x[:57]}'..."),
        ):
            with self.subTest(value):
                self.assertEqual(self.shown(value), text)

    def test_recursion_ends(self) -> None:
        """A list in itself is shown as deep as it fits, or ten deep."""
        self.assertEqual(
            self.shown("value", "value = []; value.append(value)"), "[[[[[[[[[[...]]]]]]]]]]"
        )
        wide = "value = []; value.extend([value] * 1000)"
        self.assertEqual(
            self.shown("value", wide),
            "[[[[[[[[[[..., ..., ..., ..., ..., ..., ..., ..., ..., ..., ...",
        )

    def test_repr_that_raises(self) -> None:
        """The report says so, also inside of a container."""
        definition = "class Bad:\n    def __repr__(self): raise KeyError"
        bad = "<Bad whose repr raised KeyError>"
        self.assertEqual(self.shown("Bad()", definition), bad)
        self.assertEqual(self.shown("{1: [Bad()]}", definition), f"{{1: [{bad}]}}")

    def test_repr_that_is_no_text(self) -> None:
        """That is an error of the same kind."""
        definition = "class Bad:\n    __repr__ = 5"
        self.assertEqual(self.shown("Bad()", definition), "<Bad whose repr raised TypeError>")
        definition = "class Bad:\n    __repr__ = []"
        self.assertEqual(self.shown("Bad()", definition), "<Bad whose repr raised TypeError>")

    def test_repr_of_several_lines(self) -> None:
        """Line ends and terminal codes are escaped, so that the report keeps its form."""
        definition = "class Lines:\n    def __repr__(self): return 'é\\n\\x1b[0m\\ud800'"
        self.assertEqual(self.shown("Lines()", definition), r"é\n\x1b[0m\ud800")

    def test_container_of_a_strangers_class(self) -> None:
        """Iterating over it raises; its members are not shown then."""
        definition = "class Bad(list):\n    def __iter__(self): raise OSError"
        self.assertEqual(self.shown("Bad([1])", definition), "<Bad whose repr raised OSError>")


class DifferenceTest(ValueTestCase):
    """Two values are shown one under the other."""

    def test_types_are_shown_where_only_they_differ(self) -> None:
        """Elsewhere they would be in the way."""
        for expected, actual, shown in (
            ("'a'", "b'a'", ("'a' (str)", "b'a' (bytes)")),
            ("1", "'1'", ("1 (int)", "'1' (str)")),
            ("(1, 2)", "[1, 2]", ("(1, 2) (tuple)", "[1, 2] (list)")),
            ("None", "1", ("None", "1")),
            ("'a'", "b'b'", ("'a'", "b'b'")),
            ("float('nan')", "float('nan')",
             ("nan", "nan (which looks the same, but is not equal)")),
        ):  # fmt: skip
            with self.subTest(expected):
                left, right = shown
                self.assertEqual(
                    self.difference(expected, actual),
                    f"    value: expected {left}\n           but was  {right}",
                )

    def test_recorded_keys_are_a_list(self) -> None:
        """Whatever they are inside of tripwire."""
        self.assertIn(
            "    keys: expected {'b'}\n          but was  ['a']\n",
            self.report(
                """
                tripwire.memcache.mock_command("GET_MANY", returns=MISS)
                with tripwire:
                    client.get_many(["a"])
                tripwire.memcache.assert_get_many("GET_MANY", {"b"})
                """
            )
            + "\n",
        )

    def test_long_text_is_shown_where_it_differs(self) -> None:
        """The place is marked."""
        self.assertEqual(
            self.difference("b'a' * 99 + b'x' + b'c' * 99", "b'a' * 99 + b'y' + b'c' * 99"),
            "    value: expected ...aaaaaaaaaaaaaaaaxccccccccccccccccccccccccccccccc...\n"
            "           but was  ...aaaaaaaaaaaaaaaayccccccccccccccccccccccccccccccc...\n"
            "                                       ^",
        )

    def test_values_of_48_characters_are_not_long(self) -> None:
        """Longer ones are shown in part."""
        for length, dots in ((48, ""), (49, "...")):
            with self.subTest(length=length):
                text = "'" + "x" * (length - 2) + "'"
                for expected in ("1", "'y' * 99"):
                    shown = self.difference(expected, text) + "\n"
                    self.assertIn(f"but was  {text[:48]}{dots}\n", shown)

    def test_long_text_that_differs_at_once(self) -> None:
        """Its beginning is shown, and all of the short one."""
        self.assertEqual(
            self.difference("'x'", "'y' * 99"),
            "    value: expected 'x'\n"
            "           but was  'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy...\n"
            "                     ^",
        )

    def test_long_containers_are_compared_member_by_member(self) -> None:
        """Three members that differ are shown, by their keys."""
        self.assertEqual(
            self.difference(
                "{**dict.fromkeys(range(99)), 'a': 1, 'b': [*range(99), 'x' * 99], 'd': 4}",
                "{**dict.fromkeys(range(99)), 'a': '1', 'b': [*range(99)], 'c': 3}",
            ),
            "    value['a']: expected 1 (int)\n"
            "                but was  '1' (str)\n"
            f"    value['b'][99]: expected '{'x' * 32}'...'{'x' * 16}' (99 characters)\n"
            "                    but was  (nothing)\n"
            "    value['d']: expected 4\n"
            "                but was  (nothing)",
        )

    def test_ten_thousand_members_are_compared(self) -> None:
        """A difference behind them is shown in the texts."""
        for build in ("list(range({}))", "dict.fromkeys(range({}))"):
            for length, place in ((9_999, "value[9999]: "), (10_000, "value: ")):
                with self.subTest(build, length=length):
                    many, last = build.format(length), build.format(length + 1)
                    self.assertTrue(self.difference(many, last).startswith(f"    {place}"))

    def test_containers_without_a_member_that_differs(self) -> None:
        """Their texts are compared then: here, a list and a tuple."""
        self.assertEqual(
            self.difference("list(range(99))", "tuple(range(99))"),
            "    value: expected [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 1...\n"
            "           but was  (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 1...\n"
            "                    ^",
        )

    def test_containers_of_other_kinds_are_compared_as_text(self) -> None:
        """A list with a text, a dict with what is nearly one."""
        for expected, actual in (
            ("['x'] * 99", "'y' * 99"),
            ("'y' * 99", "['x'] * 99"),
            ("dict.fromkeys(range(99))", "collections.UserDict({1: 'y' * 99})"),
            ("collections.UserDict({1: 'y' * 99})", "dict.fromkeys(range(99))"),
        ):
            with self.subTest(expected):
                difference = self.difference(expected, actual, "import collections")
                self.assertTrue(difference.startswith("    value: "), difference)

    def test_containers_whose_members_cannot_be_compared(self) -> None:
        """A key without a steady hash is no reason to break the report."""
        definition = (
            "class Key:\n"
            "    hashes = [1]\n"
            "    def __repr__(self): return 'Key()'\n"
            "    def __hash__(self): return self.hashes.pop()\n"
        )
        self.assertEqual(
            self.difference("{Key(): 'x' * 99}", "{1: 'y' * 99}", definition),
            f"    value: expected {{Key(): '{'x' * 39}...\n"
            f"           but was  {{1: '{'y' * 43}...\n"
            "                     ^",
        )

    def test_containers_of_text_and_of_bytes(self) -> None:
        """Under `python -bb` a look into a dict can raise; the report does without, then."""
        for expected, actual in ("{'a': 'x' * 99}", "{b'a': 'y' * 99}"), ("['a'] * 99", "[b'a']"):
            with self.subTest(expected):
                difference = self.difference(expected, actual)
                self.assertRegex(difference, r"(?s)^    value.*: expected .*'.*but was  .*b'")

    def test_deep_containers_are_compared_four_deep(self) -> None:
        """What is deeper is compared as text."""
        deep = "[[[[['{}' * 99]]]]]"
        self.assertEqual(
            self.difference(deep.format("x"), deep.format("y")),
            f"    value[0][0][0][0]: expected ['{'x' * 46}...\n"
            f"                       but was  ['{'y' * 46}...\n"
            "                                  ^",
        )
