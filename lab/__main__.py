"""`python -m lab`: the lab without the front door."""

from lab.cli import lab

if __name__ == "__main__":
    lab(prog_name="lab")
