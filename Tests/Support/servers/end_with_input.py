"""Runs a program that would outlive a crashed test: end_with_input.py PROGRAM ARGUMENTS... It is ended when the input ends."""

import subprocess
import sys

child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
sys.stdin.read()
# Not asked to: workerd would wait for its clients first.
child.kill()
sys.exit(child.wait())
