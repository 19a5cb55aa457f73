"""The chapters of the catalogue: its rows, by what they are about."""
