"""Anchored in a package small enough to work out by hand: edit a helper, and a new process answers anew."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from costeff.numerics import kernel_cache, kernel_closure, kernel_folder

SOURCE = Path(kernel_cache.__file__)
posix = pytest.mark.skipif(sys.platform == "win32", reason="modes and owners are POSIX")

HELPER = """
from costeff.numerics.kernel_cache import kernel

@kernel
def times(x):
    return x * {factor}
"""
MAIN = """
from costeff.numerics.kernel_cache import kernel
from costeff.engine.helper import times

@kernel
def answer(x):
    return times(x) + 1.0
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A small costeff: the real cache with what it needs, a helper (times 2) and a kernel that calls it."""
    package = tmp_path / "tree" / "costeff"
    for folder in (package, package / "engine", package / "numerics"):
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text("")
    for source in SOURCE.parent.glob("kernel_*.py"):
        shutil.copy(source, package / "numerics")
    (package / "engine" / "helper.py").write_text(HELPER.format(factor="2.0"))
    (package / "engine" / "main.py").write_text(MAIN)
    return package


def run(package: Path, code: str, **env: str) -> str:
    """Output of `code` in a fresh process that sees the tiny package; standard error is printed."""
    plain = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith("NUMBA_") and k not in ("COSTEFF_CACHE_DIR", "XDG_CACHE_HOME")
    }
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        cwd="/",
        env={**plain, "PYTHONPATH": str(package.parent), **env},
    )
    assert ran.returncode == 0, ran.stderr
    print(ran.stderr)
    return ran.stdout + ran.stderr


ANSWER = """
from costeff.engine.main import answer
print(answer(4.0), sum(answer.stats.cache_hits.values()), answer.stats.cache_path)
"""


def test_edited_helper_changes_the_answer(tiny: Path, tmp_path: Path) -> None:
    cache = str(tmp_path / "cache")
    value, hits, where = run(tiny, ANSWER, COSTEFF_CACHE_DIR=cache).split()
    assert (value, hits) == ("9.0", "0")  # 4 x 2 + 1, compiled
    assert where.startswith(cache)
    value, hits, again = run(tiny, ANSWER, COSTEFF_CACHE_DIR=cache).split()
    assert (value, hits, again) == ("9.0", "1", where)  # and now from the cache
    (tiny / "engine" / "helper.py").write_text(HELPER.format(factor="3.0"))
    value, hits, new = run(tiny, ANSWER, COSTEFF_CACHE_DIR=cache).split()
    assert (value, hits) == ("13.0", "0")  # 4 x 3 + 1
    assert new != where


HASH = "from costeff.numerics.kernel_cache import kernel_hash; print(kernel_hash())"


def test_a_second_installation_compiles_nothing_again(tiny: Path, tmp_path: Path) -> None:
    """Numba goes by the source's path and time of change; what is kept here goes by what the source says."""
    env = {"COSTEFF_CACHE_DIR": str(tmp_path / "cache")}
    assert run(tiny, ANSWER, **env).split()[:2] == ["9.0", "0"]
    other = tmp_path / "elsewhere" / "costeff"
    shutil.copytree(tiny, other)
    for source in other.rglob("*.py"):
        os.utime(source, (1.0, 1.0))
    assert run(other, ANSWER, **env).split()[:2] == ["9.0", "1"]
    (other / "engine" / "helper.py").write_text(HELPER.format(factor="3.0"))
    assert run(other, ANSWER, **env).split()[:2] == ["13.0", "0"]
    assert run(tiny, ANSWER, **env).split()[:2] == ["9.0", "1"]


def test_new_kernel_and_settings_change_the_folder(tiny: Path, tmp_path: Path) -> None:
    env = {"COSTEFF_CACHE_DIR": str(tmp_path / "cache")}
    first = run(tiny, HASH, **env)
    assert run(tiny, HASH, **env) == first
    assert run(tiny, HASH, NUMBA_BOUNDSCHECK="1", **env) != first
    assert run(tiny, HASH, NUMBA_NUM_THREADS="1", **env) == first
    (tiny / "engine" / "more.py").write_text("MORE = 1\n")
    assert run(tiny, HASH, **env) == first
    (tiny / "engine" / "more.py").write_text(HELPER.format(factor="5.0"))
    assert run(tiny, HASH, **env) != first


ERRORS = '''
"""Errors."""
LIMIT = {limit}

class EngineError(Exception):
    """What is wrong."""
    RULE = "{message}"
'''
USES_LIMIT = """
from costeff.errors import LIMIT, EngineError
from costeff.numerics.kernel_cache import kernel

def check(x):
    if x < 0:
        raise EngineError("x is negative")

@kernel
def answer(x):
    return x + LIMIT
"""


