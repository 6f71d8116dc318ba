// Opened as a file the page cannot start: browsers give modules and workers to web servers alone.
if (location.protocol === "file:") {
  addEventListener("DOMContentLoaded", () => {
    document.getElementById("status").textContent =
      "this page needs a web server: run `python -m http.server` in its folder, or `cnnspec play`";
  });
}
