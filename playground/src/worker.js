// The compiler in the browser: Pyodide, and cnnspec as it is. It fetches nothing but its own files.
import { loadPyodide } from "pyodide";

const base = new URL("py/", self.location.href).href;
let run;

async function start() {
  const began = performance.now();
  const app = fetch(`${base}app.zip`).then((response) => {
    if (!response.ok) throw new Error("a file of the page is missing: py/app.zip");
    return response.arrayBuffer();
  });
  const python = await loadPyodide({ indexURL: base, stdLibURL: `${base}std.zip` });
  const runtime = performance.now();
  python.unpackArchive(new Uint8Array(await app), "zip", { extractDir: "/app" });
  python.runPython("import sys; sys.path.insert(0, '/app')");
  const desk = python.pyimport("cnnspec.play.desk");
  const one = desk.Desk();
  run = (request) => desk.run(one, request);
  return { runtime: runtime - began, import: performance.now() - runtime };
}

const ready = start().then(
  (times) => self.postMessage({ ready: true, times }),
  (error) => self.postMessage({ failed: String(error) }),
);

self.onmessage = async ({ data }) => {
  await ready;
  const began = performance.now();
  try {
    self.postMessage({ answer: run(data), ms: performance.now() - began });
  } catch (error) {
    const [last] = String(error.message ?? error).trim().split("\n").slice(-1);
    self.postMessage({ failed: `internal fault, not your spec's: ${last}` });
  }
};
