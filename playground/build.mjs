// Makes the page's built parts: node build.mjs PYTHON [OUT]
//
//   cnnspec/play/page/built/editor.js   CodeMirror, which `cnnspec play` serves
//   editors/vscode/dist/extension.js    the extension with its client library
//   OUT (build/playground)              the static page with Python in it
//
// Pyodide itself compiles the sources to bytecode for its own Python, and leaves out of the standard
// library what nothing imports.
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { loadPyodide } from "pyodide";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);
const [python, out = join(root, "build", "playground")] = process.argv.slice(2);
const page = join(root, "cnnspec", "play", "page");
const modules = join(here, "node_modules");

const bundle = (from, to, more = {}) => build({
  entryPoints: [from], outfile: to, bundle: true, minify: true, format: "esm", target: "es2022",
  legalComments: "none", logLevel: "warning", nodePaths: [modules], ...more,
});

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, "py"), { recursive: true });
await bundle(join(here, "src", "editor.js"), join(page, "built", "editor.js"));
cpSync(page, out, { recursive: true });
mkdirSync(join(out, "fonts"));
for (const name of ["Arimo-Regular.ttf", "Arimo-Bold.ttf", "OFL.txt"]) {
  copyFileSync(join(root, "cnnspec", "draw", "fonts", name), join(out, "fonts", name));
}
await bundle(join(here, "src", "worker.js"), join(out, "worker.js"), {
  external: ["node:*", "ws"],
});
await bundle(join(root, "editors", "vscode", "extension.js"), join(root, "editors", "vscode", "dist", "extension.js"), {
  format: "cjs", platform: "node", external: ["vscode"],
});
for (const name of ["pyodide.asm.mjs", "pyodide.asm.wasm"]) {
  copyFileSync(join(modules, "pyodide", name), join(out, "py", name));
}
const lock = JSON.parse(readFileSync(join(modules, "pyodide", "pyodide-lock.json"), "utf8"));
writeFileSync(join(out, "py", "pyodide-lock.json"), JSON.stringify({ ...lock, packages: {} }));
copyFileSync(join(here, "NOTICE.md"), join(out, "NOTICE.md"));

const tree = resolve(root, "build", "tree");
execFileSync(python, [join(here, "gather.py"), tree], { stdio: "inherit" });
const runtime = await loadPyodide({
  indexURL: `${join(modules, "pyodide")}/`,
  env: { PYTHONNODEBUGRANGES: "1" }, // no columns in tracebacks: a fifth of the bytecode
});
runtime.mountNodeFS("/tree", tree);
runtime.runPython(readFileSync(join(here, "pack.py"), "utf8"));
for (const name of ["app.zip", "std.zip"]) {
  writeFileSync(join(out, "py", name), runtime.FS.readFile(`/${name}`));
}