def test_a_reworded_message_leaves_the_kernels_and_a_constant_beside_it_does_not(tiny: Path, tmp_path: Path) -> None:
    """errors.py holds messages, which no kernel reads, and here a constant that is built into a kernel."""
    env = {"COSTEFF_CACHE_DIR": str(tmp_path / "cache")}
    (tiny / "engine" / "main.py").write_text(USES_LIMIT)
    seen = []
    for limit, message in (("1.0", "be positive"), ("1.0", "be 0 or more"), ("2.0", "be 0 or more")):
        (tiny / "errors.py").write_text(ERRORS.format(limit=limit, message=message))
        seen.append(run(tiny, ANSWER, **env).split()[:2])
    assert seen == [["5.0", "0"], ["5.0", "1"], ["6.0", "0"]]  # compiled; from the cache; compiled anew


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("", "# a comment\n", True),
        ("", "OTHER = 3\n", True),
        ('"""Old words."""', '"""New words."""', True),
        ("    FACTORS = (2.0,)", "    FACTORS = (3.0,)", False),
        ("FACTORS = make()", "FACTORS = make()\nFACTORS[0] = 7.0", False),
        ("FACTORS = make()", "FACTORS = make()\nFACTORS.sort()", False),
        ("FACTORS = make()", "FACTORS = make()\nfor i in range(3):\n    FACTORS.append(i)", False),
        ("return [OTHERS[0]]", "return [OTHERS[1]]", False),
        ("import sqrt", "import exp as sqrt", False),
        ("low: float\n    high: float", "high: float\n    low: float", False),
    ],
)
def test_what_a_kernel_refers_to(tmp_path: Path, before: str, after: str, same: bool) -> None:
    """Each change to constants by hand: whether the kernel, which reads FACTORS and a record, may notice it."""
    package = tmp_path / "costeff"
    package.mkdir()
    text = textwrap.dedent(
        '''
        """Old words."""
        from math import sqrt
        from typing import NamedTuple

        OTHERS = (1.0, 2.0)

        class Record(NamedTuple):
            low: float
            high: float

        def make():
            return [OTHERS[0]]

        if True:
            FACTORS = (2.0,)
        FACTORS = make()
        '''
    )
    (package / "kernels.py").write_text(
        "from costeff import constants\nfrom costeff.constants import FACTORS, sqrt\n"
        "@kernel\ndef answer(x):\n    return sqrt(x.low) * FACTORS[0]\n"
    )
    digests = []
    for content in (text, text.replace(before, after, 1)):
        (package / "constants.py").write_text(content)
        digests.append(kernel_closure.follow(package, [package / "kernels.py"]).digest)
    assert (digests[0] == digests[1]) is same


@pytest.mark.parametrize("trouble", ["another digest", "not JSON", "others may write"])
def test_a_note_that_will_not_do_is_made_anew(tmp_path: Path, trouble: str) -> None:
    package, root = tmp_path / "costeff", tmp_path / "cache"
    package.mkdir()
    kernels = package / "kernels.py"
    kernels.write_text("@kernel\ndef answer(x):\n    return x\n")
    right = kernel_closure.remembered(root, package, [kernels])
    (note,) = root.iterdir()
    assert kernel_closure.remembered(root, package, [kernels]) == right
    if trouble == "another digest":  # as it would be of an older text
        kernels.write_text("@kernel\ndef answer(x):\n    return x + 1\n")
        assert kernel_closure.remembered(root, package, [kernels]) != right
        return
    note.write_text("{" if trouble == "not JSON" else note.read_text().replace(right, "0" * 64))
    note.chmod(0o600 if trouble == "not JSON" else 0o666)
    assert kernel_closure.remembered(root, package, [kernels]) == right


def test_numba_imported_before_and_left_as_it_was(tiny: Path, tmp_path: Path) -> None:
    code = """
    import numba
    numba.njit(lambda x: x + 1)(1)
    from costeff.engine.main import answer
    print(answer(4.0), answer.stats.cache_path, repr(numba.config.CACHE_DIR))
    """
    value, where, left = run(tiny, code, COSTEFF_CACHE_DIR=str(tmp_path / "ours")).split()
    assert value == "9.0"
    assert where.startswith(str(tmp_path / "ours"))
    assert left == "''"
    _, where, left = run(
        tiny, code, COSTEFF_CACHE_DIR=str(tmp_path / "ours"), NUMBA_CACHE_DIR=str(tmp_path / "theirs")
    ).split()
    assert where.startswith(str(tmp_path / "ours"))
    assert left == repr(str(tmp_path / "theirs"))


