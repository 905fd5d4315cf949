"""Engines that turn tensors into quantities: cohort, microsimulation and the stepping oracle.

Rank 3. NumPy and Numba only: no money, no names, no files.
"""
