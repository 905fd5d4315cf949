"""Numbers for kernels: addressed random numbers, quantiles, special functions, and the cache of compiled kernels."""
