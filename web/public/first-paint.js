// Sets theme and language before anything is painted, so that a dim room never sees a white flash.
// A file of its own because the content security policy allows no inline script.
(() => {
  const root = document.documentElement;
  let theme = null;
  try {
    theme = localStorage.getItem("giaolo.theme");
    if (localStorage.getItem("giaolo.language") === "en") root.lang = "en";
  } catch {
    // Storage is closed to us: the defaults hold.
  }
  if (theme !== "light" && theme !== "dark") {
    theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
  root.dataset.theme = theme;
})();
