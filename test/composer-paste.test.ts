import { expect } from "vitest";
import { reduceBody } from "../server/posts/body.ts";
import { useApp } from "./app.ts";
import { pageTest, useBrowser } from "./browser.ts";
import { ComposerPage, SIZES } from "./composer-page.ts";
import { openDesk } from "./desk-page.ts";
import { press, reach } from "./keyboard.ts";

const app = useApp();
const browser = useBrowser(app);

const WORD = `<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word">
<head><meta name=Generator content="Microsoft Word 15"><style><!-- p.MsoNormal {margin:0cm; font-family:"Calibri",sans-serif;} --></style>
<!--[if gte mso 9]><xml><w:WordDocument><w:View>Normal</w:View></w:WordDocument></xml><![endif]--></head>
<body lang=EN-GB style='tab-interval:36.0pt'><!--StartFragment-->
<h1 style='mso-margin-top-alt:auto'><span style='font-family:"Calibri"'>Harbour wall<o:p></o:p></span></h1>
<p class=MsoNormal><b><span lang=EN-GB style='font-size:11.0pt;mso-bidi-font-size:11.0pt'>Four boats</span></b><span lang=EN-GB> broke loose, <i>two of them</i> empty.<o:p></o:p></span></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span style='font-family:Symbol;mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp; </span></span><![endif]>Pier closed</p>
<p class=MsoListParagraphCxSpMiddle style='text-indent:-18.0pt;mso-list:l0 level2 lfo1'><![if !supportLists]><span style='font-family:"Courier New";mso-list:Ignore'>o<span>&nbsp; </span></span><![endif]>until noon</p>
<p class=MsoListParagraphCxSpLast style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span style='font-family:Symbol;mso-list:Ignore'>·<span>&nbsp; </span></span><![endif]>Ferries stopped</p>
<p class=MsoNormal>Next call at <a href="https://port.example/calls?utm_source=word&amp;id=7">six</a>.<a name="_GoBack"></a></p>
<!--EndFragment--></body></html>`;

const GOOGLE_DOCS = `<meta charset='utf-8'><b style="font-weight:normal;" id="docs-internal-guid-1f0a"><p dir="ltr" style="line-height:1.38;margin-top:0pt;"><span style="font-size:11pt;font-family:Arial;font-weight:400;font-style:normal;">The river is at </span><span style="font-size:11pt;font-weight:700;font-style:normal;">4.1 metres</span><span style="font-weight:400;font-style:italic;"> and falling</span><span style="font-weight:400;">.</span></p><br /><ul style="margin-top:0;"><li dir="ltr" style="list-style-type:disc;font-weight:400;" aria-level="1"><p dir="ltr" role="presentation"><span style="font-weight:400;">Bridge open</span></p></li><li dir="ltr" aria-level="1"><p dir="ltr"><a href="https://www.google.com/url?q=https://river.example/gauge&amp;sa=D&amp;ust=1"><span style="font-weight:400;color:#1155cc;text-decoration:underline;">Gauge</span></a></p></li></ul></b><br class="Apple-interchange-newline">`;

const OUTLOOK = `<html><head><style>.MsoNormal{margin:0}</style></head><body><div class="WordSection1">
<p class="MsoNormal"><span style="font-size:11.0pt">Dear desk,</span></p><p class="MsoNormal"><span>&nbsp;</span></p>
<p class="MsoNormal"><span>the council meets at <strong>eight</strong>, see <a href="https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fcouncil.example%2Fagenda&amp;data=05%7C02">the agenda</a>.</span></p>
<div id="mail-editor-reference-message-container"></div><div id="divRplyFwdMsg" dir="ltr"><hr><b>From:</b> Somebody<br><b>Sent:</b> Friday</div><div><p class="MsoNormal">What was asked before</p></div></div></body></html>`;

const WEB_PAGE = `<nav><a href="/home">Home</a></nav><article><h2 class="t">What we know</h2><div class="story"><div>The first part.</div><div>The <em>second</em> part<script>alert(1)</script><img src="x" onerror="alert(2)">.</div></div>
<table><tbody><tr><td>North</td><td>12</td></tr></tbody></table><blockquote class="q"><p>Stay inside.</p></blockquote><p style="display:none">hidden tracker</p><p><a href="javascript:alert(3)">A trap</a></p><button>Share</button></article>`;

const NEWSLETTER = `<table role="presentation"><tr><td><table><tr><td>Harbour News</td><td>No. 12</td></tr></table></td></tr><tr><td><h2>Today</h2><p>The ferry is late.</p></td></tr></table>`;

const PLAIN = "One line.\n\nAnother line.";

