"""One attention cell."""

import streamlit as st

st.title("One attention cell", anchor=False)
