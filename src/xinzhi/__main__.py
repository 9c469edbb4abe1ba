"""``python -m xinzhi`` is the `xinzhi` command."""

from xinzhi.cli import main

main()
