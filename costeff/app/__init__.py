"""The planner's app: screens over the same case files as the command line, served to this machine only.

It computes nothing of its own: every number is that of `costeff.investment`. Dash is imported when the app starts.
"""