def test_same_flags_for_every_kernel(tiny: Path, tmp_path: Path) -> None:
    code = "from costeff.engine.main import answer; print(sorted(answer.targetoptions.items()))"
    shown = run(tiny, code, COSTEFF_CACHE_DIR=str(tmp_path / "cache"))
    assert shown.strip() == str(
        [
            ("_nrt", False),
            ("boundscheck", None),
            ("error_model", "numpy"),
            ("fastmath", False),
            ("nogil", True),
            ("nopython", True),
        ]
    )


def test_function_from_elsewhere_is_not_cached(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "tree" / "mine.py").write_text(HELPER.format(factor="2.0"))
    code = "from mine import times; print(times(4.0), times.stats.cache_path)"
    assert run(tiny, code, COSTEFF_CACHE_DIR=str(tmp_path / "cache")).split() == ["8.0", "None"]


CONFIGURE = "from costeff.numerics.kernel_cache import configure; print(configure())"


@posix
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_folder_is_private_whatever_the_umask(tiny: Path, tmp_path: Path, umask: int) -> None:
    code = f"import os; os.umask({umask})\n{CONFIGURE}"
    folder = Path(run(tiny, code, HOME=str(tmp_path / "home")).strip())
    assert folder.parent == tmp_path / "home" / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "costeff"
    assert folder.name.startswith("kernels-")
    for path in (folder, folder.parent):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


@posix
def test_xdg_folder_is_used_when_absolute(tiny: Path, tmp_path: Path) -> None:
    if sys.platform == "darwin":
        return
    home = str(tmp_path / "home")
    assert run(tiny, CONFIGURE, HOME=home, XDG_CACHE_HOME=str(tmp_path / "xdg")).startswith(f"{tmp_path}/xdg/costeff/")
    assert run(tiny, CONFIGURE, HOME=home, XDG_CACHE_HOME="xdg").startswith(f"{home}/.cache/costeff/")


def temporary(output: str, tmp_path: Path) -> Path:
    """The folder printed first: a temporary one, said to be so, and gone with its process."""
    folder = Path(output.splitlines()[0])
    assert folder.parent == tmp_path / "temporary"
    assert folder.name.startswith("costeff-kernels-")
    assert "for this process only" in output
    assert not folder.exists()
    return folder


@posix
@pytest.mark.parametrize(
    "trouble",
    ["home is a file", "no home", "file in the way", "link in the way", "others may write", "others may write above"],
)
def test_a_folder_that_will_not_do(tiny: Path, tmp_path: Path, trouble: str) -> None:
    """Root may write anywhere, so an unwritable home is played by a path through a file."""
    (tmp_path / "temporary").mkdir()
    env = {"TMPDIR": str(tmp_path / "temporary"), "COSTEFF_CACHE_DIR": str(tmp_path / "cache")}
    folder = Path(run(tiny, CONFIGURE, **env).strip())
    assert folder.parent == tmp_path / "cache"
    if trouble in ("home is a file", "no home"):
        (tmp_path / "file").write_text("")
        del env["COSTEFF_CACHE_DIR"]
        env["HOME"] = str(tmp_path / "file") if trouble == "home is a file" else "not/absolute"
    elif trouble == "others may write":
        folder.chmod(0o722)
    elif trouble == "others may write above":
        folder.parent.chmod(0o777)
    else:
        folder.rmdir()
        if trouble == "file in the way":
            folder.write_text("")
        else:
            (tmp_path / "elsewhere").mkdir(mode=0o700)
            folder.symlink_to(tmp_path / "elsewhere")
    output = run(tiny, f"{CONFIGURE}\n{ANSWER}", **env)
    used = temporary(output, tmp_path)
    value, hits, where = output.splitlines()[1].split()
    assert (value, hits, Path(where).parent) == ("9.0", "0", used)


