"""Cost-effectiveness: ICER table, plane, acceptability, net benefit, losses, subgroups and structures."""
