"""Turn heads off."""

import streamlit as st

st.title("Turn heads off", anchor=False)
