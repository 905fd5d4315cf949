"""The investment case and the comparison of cases as pages, tables and sentences."""
