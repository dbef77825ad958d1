"""What heads do."""

import streamlit as st

st.title("What heads do", anchor=False)
