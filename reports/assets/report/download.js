// Files to take along: what the page holds becomes a download without any other file.

function saveUri(name, uri) {
  const link = element("a", { download: name, href: uri });
  document.body.append(link);
  link.click();
  link.remove();
}

function saveBlob(name, blob) {
  const uri = URL.createObjectURL(blob);
  saveUri(name, uri);
  setTimeout(() => URL.revokeObjectURL(uri), 10_000);
}

function saveText(name, type, text) {
  saveBlob(name, new Blob([text], { type: `${type};charset=utf-8` }));
}

/** Paints an image, given as a `data:` or `blob:` address, at `scale` times its size and saves it as PNG. */
async function savePng(name, uri, scale) {
  const image = new Image();
  image.src = uri;
  await image.decode();
  const canvas = element("canvas", { width: image.width * scale, height: image.height * scale });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  saveBlob(name, blob);
}

/** A cell of a CSV file. */
function csvCell(value) {
  const text = value === null || value === undefined ? "" : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csvOf(rows) {
  return rows.map((row) => row.map(csvCell).join(",") + "\n").join("");
}

/** Lets the links below a figure lead to what the page itself holds. */
function startFigureDownloads() {
  for (const figure of document.querySelectorAll("figure.drawn")) {
    const { src } = figure.querySelector("img");
    for (const link of figure.querySelectorAll(".downloads a")) {
      const kind = link.textContent.toLowerCase();
      const name = `${figure.dataset.name}.${kind}`;
      if (src.startsWith(`data:image/${kind}`)) {
        link.href = src;
        link.download = name;
      } else if (kind === "png" && src.startsWith("data:image/svg")) {
        link.addEventListener("click", (event) => {
          event.preventDefault();
          savePng(name, src, 2);
        });
      }
    }
  }
}
