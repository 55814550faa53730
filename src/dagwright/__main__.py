"""`python -m dagwright`: the command line, where its script is not on the path."""

from dagwright.cli import main

if __name__ == "__main__":
    main(prog_name="dagwright")
