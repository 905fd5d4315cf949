"""python -m costeff.cli"""

from costeff.cli import main

if __name__ == "__main__":
    main()
