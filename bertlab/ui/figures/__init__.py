"""Figures on a page: charts, tables, and components with a script of their own."""
