"""Layer by layer."""

import streamlit as st

st.title("Layer by layer", anchor=False)
