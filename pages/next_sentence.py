"""Next sentence."""

import streamlit as st

st.title("Next sentence", anchor=False)
