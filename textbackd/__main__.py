"""``python -m textbackd``."""

from textbackd.cli.main import main

if __name__ == "__main__":
    main()
