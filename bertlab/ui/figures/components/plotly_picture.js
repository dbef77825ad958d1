// Saves the Plotly figure beside it: presses the one button of the figure's own bar.
export default function ({ data, parentElement }) {
  parentElement.querySelector(".save").onclick = () =>
    document.querySelector(`.st-key-${data.frame} .modebar-btn`)?.click();
}