pageTest("what is pasted from Word, Google Docs, Outlook, a web page and a plain text comes out clean", async () => {
  const blog = await app.blog();
  const composer = await ComposerPage.open(app, browser, await app.person("reporter"), blog);
  const pasted = async (html: string, text = ""): Promise<string> => {
    await reach(composer.text);
    await composer.page.keyboard.press("Control+a");
    await composer.page.keyboard.press("Delete");
    await composer.paste(html, text);
    const body = await composer.html();
    // The server has nothing left to take away from it.
    expect(reduceBody(body).replaceAll("<br />", "<br>")).toBe(body);
    return body;
  };

  expect(await pasted(WORD)).toBe(
    '<h3>Harbour wall</h3><p><strong>Four boats</strong> broke loose, <em>two of them</em> empty.</p><ul><li><p>Pier closed</p><ul><li><p>until noon</p></li></ul></li><li><p>Ferries stopped</p></li></ul><p>Next call at <a href="https://port.example/calls?id=7" rel="noopener nofollow">six</a>.</p>',
  );
  expect(await pasted(GOOGLE_DOCS)).toBe(
    '<p>The river is at <strong>4.1 metres</strong><em> and falling</em>.</p><ul><li><p>Bridge open</p></li><li><p><a href="https://river.example/gauge" rel="noopener nofollow">Gauge</a></p></li></ul>',
  );
  expect(await pasted(OUTLOOK)).toBe(
    '<p>Dear desk,</p><p>the council meets at <strong>eight</strong>, see <a href="https://council.example/agenda" rel="noopener nofollow">the agenda</a>.</p>',
  );
  expect(await pasted(WEB_PAGE)).toBe(
    "<h3>What we know</h3><p>The first part.</p><p>The <em>second</em> part.</p><p>North</p><p>12</p><blockquote><p>Stay inside.</p></blockquote><p>A trap</p>",
  );
  expect(await pasted(NEWSLETTER)).toBe("<p>Harbour News</p><p>No. 12</p><h3>Today</h3><p>The ferry is late.</p>");
  expect(await pasted("", PLAIN)).toBe("<p>One line.</p><p>Another line.</p>");
  await composer.paste("", "Ward\tVotes\nEast\t12\n");
  expect(await composer.html()).toContain(
    "<table><tbody><tr><th><p>Ward</p></th><th><p>Votes</p></th></tr><tr><td><p>East</p></td><td><p>12</p></td></tr></tbody></table>",
  );
});

pageTest("an address pasted over words makes them a link, and beside words it stands as a link", async () => {
  const blog = await app.blog();
  const composer = await ComposerPage.open(app, browser, await app.person("reporter"), blog);
  await composer.type("agenda");
  await composer.page.keyboard.press("Control+a");
  await composer.paste("", "https://council.example/agenda?fbclid=1");
  expect(await composer.html()).toBe(
    '<p><a href="https://council.example/agenda" rel="noopener nofollow">agenda</a></p>',
  );
  await composer.page.keyboard.press("Control+a");
  await composer.page.keyboard.type("See ");
  await composer.paste("", "https://port.example/");
  expect(await composer.html()).toContain(
    '<a href="https://port.example/" rel="noopener nofollow">https://port.example/</a>',
  );
});

const QUOTED = "“Nobody is missing any more,” said Tomas Vel, head of the harbour police.";

pageTest("a pasted quotation is not offered to be split in what is written after it", async () => {
  const blog = await app.blog();
  const release = Promise.withResolvers<void>();
  const page = await openDesk(app, browser, await app.person("reporter"), blog, {}, (page) =>
    page.route("**/quote-split-*.js", async (route) => {
      await release.promise;
      await route.continue();
    }),
  );
  const composer = new ComposerPage(page);
  await composer.ready();
  await composer.paste("", QUOTED);
  await page.keyboard.press("Escape");
  await page.keyboard.press("n");
  await composer.at("notice").getByText("What you were writing is kept").waitFor();
  const script = page.waitForResponse("**/quote-split-*.js");
  release.resolve();
  await (await script).finished();
  // The script is run before it is asked for once more.
  await page.evaluate(`import("${(await script).url()}").then(() => {})`);
  expect(await composer.at("offer").isVisible()).toBe(false);
});

pageTest("a pasted quotation is offered to be split without a connection as well", async () => {
  const blog = await app.blog();
  const fetched = Promise.withResolvers<void>();
  const page = await openDesk(app, browser, await app.person("reporter"), blog, {}, async (page) => {
    page.on("requestfinished", (request) => request.url().includes("/quote-split-") && fetched.resolve());
  });
  const composer = new ComposerPage(page);
  await composer.ready();
  await fetched.promise;
  await page.context().setOffline(true);
  await composer.paste("", QUOTED);
  await composer.at("offer").getByText("Tomas Vel is quoted").waitFor();
});

for (const [size, options] of SIZES)
  pageTest(`a pasted quotation with its speaker is offered to be split, and only then split, at ${size}`, async () => {
    const blog = await app.blog();
    const composer = await ComposerPage.open(app, browser, await app.person("reporter"), blog, options);
    await composer.paste("", QUOTED);
    await composer.at("offer").getByText("Tomas Vel is quoted").waitFor();
    await press(composer.button("Leave as it is"));
    await composer.at("offer").waitFor({ state: "hidden" });
    expect(await composer.text.textContent()).toBe(QUOTED);

    await composer.page.keyboard.press("Control+a");
    await composer.page.keyboard.press("Delete");
    await composer.paste("", QUOTED);
    await press(composer.button("Split"));

    expect(await composer.page.getByRole("textbox", { name: "What was said" }).inputValue()).toBe(
      "Nobody is missing any more",
    );
    expect(await composer.page.getByLabel("Who said it").inputValue()).toBe("Tomas Vel");
    expect(await composer.page.getByLabel("In what role").inputValue()).toBe("head of the harbour police");
    expect(await composer.text.textContent()).toBe("");
  });
