// The page: what is typed is checked, drawn and written as code, and nothing of it goes elsewhere.
import { ServerEngine, Stopped, WorkerEngine } from "./engine.js";
import { pack, unpack } from "./share.js";

const $ = (id) => document.getElementById(id);
const query = new URLSearchParams(location.search);
const KEPT = "cnnspec.text"; // where the last text lies in this browser
const TITLES = {
  torch: "PyTorch", summary: "summary", claims: "claims", sizes: "sizes",
  field: "receptive field", memory: "memory", diff: "diff",
};
const STYLES = { block: "blocks", volumes: "volumes", trunk: "trunk", columns: "columns",
  module: "module", table: "table" };

const server = document.body.dataset.engine === "server";
const limit = 1000 * Math.min(Number(query.get("limit")) || 5, 600); // ms for one request
const engine = server ? new ServerEngine() : new WorkerEngine(limit, say);
const stats = { keys: [], first: 0, times: engine.times }; // what tests measure
window.cnnspec = { stats, engine, idle: () => opened && !busy && !wanted && !engine.pending };

let editor;
let name = "lenet5.cnn"; // what is edited
let original = ""; // the text as it was opened: what `diff` compares with
let file = ""; // the file that `cnnspec play` was given
let tab = "torch";
let figure = {}; // the last figure that there was: svg, lines
let code = ""; // the last PyTorch module
let shown = ""; // the text that the page shows
let wanted = false; // whether something is to be asked anew
let busy = false;
let net = ""; // the net that was chosen, if one was
let opened = false; // whether there is a text yet
let failed = ""; // what could not be opened

function say(text) { $("status").textContent = text; }

// --- asking ---

const theme = () => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
const about = (more) => ({
  name, net, text: shown, style: $("style").value, level: $("level").value, theme: theme(), ...more,
});

// Ask for everything anew, once what is being asked has come.
function refresh() {
  wanted = true;
  if (!busy && opened) void follow();
}

async function follow() {
  busy = true;
  while (wanted) {
    wanted = false;
    shown = editor.text();
    const began = performance.now();
    try {
      await answer();
      stats.first ||= performance.now();
      if (!wanted) stats.keys.push(performance.now() - began);
    } catch (error) {
      mark(true);
      if (error instanceof Stopped) {
        say(`stopped: this text takes more than ${engine.limit / 1000} seconds`);
      } else say(error.message);
    }
  }
  busy = false;
}

// Each step is given up when something else was typed meanwhile.
async function answer() {
  const found = await engine.ask(about({ ask: "check" }));
  if (wanted) return;
  showCheck(found);
  keep();
  if (found.net) {
    const drawn = await engine.ask(about({ ask: "figure" }));
    if (wanted) return;
    showFigure(drawn);
    await showTab();
  }
  if (found.diagnostics.length && !wanted) {
    const { fixes, follow: follows } = await engine.ask(about({ ask: "fixes" }));
    if (wanted) return;
    showProblems(found.diagnostics, fixes);
    if (follows) $("problems").prepend(following());
  }
}

function showCheck(found) {
  editor.hints(found.hints);
  showProblems(found.diagnostics, {});
  if (found.nets.length) options($("net"), found.nets, found.net);
  mark(!found.net);
  if (shown !== original) failed = "";
  say(failed ? `${failed} · ${found.says}` : found.says);
}

// Grey what belongs to an earlier text.
function mark(stale) {
  for (const id of ["figure", "body", "difference"]) $(id).classList.toggle("stale", stale);
}

// --- what is wrong ---

function showProblems(found, fixes) {
  editor.problems(found.filter((one) => one.own), (one) => fixes[found.indexOf(one)] ?? []);
  $("problems").replaceChildren(...found.slice(0, 50).map((one, n) => problem(one, fixes[n] ?? [])));
}

function problem(one, fixes) {
  const item = element("li", one.severity);
  const place = element("button", "place", one.place);
  place.type = "button";
  place.disabled = !one.own;
  place.onclick = () => editor.goTo(one.from);
  item.append(place, element("span", "code", `${one.severity}[${one.code}] `));
  item.append(element("span", "said", one.message));
  if (fixes.length) item.append(element("br"));
  for (const fix of fixes) {
    const button = element("button", "fix", fix.title);
    button.type = "button";
    button.onclick = () => editor.edit(fix.edits);
    item.append(button);
  }
  return item;
}

// For who makes another net of this one: the shapes that are asserted, and claims of a paper.
function following() {
  const item = element("li", "follow");
  const button = element("button", "", "let shapes and claims follow the layers");
  button.type = "button";
  button.title = "writes each shape as it is, and deletes claims that no longer hold";
  button.onclick = () => trying(async () => {
    const { text } = await engine.ask(about({ ask: "follow" }));
    if (text === editor.text()) say("nothing more follows from the layers: the first error is one of theirs");
    else editor.edit([{ from: 0, to: editor.text().length, text }]);
  });
  item.append(button);
  return item;
}

