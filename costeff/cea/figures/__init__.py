"""Figures of cost-effectiveness."""
