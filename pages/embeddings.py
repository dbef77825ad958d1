"""Embeddings."""

import streamlit as st

st.title("Embeddings", anchor=False)
