"""The regression behind EVPPI and EVSI: its fit, and the error of what follows from it."""