function element(kind, className = "", text = "") {
  const made = document.createElement(kind);
  made.className = className;
  made.textContent = text;
  return made;
}

// --- the figure ---

// An SVG of ours as an element: parsed as a document of its own, where scripts never run.
function drawing(svg) {
  const root = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  return document.importNode(root, true);
}

function showFigure(drawn) {
  $("note").textContent = drawn.note ?? "";
  if (drawn.svg) {
    figure = drawn;
    const svg = drawing(drawn.svg);
    // Somewhat larger than on paper, as wide as there is room; on a phone a wide one is scrolled.
    const width = parseFloat(svg.getAttribute("width")) * (4 / 3) * 1.25;
    svg.classList.toggle("wide", width > 560 && matchMedia("(max-width: 760px)").matches);
    svg.style.width = `${width}px`;
    $("figure").replaceChildren(svg);
    light(line);
  } else {
    $("figure").replaceChildren(element("pre", "", drawn.table ?? drawn.refused ?? ""));
  }
}

let line = 0; // the line that the cursor is in
const paths = (box) => (box.dataset.op ?? "").split(" ").filter(Boolean);

// Show which boxes a line makes.
function light(number) {
  line = number;
  for (const box of $("figure").querySelectorAll("[data-op]")) {
    box.classList.toggle("lit", paths(box).some((path) => figure.lines?.[path] === number));
  }
}

$("figure").addEventListener("click", (event) => {
  const box = event.target.closest("[data-op]");
  const path = box && paths(box).find((one) => figure.lines?.[one]);
  if (path) editor.goToLine(figure.lines[path]);
});

// --- tabs ---

function makeTabs(names) {
  $("tabs").replaceChildren(...names.map((one) => {
    const button = element("button", "", TITLES[one]);
    button.type = "button";
    button.role = "tab";
    button.id = `tab-${one}`;
    button.setAttribute("aria-controls", "panel");
    button.onclick = () => choose(one);
    return button;
  }));
  $("tabs").addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = names[(names.indexOf(tab) + step + names.length) % names.length];
    choose(next);
    $(`tab-${next}`).focus();
  });
  choose(tab);
}

function choose(one) {
  tab = one;
  for (const button of $("tabs").children) {
    const chosen = button.id === `tab-${one}`;
    button.setAttribute("aria-selected", chosen);
    button.tabIndex = chosen ? 0 : -1;
  }
  $("compare").hidden = tab !== "diff";
  refresh();
}

async function showTab() {
  const asked = tab;
  const found = asked === "diff"
    ? await engine.ask(about({ ask: "diff", ...(await base()) }))
    : await engine.ask(about({ ask: "tab", tab: asked }));
  if (wanted || asked !== tab || found.text === undefined) return;
  $("body").textContent = found.text;
  $("panel").dataset.tab = tab;
  if (tab === "torch") code = found.text;
  $("difference").replaceChildren(...(found.svg ? [drawing(found.svg)] : []));
}

async function base() {
  const chosen = $("base").value;
  if (!chosen) return { base: original, base_name: name };
  const { text } = await engine.ask({ ask: "text", name: chosen });
  return { base: text, base_name: chosen };
}

// --- texts ---

async function open(wantedName, text) {
  const read = text ?? (await engine.ask({ ask: "text", name: wantedName })).text;
  name = wantedName;
  net = "";
  $("example").value = [...$("example").options].some((one) => one.value === name) ? name : "";
  try {
    original = (await engine.ask({ ask: "text", name })).text;
  } catch {
    original = read; // a text of the visitor's own: there is no example of it
  }
  opened = true;
  editor.set(read);
}

let keeping;
// The text into the address and into this browser, a moment after the last key.
function keep() {
  clearTimeout(keeping);
  keeping = setTimeout(async () => {
    const text = editor.text();
    const value = text === original ? "" : await pack({ name, text });
    history.replaceState(null, "", value ? `#${value}` : `#${name.replace(/\.cnn$/, "")}`);
    try { localStorage.setItem(KEPT, JSON.stringify({ name, text })); } catch { /* private window */ }
  }, 400);
}

// What to open: the address, else the file, else what was here last, else LeNet-5.
async function first(examples) {
  const hash = location.hash.slice(1);
  const wantedName = `${query.get("spec") || hash || "lenet5"}.cnn`;
  if (file && !hash) return [file];
  if (examples.includes(wantedName) && (hash || query.get("spec"))) return [wantedName];
  if (hash) {
    try {
      const found = await unpack(hash);
      return [found.name, found.text];
    } catch {
      failed = "this link is damaged: it holds no spec";
    }
  } else {
    try {
      const kept = JSON.parse(localStorage.getItem(KEPT));
      if (kept?.text) return [kept.name, kept.text];
    } catch { /* nothing was kept */ }
  }
  return [examples.includes("lenet5.cnn") ? "lenet5.cnn" : examples[0]];
}

