import streamlit as st

st.title("fine_tuning")
