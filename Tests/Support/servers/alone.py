"""Becomes a program that has none of the caller's files open but the standard ones: alone.py PROGRAM ARGUMENTS...

A test that runs in a process of its own ends when its pipe is closed, and a server must not hold that pipe open.
"""

import os
import sys

os.closerange(3, 1 << 16)
os.execv(sys.argv[1], sys.argv[1:])
