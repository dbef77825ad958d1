// Shared by the parts that save a drawing: it stands before the script of each.

// Hand a drawing to the student as a file.
function saveSvg(svg, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  link.download = name + ".svg";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000); // at once could stop the download
}

