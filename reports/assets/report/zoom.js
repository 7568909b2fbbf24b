// Figures that open in a window of their own, larger and larger.

const ZOOM_STEP = 1.5;
const LARGEST_ZOOM = 12;

function startZoom() {
  const links = [...document.querySelectorAll("a.zoom")];
  if (!links.length) return;
  let shown = 0;
  let factor = 1;
  const image = element("img", { alt: "" });
  const stage = element("div", { class: "stage", tabindex: "0", role: "region", "aria-label": "Figure" }, image);
  const caption = element("p", { id: "zoom-caption" });

  const resize = (wanted) => {
    factor = Math.min(Math.max(wanted, 1), LARGEST_ZOOM);
    const whole = Math.min(stage.clientWidth / image.naturalWidth, stage.clientHeight / image.naturalHeight);
    image.style.width = `${image.naturalWidth * whole * factor}px`;
  };
  const show = (index) => {
    shown = (index + links.length) % links.length;
    const { src, alt, className } = links[shown].querySelector("img");
    image.className = className;
    image.src = src;
    image.alt = alt;
    caption.textContent = alt;
    image.decode().then(() => resize(1), () => {});
  };
  const controls = element(
    "div",
    { class: "controls" },
    button("Larger", () => resize(factor * ZOOM_STEP)),
    button("Smaller", () => resize(factor / ZOOM_STEP)),
    button("Whole", () => resize(1)),
    button("Previous", () => show(shown - 1)),
    button("Next", () => show(shown + 1)),
    button("Close", () => dialog.close()),
  );
  const dialog = element("dialog", { id: "zoom", "aria-labelledby": "zoom-caption" }, controls, stage, caption);
  const keys = {
    "+": () => resize(factor * ZOOM_STEP),
    "=": () => resize(factor * ZOOM_STEP),
    "-": () => resize(factor / ZOOM_STEP),
    0: () => resize(1),
    PageUp: () => show(shown - 1),
    PageDown: () => show(shown + 1),
  };
  dialog.addEventListener("keydown", (event) => {
    if (!keys[event.key] || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    keys[event.key]();
  });
  stage.addEventListener("dblclick", () => resize(factor > 1 ? 1 : 3));
  document.body.append(dialog);
  links.forEach((link, index) => {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      dialog.showModal();
      show(index);
    });
  });
  dialog.addEventListener("close", () => links[shown].focus());
}
