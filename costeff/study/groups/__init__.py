"""Who gains and who loses among citizens, by the groups that a scenario declares."""
