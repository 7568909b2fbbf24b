// Light or dark: as the system says, unless the reader chooses.

const THEME = "gan-benchmark-theme";

/** Browsers may refuse storage to a page that is a file. */
function storedTheme() {
  try {
    return localStorage.getItem(THEME) ?? "";
  } catch {
    return "";
  }
}

function storeTheme(theme) {
  try {
    localStorage.setItem(THEME, theme);
  } catch {
    // Then the choice lasts as long as the page is open.
  }
}

function setTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

function startTheme() {
  const select = byId("theme");
  select.value = storedTheme();
  setTheme(select.value);
  select.addEventListener("change", () => {
    setTheme(select.value);
    storeTheme(select.value);
  });
}
