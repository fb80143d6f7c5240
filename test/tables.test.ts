import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Handlebars from "handlebars";
import { expect, test } from "vitest";
import type { BlogAnswer } from "../server/blogs/blogs.ts";
import type { PostAnswer } from "../server/posts/present.ts";
import { AUTH_SECRET, useApp } from "./app.ts";
import { findings, newsroom, pageTest, useBrowser } from "./browser.ts";
import { runToEnd } from "./command-line.ts";
import { ComposerPage, PHONE, published } from "./composer-page.ts";
import { press, reach } from "./keyboard.ts";
import { ReaderPage } from "./reader-page.ts";

const app = useApp();
const browser = useBrowser(app);

const SEATS =
  '<table><caption>Seats won, by party</caption><thead><tr><td></td><th scope="col">2025</th><th scope="col">2026</th></tr></thead>' +
  '<tbody><tr><th scope="row">Left</th><td>1,204</td><td>–</td></tr><tr><th scope="row">Right &amp; Co</th><td>98</td><td>104</td></tr></tbody></table>';
const SEATS_TEXT = "Seats won, by party: | 2025 | 2026; Left | 1,204 | –; Right & Co | 98 | 104";

/** As every page has it. */
const SHOWN = `<div class="table-frame" role="group" aria-label="Seats won, by party" tabindex="0"><table><caption>Seats won, by party</caption>
<thead><tr><td></td>
<th class="number" scope="col">2025</th>
<th class="number" scope="col">2026</th>
</tr>
</thead><tbody><tr><th scope="row">Left</th>
<td class="number">1,204</td>
<td class="number">–</td>
</tr>
<tr><th scope="row">Right &amp; Co</th>
<td class="number">98</td>
<td class="number">104</td>
</tr>
</tbody></table></div>`;

const send = async (blog: BlogAnswer, fields: object) =>
  app
    .as(await app.person("reporter"))
    .post(`/api/blogs/${blog.slug}/posts`)
    .send(fields);

async function kept(body: string): Promise<string> {
  const { reduceBody } = await import("../server/posts/body.ts");
  const once = reduceBody(body);
  expect(reduceBody(once)).toBe(once);
  return once;
}

test("a table is kept with its caption, headers and spans, and nothing that is not of a table", async () => {
  expect(await kept(SEATS)).toBe(SEATS);
  const blog = await app.blog();
  expect((await app.post(blog, { body: SEATS })).body).toBe(SEATS);
  expect(
    await kept(`<table border=1 style="width:9999px" onclick="alert(1)" class=x><caption onmouseover=x>Of <b>all</b><script>alert(1)</script></caption>
      <colgroup><col width=900></colgroup><tr><th scope="bogus" id=posts>A<th style=x>B<tr><td bgcolor=red headers=x><img src=x onerror=alert(1)><a href="javascript:alert(1)">one</a><td><a href="https://x.example/">two</a></table>`),
  ).toBe(
    '<table><caption>Of all</caption><thead><tr><th scope="col">A</th><th scope="col">B</th></tr></thead>' +
      '<tbody><tr><td>one</td><td><a href="https://x.example/" rel="noopener nofollow">two</a></td></tr></tbody></table>',
  );
});

test("a table comes out rectangular: spans within it, missing cells made up, empty rows and columns left out", async () => {
  expect(
    await kept("<table><tr><td colspan=1000>All of it<tr><td>a<td>b<td><tr><td><td>&nbsp;<tr><td rowspan=99>c</table>"),
  ).toBe(
    '<table><tbody><tr><td colspan="2">All of it</td></tr><tr><td>a</td><td>b</td></tr><tr><td>c</td><td></td></tr></tbody></table>',
  );
  expect(
    await kept("<table><tr><th rowspan=2>Who<th colspan=2>When<tr><th>then<th>now<tr><td>x<td>1<td>2</table>"),
  ).toBe(
    '<table><thead><tr><th scope="col" rowspan="2">Who</th><th scope="col" colspan="2">When</th></tr>' +
      '<tr><th scope="col">then</th><th scope="col">now</th></tr></thead><tbody><tr><td>x</td><td>1</td><td>2</td></tr></tbody></table>',
  );
});

