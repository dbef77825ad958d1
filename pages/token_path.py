"""The path of a token."""

import streamlit as st

st.title("The path of a token", anchor=False)
