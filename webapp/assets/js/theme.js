// Runs in <head> before the first paint: applies the stored light/dark choice and text size, and marks
// the page as scripted. Nothing is stored until the reader chooses; without a choice the device decides.
(() => {
  const root = document.documentElement;
  root.dataset.js = "";
  try {
    const theme = localStorage.getItem("phs.theme");
    const text = localStorage.getItem("phs.text");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    if (text === "large" || text === "larger") root.dataset.text = text;
  } catch {
    // storage refused (private window): the device's own choice stays
  }
})();
