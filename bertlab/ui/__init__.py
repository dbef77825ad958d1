"""The only code that imports streamlit: router, caches, shared widgets."""