test("what stands in a cell is one line, and a table stands in nothing else", async () => {
  expect(await kept("<table><tr><td><h2>One</h2><ul><li>a<li><b>b</b></ul><td><p>x</p>\n<p>y<br>z</p></table>")).toBe(
    "<table><tbody><tr><td>One<br />a<br /><strong>b</strong></td><td>x<br />y<br />z</td></tr></tbody></table>",
  );
  expect(await kept("<blockquote>before<table><tr><td>1<td>2</table>after</blockquote>")).toBe(
    "<blockquote><p>before</p></blockquote><table><tbody><tr><td>1</td><td>2</td></tr></tbody></table><p>after</p>",
  );
  // What puts one thing into a frame, as in mails, is no table; one within it is.
  expect(await kept("<table><tr><td>Dear desk<table><tr><td>1<td>2</table></table>")).toBe(
    "<p>Dear desk</p><table><tbody><tr><td>1</td><td>2</td></tr></tbody></table>",
  );
});

test("a table of more than 100 rows or 20 columns is refused, and nothing changes", async () => {
  const blog = await app.blog();
  const rows = (n: number, row: string): string => `<table>${`<tr>${row}`.repeat(n)}</table>`;
  const columns = (n: number): string => `<table><tr>${"<td>1".repeat(n)}<tr>${"<td>2".repeat(n)}</table>`;
  for (const body of [rows(101, "<td>a<td>b"), columns(21), rows(2_000, "<td>a<td>b"), columns(2_000)]) {
    const refused = await send(blog, { headline: "x", body });
    expect([refused.status, refused.body.errors]).toEqual([
      422,
      expect.arrayContaining([{ pointer: "/body", code: "table-too-big" }]),
    ]);
  }
  expect(await app.now(blog)).toMatchObject({ version: 0 });
  for (const body of [rows(100, "<td>a<td>b"), columns(20)]) expect((await send(blog, { body })).status).toBe(201);
});

test("a table reads the same in the page, the push, the frame, the feeds and the archive, and scrolls by itself", async () => {
  const blog = await app.blog({ language: "en-GB" });
  const page = await ReaderPage.load(app, blog.slug);
  const post = await app.post(blog, { headline: "The count", body: `<p>As counted:</p>${SEATS}` });

  const whole = await ReaderPage.load(app, blog.slug);
  const { body: update } = await app
    .request()
    .get(`/blogs/${blog.slug}/updates?after=${page.version}&epoch=${page.epoch}`)
    .expect(200);
  expect(page.receive(update)).toBe(true);
  expect(page.list()).toEqual(whole.list());
  expect(whole.list()[0]).toContain(`<p>As counted:</p>${SHOWN}`);
  expect((await app.request().get(`/blogs/${blog.slug}/embed`).expect(200)).text).toContain(SHOWN);

  const table = SHOWN.replace(/<div[^>]*>|<\/div>| class="number"/g, "");
  const { body: feed } = await app.request().get(`/blogs/${blog.slug}/feed.json`).expect(200);
  expect(feed.items[0].content_html).toContain(`<p>As counted:</p>${table}`);
  for (const format of ["atom", "rss"]) {
    const { text } = await app.request().get(`/blogs/${blog.slug}/feed.${format}`).buffer(true).expect(200);
    expect(text).toContain(Handlebars.escapeExpression(table));
  }
  await newsroom(app, blog).close();
  expect(await archived(blog)).toContain(SHOWN);
  expect(post.body).toContain(SEATS);
});

async function archived({ slug }: BlogAnswer): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "dateline-tables-"));
  const { dataDir } = app.app.context.config;
  const settings = { DATABASE_URL: app.databaseUrl, AUTH_SECRET, DATA_DIR: dataDir, MIGRATE: "off" };
  const { code, stderr } = await runToEnd("commands/export.ts", settings, [slug, "--out", directory]);
  expect([code, stderr]).toEqual([0, ""]);
  const html = await readFile(join(directory, `${slug}.html`), "utf8");
  await rm(directory, { recursive: true });
  return html;
}

