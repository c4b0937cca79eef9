"""The sources: one module (or one family of modules with a common prefix) each, bytes in, typed rows out.

Belongs here: reading what a source says, without I/O, clock or environment. Does not belong here: fetching it
(``resources``), storing it (``database``), judging it (``market``).
"""
