// An address and the button that copies it.
export default function ({ data, parentElement }) {
  const [address, button] = ["address", "copy"].map((name) => parentElement.querySelector(`.${name}`));
  address.textContent = data.address;
  button.textContent = "Copy";
  button.onclick = async () => {
    const isCopied = (await copied(data.address)) || copiedTheOldWay(data.address, parentElement);
    button.textContent = isCopied ? "Copied" : "Select it and press Ctrl+C";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  };
}

// Browsers offer this on https and on localhost alone, not to a class that joins by an IP address.
const copied = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
};

function copiedTheOldWay(text, root) {
  const field = document.createElement("textarea");
  Object.assign(field, { value: text, readOnly: true, ariaHidden: "true" });
  field.style.cssText = "position: fixed; opacity: 0";
  root.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  return isCopied;
}
