// An editor of the browser's own, where CodeMirror was not built: a text area, hints beside it.

export function create(parent, { changed, moved, describe }) {
  const box = document.createElement("div");
  const area = document.createElement("textarea");
  const side = document.createElement("pre");
  box.className = "plain";
  area.spellcheck = false;
  area.wrap = "off";
  area.setAttribute("aria-label", describe);
  side.setAttribute("aria-hidden", "true");
  box.append(area, side);
  parent.append(box);
  const lineAt = (place) => area.value.slice(0, place).split("\n").length;
  area.addEventListener("input", () => changed());
  area.addEventListener("scroll", () => { side.scrollTop = area.scrollTop; });
  area.addEventListener("selectionchange", () => moved(lineAt(area.selectionStart)));
  return {
    text: () => area.value,
    set(text) { area.value = text; area.setSelectionRange(0, 0); changed(); },
    edit(edits) {
      for (const { from, to, text } of [...edits].sort((a, b) => b.from - a.from)) {
        area.setRangeText(text, from, to);
      }
      changed();
    },
    problems() {},
    hints(lines) {
      const count = area.value.split("\n").length;
      side.textContent = Array.from({ length: count }, (_, n) => lines[n + 1] ?? "").join("\n");
      side.scrollTop = area.scrollTop;
    },
    goTo(place) { area.focus(); area.setSelectionRange(place, place); },
    goToLine(line) {
      const place = area.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
      area.focus();
      area.setSelectionRange(place, place);
      area.scrollTop = (line - 4) * 18;
    },
  };
}
