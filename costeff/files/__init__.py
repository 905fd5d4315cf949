"""How files reach the disk: whole or not at all, by one writer at a time, and nothing of the user's is overwritten.

Rank 1: imports only `costeff.errors`. `whole_file` writes one file; `reserved` finds out before a run whether its
folder can be written, and `write_folder` fills it.
"""

from costeff.files.day import FIXED, stated_time, writing_day
from costeff.files.folder import Written, reserved, write_folder
from costeff.files.whole import reserved_file, whole_file, write_whole

__all__ = [
    "FIXED",
    "Written",
    "reserved",
    "reserved_file",
    "stated_time",
    "whole_file",
    "write_folder",
    "write_whole",
    "writing_day",
]