@posix
def test_a_folder_of_another_user(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "cache" / "kernels-0"
    folder.mkdir(parents=True, mode=0o700)
    owner = os.getuid()
    kernel_folder.check_private(folder.parent, folder)
    monkeypatch.setattr(os, "getuid", lambda: owner + 1)
    with pytest.raises(kernel_folder.UnsafeFolderError, match="another user"):
        kernel_folder.check_private(folder.parent, folder)


@posix
def test_sticky_parent_is_as_good_as_private(tmp_path: Path) -> None:
    root, folder = tmp_path / "shared", tmp_path / "shared" / "kernels-0"
    folder.mkdir(parents=True, mode=0o700)
    root.chmod(0o777)
    with pytest.raises(kernel_folder.UnsafeFolderError, match="other users"):
        kernel_folder.check_private(root, folder)
    root.chmod(0o1777)
    kernel_folder.check_private(root, folder)


@posix
@pytest.mark.parametrize("umask", [0o000, 0o002])
def test_folders_that_numba_makes_are_private_too(tiny: Path, tmp_path: Path, umask: int) -> None:
    env = {"COSTEFF_CACHE_DIR": str(tmp_path / "cache")}
    code = f"import os; os.umask({umask})\n{ANSWER}"
    _, _, where = run(tiny, code, **env).split()
    assert stat.S_IMODE(Path(where).stat().st_mode) == 0o700
    assert run(tiny, code, **env).split()[1] == "1"  # and it is used again


@posix
@pytest.mark.parametrize("trouble", ["others may write", "a link"])
def test_a_folder_in_ours_that_will_not_do_is_made_anew(tiny: Path, tmp_path: Path, trouble: str) -> None:
    env = {"COSTEFF_CACHE_DIR": str(tmp_path / "cache")}
    where = Path(run(tiny, ANSWER, **env).split()[2])
    if trouble == "a link":
        where.rename(tmp_path / "elsewhere")
        where.symlink_to(tmp_path / "elsewhere")
    else:
        where.chmod(0o777)
    answer, *said = run(tiny, ANSWER, **env).splitlines()
    assert answer.split()[:2] == ["9.0", "0"]
    assert "others could write" in " ".join(said)
    assert str(where) in " ".join(said)
    assert not where.is_symlink()
    assert stat.S_IMODE(where.stat().st_mode) == 0o700
    assert run(tiny, ANSWER, **env).split()[1] == "1"


def test_code_of_another_signature_is_not_taken(tiny: Path, tmp_path: Path) -> None:
    """The index of one of two processes that saved at once names the code that the other wrote."""
    env = {"COSTEFF_CACHE_DIR": str(tmp_path / "cache")}
    code = """
    from costeff.engine.main import answer
    print(answer(4.0), answer(4), sum(answer.stats.cache_hits.values()), answer.stats.cache_path)
    """
    *first, where = run(tiny, code, **env).split()
    assert first == ["9.0", "9.0", "0"]
    one, two = sorted(Path(where).glob("main.answer-*.nbc"))
    two.write_bytes(one.read_bytes())
    assert run(tiny, code, **env).split()[:3] == ["9.0", "9.0", "1"]
    assert run(tiny, code, **env).split()[:3] == ["9.0", "9.0", "2"]


def test_forked_child_leaves_the_folder(tiny: Path, tmp_path: Path) -> None:
    if not hasattr(os, "fork"):
        return
    (tmp_path / "file").write_text("")
    code = """
    import os, sys
    from costeff.numerics.kernel_cache import configure
    folder = configure()
    child = os.fork()
    if not child:
        sys.exit()
    os.waitpid(child, 0)
    print(folder.is_dir())
    """
    assert run(tiny, code, HOME=str(tmp_path / "file")).startswith("True")


def test_old_folders_go_and_others_stay(tiny: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    env = {"COSTEFF_CACHE_DIR": str(cache)}
    current = Path(run(tiny, CONFIGURE, **env).strip())
    now = time.time()
    for name, days in {"kernels-old": 31, "kernels-new": 29, "something-else": 400, current.name: 400}.items():
        (cache / name).mkdir(exist_ok=True)
        (cache / name / "code.nbc").write_text("x")
        os.utime(cache / name, (now - days * 86_400,) * 2)
    assert run(tiny, CONFIGURE, **env).strip() == str(current)
    (note,) = cache.glob("followed-*.json")
    assert {path.name for path in cache.iterdir()} == {"kernels-new", "something-else", current.name, note.name}
    os.utime(note, (now - 31 * 86_400,) * 2)
    run(tiny, CONFIGURE, **env)
    assert not note.exists()
    assert current.stat().st_mtime > now - 60  # used today


def test_an_edited_part_is_seen(tiny: Path, tmp_path: Path) -> None:
    part = HELPER.replace("import kernel", "import kernel_part").replace("@kernel", "@kernel_part")
    seen = []
    for factor in ("2.0", "3.0"):
        (tiny / "engine" / "helper.py").write_text(part.format(factor=factor))
        seen.append(run(tiny, ANSWER, COSTEFF_CACHE_DIR=str(tmp_path / "cache")).split()[0])
    assert seen == ["9.0", "13.0"]


def test_a_kernel_cannot_allocate() -> None:
    import numpy as np
    from numba.core.errors import NumbaError

    @kernel_cache.kernel
    def allocates(n):  # type: ignore[no-untyped-def]
        return np.zeros(n).sum()

    with pytest.raises(NumbaError, match="No implementation of function"):
        allocates(3)
