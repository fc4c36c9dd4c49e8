"""`python -m loresmith` is `loresmith`."""

from loresmith.cli import main

main(prog_name="loresmith")