test("a table says its name in the language of its blog, where it has no caption", async () => {
  const blog = await app.blog({ language: "de" });
  await app.post(blog, { body: "<table><tr><td>Nord<td>12<tr><td>Süd<td>9</table>" });
  const { text } = await app.request().get(`/blogs/${blog.slug}`).expect(200);
  expect(text).toContain('<div class="table-frame" role="group" aria-label="Tabelle" tabindex="0">');
  const quoted = await app.post(blog, { body: '<table><caption>“A” & "B" < C</caption><tr><td>1<td>2</table>' });
  const { text: page } = await app.request().get(`/blogs/${blog.slug}`).expect(200);
  expect(quoted.body).toContain("&lt; C</caption>");
  expect(page).toContain('aria-label="“A” &amp; &quot;B&quot; &lt; C" tabindex="0"');
});

test("the words of a table are told apart where there is no table: titles, structured data, search, the history", async () => {
  const blog = await app.blog();
  const named = await app.post(blog, { body: SEATS });
  const beside = await app.post(blog, { body: `${SEATS}<p>The count is over.</p>` });
  const plain = await app.post(blog, { body: "<table><tr><th>Quince<th>Medlar<tr><td>3<td>4</table>" });
  const { text } = await app.request().get(`/blogs/${blog.slug}`).expect(200);
  const data = JSON.parse(/<script type="application\/ld\+json">(.*?)<\/script>/s.exec(text)![1]!);
  const said = Object.fromEntries(
    data.liveBlogUpdate.map(({ url, headline, articleBody }: Record<string, string>) => [url, [headline, articleBody]]),
  );
  expect(said).toEqual({
    [named.url]: ["Seats won, by party", SEATS_TEXT],
    [beside.url]: ["The count is over.", `${SEATS_TEXT} The count is over.`],
    [plain.url]: ["Quince | Medlar; 3 | 4", "Quince | Medlar; 3 | 4"],
  });

  const reporter = app.as(await app.person("reporter"));
  const { body: found } = await reporter.get("/api/search?q=medlar").expect(200);
  expect(found.posts.map(({ id }: PostAnswer) => id)).toEqual([plain.id]);
  expect(found.posts[0].excerpt).not.toContain("QuinceMedlar");

  await newsroom(app, blog).edit(plain, { body: "<table><tr><th>Quince<th>Medlar<tr><td>3<td>5</table>" });
  const { body: history } = await reporter.get(`/api/blogs/${blog.slug}/posts/${plain.id}/revisions`).expect(200);
  const change = history.revisions.at(-1).changes.find(({ field }: { field: string }) => field === "body");
  expect(change.diff).toEqual([
    { kind: "same", text: "Quince | Medlar\n3 | " },
    { kind: "removed", text: "4" },
    { kind: "added", text: "5" },
  ]);
  expect((await app.request().get(`/blogs/${blog.slug}/posts/${plain.id}/changes`).expect(200)).text).toContain("<li");
});

/** As Google Sheets copies it. */
const SHEET = `<meta charset='utf-8'><google-sheets-html-origin><style type="text/css"><!--td {border: 1px solid #cccccc;}--></style><table xmlns="http://www.w3.org/1999/xhtml" cellspacing="0" dir="ltr" border="1" style="table-layout:fixed"><colgroup><col width="100"/><col width="100"/></colgroup><tbody>
${[
  ["District", "Turnout", "Northern Alliance", "Independents", "Greens", "Citizens", "Invalid"],
  ["Harbour", "71.4", "12,340", "9,120", "3,001", "880", "210"],
  ["Old Town", "68.0", "8,400", "10,002", "5,120", "1,204", ""],
]
  .map(
    (row) =>
      `<tr style="height:21px;">${row.map((words) => `<td style="overflow:hidden" data-sheets-value="{}">${words}</td>`).join("")}</tr>`,
  )
  .join("")}</tbody></table>`;

