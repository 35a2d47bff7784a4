"""The suite: a folder for each part of the house, and in it a file for each room or claim."""

from __future__ import annotations

import warnings

# PEP 765: whoever leaves a `finally` swallows what was raised, which is what some tests are about.
LEAVES = "'(return|break|continue)' in a 'finally' block"
warnings.filterwarnings("ignore", LEAVES, SyntaxWarning)
