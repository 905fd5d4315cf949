"""Plants slowdowns into any Python that starts with this folder on its path; for `try_alarms.py` and the tests.

The variable COSTEFF_PLANTED holds `module:function=factor` words: each call of the function then takes `factor` times
as long, by waiting busily. `exit:WORD=factor` makes a whole command slower, when WORD stands among its arguments. So
that no slowdown is seen for another, functions are slowed where parts are measured, and not in whole commands.
"""

import atexit
import functools
import importlib.machinery
import os
import sys
import time


def wait(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def slowed(function, factor):
    @functools.wraps(function)
    def run(*args, **options):
        start_time = time.process_time()
        try:
            return function(*args, **options)
        finally:
            wait((factor - 1) * (time.process_time() - start_time))

    return run


class Planter:
    """Finds the modules that are named, and slows their functions as soon as they have been read."""

    def __init__(self, plants):
        self.plants = plants

    def find_spec(self, name, path, *more):
        if name not in self.plants:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, *more)
        read = spec.loader.exec_module

        def exec_module(module):
            read(module)
            for function, factor in self.plants[name].items():
                setattr(module, function, slowed(getattr(module, function), factor))

        spec.loader.exec_module = exec_module
        return spec


def plant(words):
    plants = {}
    for word in words:
        place, factor = word.split("=")
        module, function = place.split(":")
        if module != "exit":
            if "costeff.benchmark.parts" in sys.orig_argv:
                plants.setdefault(module, {})[function] = float(factor)
        elif function in sys.orig_argv:
            atexit.register(lambda factor=float(factor): wait((factor - 1) * time.process_time()))
    if plants:
        sys.meta_path.insert(0, Planter(plants))


plant(os.environ.get("COSTEFF_PLANTED", "").split())
