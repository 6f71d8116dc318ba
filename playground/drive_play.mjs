// Uses the page of `cnnspec play`: node drive_play.mjs ADDRESS CHROMIUM PICTURES. One line of JSON.
import { join } from "node:path";
import { chromium } from "playwright-core";

const [address, executablePath, pictures] = process.argv.slice(2);
const report = { complaints: [] };
const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
page.on("console", (m) => ["error", "warning"].includes(m.type()) && report.complaints.push(m.text()));
page.on("pageerror", (error) => report.complaints.push(String(error)));
const idle = async () => {
  while (!(await page.evaluate(() => window.cnnspec?.idle()))) await page.waitForTimeout(50);
};
await page.goto(address);
await idle();
report.status = await page.textContent("#status");
report.shapes = await page.locator("#editor .cm-shape").allTextContents();
await page.locator("#editor .cm-content").click();
await page.keyboard.press("Control+End");
await page.keyboard.type("# by hand\n");
await idle();
await page.keyboard.press("Control+s");
await page.waitForTimeout(100);
await idle();
report.saved = await page.textContent("#status");
await page.screenshot({ path: join(pictures, "play.png") });
console.log(JSON.stringify(report));
await browser.close();
