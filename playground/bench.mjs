// CPU time of the page's Python, in Node: node bench.mjs [SITE]. One line of JSON.
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { loadPyodide } from "pyodide";

const here = dirname(fileURLToPath(import.meta.url));
const py = `${resolve(process.argv[2] ?? join(here, "..", "build", "playground"), "py")}/`;
const cpu = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };

const began = cpu();
const python = await loadPyodide({ indexURL: py, stdLibURL: `${py}std.zip` });
python.unpackArchive(new Uint8Array(readFileSync(`${py}app.zip`)), "zip", { extractDir: "/app" });
python.runPython("import sys; sys.path.insert(0, '/app')");
const desk = python.pyimport("cnnspec.play.desk");
const one = desk.Desk();
const ask = (request) => {
  const answer = JSON.parse(desk.run(one, JSON.stringify(request)));
  if (answer.unanswered) throw new Error(answer.unanswered);
  return answer;
};
// What one key costs: check, figure and PyTorch module.
const key = (name, text) => {
  const before = cpu();
  ask({ ask: "check", name, text });
  ask({ ask: "figure", name, text });
  ask({ ask: "tab", tab: "torch", name, text });
  return cpu() - before;
};
const text = (name) => ask({ ask: "text", name }).text;

key("lenet5.cnn", text("lenet5.cnn"));
const first = cpu() - began;
const keys = {};
for (const name of ["resnet34", "alexnet", "inception_v3", "resnet1202", "densenet264"]) {
  const whole = text(`${name}.cnn`);
  key(`${name}.cnn`, whole);
  const times = [1, 2, 3, 4, 5].map((number) => key(`${name}.cnn`, `${whole}\n# ${number}`));
  keys[name] = Math.round(times.sort((a, b) => a - b)[2]);
}
console.log(JSON.stringify({ first: Math.round(first), keys }));