function options(select, values, chosen, titles = {}) {
  select.replaceChildren(...values.map((value) => new Option(titles[value] ?? value, value)));
  select.value = chosen;
}

// The examples by folder.
function examplesInto(select, names, head) {
  select.replaceChildren(new Option(head, ""));
  const groups = new Map();
  for (const one of names) {
    const [stem, folder = ""] = one.replace(/\.cnn$/, "").split("/").reverse();
    if (!groups.has(folder)) {
      const group = document.createElement("optgroup");
      group.label = folder || "papers";
      groups.set(folder, group);
      select.append(group);
    }
    groups.get(folder).append(new Option(stem, one));
  }
}

// --- files ---

function download(content, kind, ending) {
  const link = document.createElement("a");
  const blob = content instanceof Blob ? content : new Blob([content], { type: kind });
  link.href = URL.createObjectURL(blob);
  link.download = `${$("net").value || name.replace(/\.cnn$/, "")}.${ending}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

async function png() {
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([figure.svg], { type: "image/svg+xml" }));
  await image.decode();
  const scale = Math.min(300 / 96, 8000 / Math.max(image.width, image.height)); // 300 dots an inch
  const canvas = document.createElement("canvas");
  canvas.width = image.width * scale;
  canvas.height = image.height * scale;
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

const DOWNLOADS = {
  svg: async () => download(figure.svg, "image/svg+xml", "svg"),
  png: async () => download(await png(), "image/png", "png"),
  cnn: async () => download(editor.text(), "text/plain", "cnn"),
  py: async () => {
    const found = await engine.ask(about({ ask: "tab", tab: "torch" }));
    if (!found.text?.startsWith('"""')) throw new Error((found.text ?? "no net").trim());
    download(found.text, "text/x-python", "py");
  },
  pdf: async () => {
    const found = await engine.ask(about({ ask: "pdf" }));
    if (!found.pdf) throw new Error(found.refused ?? "no figure");
    download(Uint8Array.from(atob(found.pdf), (c) => c.charCodeAt(0)), "application/pdf", "pdf");
  },
};

async function trying(action) {
  try { await action(); } catch (error) { say(error.message); }
}

async function save() {
  if (!file || name !== file) return say("only the file that cnnspec play was given is saved");
  const text = editor.text();
  await engine.save(text);
  say(`${file} is saved`);
}

// --- start ---

async function start() {
  const built = document.body.dataset.editor === "built";
  const { create } = await import(built ? "./built/editor.js" : "./plain.js");
  editor = create($("editor"), {
    changed: refresh,
    moved: light,
    describe: "the text of the spec",
    complete: async (text, at) => (await engine.ask({ ask: "complete", name, text, at })).items,
    hover: async (at) => (await engine.ask(about({ ask: "hover", at }))).text,
  });
  window.cnnspec.editor = editor;
  const menus = await engine.ask({ ask: "start" });
  file = menus.file;
  $("save").hidden = !file;
  examplesInto($("example"), menus.examples, file || "your own");
  examplesInto($("base"), menus.examples, "as it was opened");
  options($("style"), menus.styles, "block", STYLES);
  options($("level"), menus.levels, "block");
  makeTabs(menus.tabs);
  const [firstName, text] = await first(menus.examples);
  await open(firstName, text);
}

$("example").onchange = () => trying(() => open($("example").value || file || "mine.cnn",
  $("example").value || file ? undefined : editor.text()));
$("net").onchange = () => { net = $("net").value; refresh(); };
$("style").onchange = () => { $("levels").hidden = $("style").value !== "block"; refresh(); };
$("level").onchange = refresh;
$("base").onchange = refresh;
$("reset").onclick = () => editor.set(original);
$("save").onclick = () => trying(save);
$("format").onclick = () => trying(async () => {
  const { text } = await engine.ask({ ask: "format", text: editor.text() });
  if (text === undefined) return say("a text that cannot be read has no layout yet");
  if (text !== editor.text()) editor.set(text);
});
$("share").onclick = () => trying(async () => {
  const address = new URL(location.href);
  address.hash = await pack({ name, text: editor.text() });
  history.replaceState(null, "", address.hash);
  try { await navigator.clipboard.writeText(address.href); } catch { /* it is in the address bar */ }
  say(`the address holds the whole spec: ${address.href.length} characters`);
});
$("download").onchange = () => {
  const form = $("download").value;
  $("download").value = "";
  if (form) void trying(DOWNLOADS[form]);
};
document.addEventListener("keydown", (event) => {
  if (file && (event.ctrlKey || event.metaKey) && event.key === "s") {
    event.preventDefault();
    void trying(save);
  }
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", refresh);
window.addEventListener("hashchange", () => location.reload());

start().catch((error) => say(`the page did not start: ${error.message}`));
