"""Vocabularies."""

import streamlit as st

st.title("Vocabularies", anchor=False)
