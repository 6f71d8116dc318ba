// Looks at every page of the site as people do: node look.mjs CHROMIUM PICTURES [SITE] [--dark] [--only TEXT]
//
// Each page at 1,400 and at 390 px in headless Chromium: a picture of its first 3,000 px, and one
// line of JSON for what is wrong with it: wider than the window, a picture that is none, something
// on the console, an address outside. Then contact sheets, twelve pages in one picture, for a
// person to look at. Not in CI: `make docs` first, and look.
import { createServer } from "node:http";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, extname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { dark: { type: "boolean" }, only: { type: "string", default: "" } },
});
const [executablePath, pictures, given] = positionals;
const site = given ?? join(dirname(fileURLToPath(import.meta.url)), "..", "docs", "_build");
const WIDTHS = [1400, 390];
const TALLEST = 3000; // px of a page in its picture
const TYPES = { ".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml" };

function pages(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((one) => {
    const path = join(folder, one.name);
    if (one.isDirectory()) return ["playground", "_static"].includes(one.name) ? [] : pages(path);
    return one.name.endsWith(".html") ? [relative(site, path)] : [];
  });
}

const server = createServer((request, response) => {
  const path = join(site, decodeURIComponent(new URL(request.url, "http://site").pathname));
  if (!path.startsWith(site) || !statSync(path, { throwIfNoEntry: false })?.isFile()) {
    return response.writeHead(404).end();
  }
  response.writeHead(200, { "Content-Type": TYPES[extname(path)] ?? "application/octet-stream" });
  response.end(readFileSync(path));
});
await new Promise((started) => server.listen(0, "127.0.0.1", started));
const origin = `http://127.0.0.1:${server.address().port}`;

const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
});
mkdirSync(pictures, { recursive: true });
const wanted = pages(site).filter((name) => name.includes(values.only)).sort();
let faults = 0;

// What a page shows that it should not.
const found = () => ({
  wide: document.scrollingElement.scrollWidth - innerWidth,
  widest: [...document.querySelectorAll("article *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1
    && !e.closest(".highlight, .table-wrapper, pre")).slice(0, 3).map((e) => `${e.tagName} ${e.className}`),
  broken: [...document.images].filter((i) => !i.complete || !i.naturalWidth).map((i) => i.src),
  high: document.scrollingElement.scrollHeight,
});

for (const width of WIDTHS) {
  const context = await browser.newContext({
    viewport: { width, height: 900 }, colorScheme: values.dark ? "dark" : "light",
  });
  const page = await context.newPage();
  let said = [];
  page.on("console", (m) => ["error", "warning"].includes(m.type()) && said.push(m.text().slice(0, 200)));
  page.on("pageerror", (error) => said.push(String(error).slice(0, 200)));
  page.on("request", (r) => r.url().startsWith(origin) || r.url().startsWith("data:") || said.push(`asks ${r.url()}`));
  for (const name of wanted) {
    said = [];
    await page.goto(`${origin}/${name}`);
    const { high, ...about } = await page.evaluate(found);
    if (about.wide > 0 || about.widest.length || about.broken.length || said.length) {
      faults++;
      console.log(JSON.stringify({ name, width, ...about, said }));
    }
    const path = join(pictures, `${width}-${name.replaceAll("/", "-")}.png`);
    await page.screenshot({ path, fullPage: true, clip: { x: 0, y: 0, width, height: Math.min(high, TALLEST) } });
  }
  await context.close();
}

// Contact sheets: pictures beside each other, each under its name.
const sheet = await browser.newPage({ viewport: { width: 1800, height: 1000 } });
for (const width of WIDTHS) {
  const [columns, count] = width > 1000 ? [4, 12] : [8, 16];
  for (let n = 0; n * count < wanted.length; n++) {
    const cells = wanted.slice(n * count, (n + 1) * count).map((name) => {
      const path = pathToFileURL(join(pictures, `${width}-${name.replaceAll("/", "-")}.png`));
      return `<figure><figcaption>${name}</figcaption><img src="${path}"></figure>`;
    });
    const file = join(pictures, `sheet-${width}-${n}.html`);
    writeFileSync(file, `<style>body { display: grid; grid-template-columns: repeat(${columns}, 1fr); gap: 8px; margin: 8px;
      font: 13px sans-serif; background: #888 } figure { margin: 0 } img { width: 100%; max-height: ${width > 1000 ? 640 : 900}px;
      object-fit: cover; object-position: top; display: block }</style>${cells.join("")}`);
    await sheet.goto(pathToFileURL(file).href);
    await sheet.screenshot({ path: file.replace(".html", ".png"), fullPage: true });
  }
}
console.log(JSON.stringify({ pages: wanted.length, widths: WIDTHS, faults }));
await browser.close();
server.close();
