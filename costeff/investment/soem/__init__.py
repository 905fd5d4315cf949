"""The form of the Danish ministry's model of social investments: reading and writing it."""