pageTest("numbers stand under one another and after their signs, also where one reads from right to left", async () => {
  for (const language of ["en-GB", "ar"]) {
    const blog = await app.blog({ language });
    const cells = ["1,204", "98", "-3.5", "12%"].map((words) => `<tr><th scope="row">س</th><td>${words}</td></tr>`);
    await app.post(blog, { body: `<table><tbody>${cells.join("")}</tbody></table>` });
    const page = await browser.open(`/blogs/${blog.slug}`);
    const places = await page.locator("td.number").evaluateAll((cells) => {
      const place = (cell: Element, from: number, to: number) => {
        const range = document.createRange();
        range.setStart(cell.firstChild!, from);
        range.setEnd(cell.firstChild!, to);
        return range.getBoundingClientRect();
      };
      return {
        ends: cells.map((cell) => Math.round(place(cell, 0, cell.textContent.length).right)),
        sign: place(cells[2]!, 0, 1).left - place(cells[2]!, 1, 2).left,
        percent: place(cells[3]!, 2, 3).left - place(cells[3]!, 1, 2).left,
      };
    });
    expect(new Set(places.ends).size).toBe(1);
    expect(places.sign).toBeLessThan(0);
    expect(places.percent).toBeGreaterThan(0);
  }
});

pageTest("a table written at the keyboard, and one from a spreadsheet, stand on an open phone at once", async () => {
  const blog = await app.blog();
  const reader = await browser.open(`/blogs/${blog.slug}`, { ...PHONE, viewport: { width: 320, height: 640 } });
  const composer = await ComposerPage.open(app, browser, await app.person("reporter"), blog);
  const { page } = composer;

  await reach(composer.text);
  await page.keyboard.type("/table ");
  for (const words of ["Party", "Seats", "Change", "Left", "4", "", "Right", "5"]) {
    await page.keyboard.type(words);
    await page.keyboard.press("Tab");
  }
  await page.keyboard.type("+1");
  await page.keyboard.press("Alt+F10");
  for (let n = 0; n < 5; n++) await page.keyboard.press("ArrowRight");
  const headers = page.getByRole("button", { name: "Header column" });
  await press(headers);
  expect(await headers.getAttribute("aria-pressed")).toBe("true");
  await reach(page.getByLabel("Caption"));
  await page.keyboard.type("Seats so far");
  await page.keyboard.press("Enter");
  expect(await findings(page)).toEqual([]);
  // A row more, and out of it.
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await page.keyboard.type("More to come.");
  await page.keyboard.press("Control+Shift+Enter");
  await reader.getByRole("table", { name: "Seats so far" }).getByRole("rowheader", { name: "Right" }).waitFor();
  expect((await published(app, blog)).at(-1)!.body).toBe(
    '<table><caption>Seats so far</caption><thead><tr><th scope="col">Party</th><th scope="col">Seats</th><th scope="col">Change</th></tr></thead><tbody>' +
      '<tr><th scope="row">Left</th><td>4</td><td></td></tr><tr><th scope="row">Right</th><td>5</td><td>+1</td></tr></tbody></table><p>More to come.</p>',
  );

  await page.getByLabel("Caption").waitFor({ state: "hidden" });
  await composer.paste(SHEET, "District\tTurnout");
  await page.keyboard.press("Control+Shift+Enter");
  const frame = reader.getByRole("group", { name: "Table" });
  await frame.getByRole("columnheader", { name: "Northern Alliance" }).waitFor();
  const widths = () => reader.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  const [wide, window] = await widths();
  expect(wide).toBe(window);
  await frame.focus();
  await reader.keyboard.press("ArrowRight");
  await expect.poll(() => frame.evaluate(({ scrollLeft }) => scrollLeft)).toBeGreaterThan(0);
  expect(await findings(reader)).toEqual([]);
});
