"""Everything that invents data, in one place."""
