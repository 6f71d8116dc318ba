// Follows links of the site into the playground: node drive_site.mjs ADDRESS CHROMIUM SITE PAGE:N ...
//
// ADDRESS serves the folder SITE; PAGE:N is the link below the page's example N, from 0. The playground
// is opened as a file too. Prints one JSON object, which tests/docs/test_site.py judges.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [address, executablePath, site, ...wanted] = process.argv.slice(2);
const report = { complaints: [], origins: [], opened: {} };
const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
for (const one of wanted) {
  const [where, n] = one.split(":");
  const page = await (await browser.newContext()).newPage();
  page.on("console", (m) => ["error", "warning"].includes(m.type()) && report.complaints.push(m.text().slice(0, 300)));
  page.on("pageerror", (error) => report.complaints.push(String(error).slice(0, 300)));
  page.on("request", (r) => report.origins.push(new URL(r.url()).protocol === "blob:" ? "blob" : new URL(r.url()).origin));
  await page.goto(`${address}${where}.html?limit=300`);
  const link = page.locator("p.playground a").nth(Number(n));
  const shown = await page.locator(".example pre").nth(Number(n)).textContent();
  await link.click();
  await page.waitForFunction(() => window.cnnspec?.idle(), undefined, { timeout: 120_000 });
  report.opened[one] = {
    shown,
    text: await page.evaluate(() => window.cnnspec.editor.text()),
    says: await page.textContent("#status"),
    problems: await page.locator("#problems li .code").allTextContents(),
  };
}
const local = await browser.newPage();
await local.goto(pathToFileURL(join(site, "playground", "index.html")).href);
report.file = await local.textContent("#status");
console.log(JSON.stringify(report));
await browser.close();
