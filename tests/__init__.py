"""The suite: a folder for each part of the house, and in it a file for each room or claim."""

from __future__ import annotations

import warnings

# PEP 765: a `return` in a `finally` swallows what was raised, which is what some tests are about.
warnings.filterwarnings("ignore", "'return' in a 'finally' block", SyntaxWarning)
