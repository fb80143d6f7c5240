import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cleanUrl } from "../server/embeds/embeds.ts";
import { openFetcher, UnfetchableError, type Fetch } from "../server/embeds/fetcher.ts";
import { decode, oembedFacts, pageFacts } from "../server/embeds/page-facts.ts";
import { frameOf, FRAME_ORIGINS, recognise } from "../server/embeds/providers.ts";
import { resolveLink } from "../server/embeds/resolve.ts";

describe("links", () => {
  const YOUTUBE = "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?autoplay=1";
  const TWEET = "https://platform.twitter.com/embed/Tweet.html?id=1850000000000000001&dnt=true";
  const HARBOUR = "https://www.google.com/maps?q=53.54,9.98&z=15&output=embed";

  /** A link, the provider and id that it is known by, and the address of the frame; null where there is none. */
  const KNOWN: [link: string, provider: string, id: string, frame: string | null][] = [
    ["https://x.com/harbour/status/1850000000000000001", "x", "1850000000000000001", TWEET],
    ["https://twitter.com/harbour/status/1850000000000000001?s=20", "x", "1850000000000000001", TWEET],
    ["https://mobile.twitter.com/harbour/status/1850000000000000001/photo/1", "x", "1850000000000000001", TWEET],
    ["http://www.x.com/i/web/status/1850000000000000001", "x", "1850000000000000001", TWEET],
    ["https://x.com/i/status/1850000000000000001", "x", "1850000000000000001", TWEET],
    ["https://www.youtube.com/watch?v=dQw4w9WgXcQ", "youtube", "dQw4w9WgXcQ", YOUTUBE],
    ["https://m.youtube.com/watch?list=PL1&v=dQw4w9WgXcQ&t=83", "youtube", "dQw4w9WgXcQ", `${YOUTUBE}&start=83`],
    ["https://youtu.be/dQw4w9WgXcQ?t=1h2m3s", "youtube", "dQw4w9WgXcQ", `${YOUTUBE}&start=3723`],
    ["https://youtube.com/shorts/dQw4w9WgXcQ", "youtube", "dQw4w9WgXcQ", YOUTUBE],
    [
      "https://www.youtube.com/live/dQw4w9WgXcQ?feature=share&start=60",
      "youtube",
      "dQw4w9WgXcQ",
      `${YOUTUBE}&start=60`,
    ],
    ["https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ", "youtube", "dQw4w9WgXcQ", YOUTUBE],
    ["https://vimeo.com/76979871", "vimeo", "76979871", "https://player.vimeo.com/video/76979871?dnt=1&autoplay=1"],
    [
      "https://vimeo.com/76979871/ab12cd34ef",
      "vimeo",
      "76979871",
      "https://player.vimeo.com/video/76979871?dnt=1&autoplay=1&h=ab12cd34ef",
    ],
    [
      "https://player.vimeo.com/video/76979871?h=ab12",
      "vimeo",
      "76979871",
      "https://player.vimeo.com/video/76979871?dnt=1&autoplay=1&h=ab12",
    ],
    [
      "https://vimeo.com/channels/staffpicks/76979871",
      "vimeo",
      "76979871",
      "https://player.vimeo.com/video/76979871?dnt=1&autoplay=1",
    ],
    [
      "https://vimeo.com/groups/news/videos/76979871",
      "vimeo",
      "76979871",
      "https://player.vimeo.com/video/76979871?dnt=1&autoplay=1",
    ],
    [
      "https://www.instagram.com/p/Cabc_-123/",
      "instagram",
      "Cabc_-123",
      "https://www.instagram.com/p/Cabc_-123/embed/captioned/",
    ],
    [
      "https://instagram.com/reel/Cabc_-123/?igsh=xyz",
      "instagram",
      "Cabc_-123",
      "https://www.instagram.com/p/Cabc_-123/embed/captioned/",
    ],
    [
      "https://www.instagram.com/harbour.news/p/Cabc_-123/",
      "instagram",
      "Cabc_-123",
      "https://www.instagram.com/p/Cabc_-123/embed/captioned/",
    ],
    [
      "https://www.tiktok.com/@harbour.news/video/7300000000000000001",
      "tiktok",
      "7300000000000000001",
      "https://www.tiktok.com/player/v1/7300000000000000001?autoplay=1",
    ],
    [
      "https://m.tiktok.com/v/7300000000000000001.html",
      "tiktok",
      "7300000000000000001",
      "https://www.tiktok.com/player/v1/7300000000000000001?autoplay=1",
    ],
    [
      "https://www.facebook.com/harbour/posts/pfbid02abcDEF",
      "facebook",
      "harbour/posts/pfbid02abcDEF",
      "https://www.facebook.com/plugins/post.php?href=https%3A%2F%2Fwww.facebook.com%2Fharbour%2Fposts%2Fpfbid02abcDEF&show_text=true",
    ],
    [
      "https://www.facebook.com/watch/?v=1234567890",
      "facebook",
      "watch/?v=1234567890",
      "https://www.facebook.com/plugins/video.php?href=https%3A%2F%2Fwww.facebook.com%2Fwatch%2F%3Fv%3D1234567890&show_text=true",
    ],
    [
      "https://m.facebook.com/story.php?story_fbid=pfbid0abc&id=1000",
      "facebook",
      "permalink.php?story_fbid=pfbid0abc&id=1000",
      "https://www.facebook.com/plugins/post.php?href=https%3A%2F%2Fwww.facebook.com%2Fpermalink.php%3Fstory_fbid%3Dpfbid0abc%26id%3D1000&show_text=true",
    ],
    [
      "https://www.facebook.com/reel/1234567890",
      "facebook",
      "reel/1234567890",
      "https://www.facebook.com/plugins/video.php?href=https%3A%2F%2Fwww.facebook.com%2Freel%2F1234567890&show_text=true",
    ],
    ["https://t.me/harbour_news/1234", "telegram", "harbour_news/1234", "https://t.me/harbour_news/1234?embed=1"],
    ["https://t.me/s/harbour_news/1234", "telegram", "harbour_news/1234", "https://t.me/harbour_news/1234?embed=1"],
    [
      "https://bsky.app/profile/harbour.example/post/3kabcdefgh2x",
      "bluesky",
      "harbour.example/post/3kabcdefgh2x",
      null,
    ],
    [
      "https://bsky.app/profile/did:plc:abc123/post/3kabcdefgh2x",
      "bluesky",
      "did:plc:abc123/post/3kabcdefgh2x",
      "https://embed.bsky.app/embed/did:plc:abc123/app.bsky.feed.post/3kabcdefgh2x",
    ],
    [
      "https://open.spotify.com/episode/4rOoJ6Egrf8K2IrywzwOMk?si=abc",
      "spotify",
      "episode/4rOoJ6Egrf8K2IrywzwOMk",
      "https://open.spotify.com/embed/episode/4rOoJ6Egrf8K2IrywzwOMk",
    ],
    [
      "https://open.spotify.com/intl-de/track/4rOoJ6Egrf8K2IrywzwOMk",
      "spotify",
      "track/4rOoJ6Egrf8K2IrywzwOMk",
      "https://open.spotify.com/embed/track/4rOoJ6Egrf8K2IrywzwOMk",
    ],
    [
      "https://soundcloud.com/harbour-radio/the-storm",
      "soundcloud",
      "harbour-radio/the-storm",
      "https://w.soundcloud.com/player/?auto_play=true&url=https%3A%2F%2Fsoundcloud.com%2Fharbour-radio%2Fthe-storm",
    ],
    [
      "https://soundcloud.com/harbour-radio/sets/storms",
      "soundcloud",
      "harbour-radio/sets/storms",
      "https://w.soundcloud.com/player/?auto_play=true&url=https%3A%2F%2Fsoundcloud.com%2Fharbour-radio%2Fsets%2Fstorms",
    ],
    [
      "https://www.openstreetmap.org/#map=12/0/10",
      "openstreetmap",
      "0,10,12",
      "https://www.openstreetmap.org/export/embed.html?bbox=9.89700%2C-0.06866%2C10.10300%2C0.06866&layer=mapnik",
    ],
    [
      "https://www.openstreetmap.org/?mlat=0&mlon=10#map=12/1/11",
      "openstreetmap",
      "0,10,12",
      "https://www.openstreetmap.org/export/embed.html?bbox=9.89700%2C-0.06866%2C10.10300%2C0.06866&layer=mapnik&marker=0,10",
    ],
    ["https://www.google.com/maps/place/Harbour/@53.54,9.98,15z/data=!3m1", "googlemaps", "53.54,9.98,15", HARBOUR],
    ["https://www.google.co.uk/maps/@53.54,9.98,15.4z", "googlemaps", "53.54,9.98,15", HARBOUR],
    ["https://maps.google.de/?q=53.54,9.98", "googlemaps", "53.54,9.98,15", HARBOUR],
    ["https://www.google.com/maps/search/?api=1&query=53.54%2C9.98", "googlemaps", "53.54,9.98,15", HARBOUR],
    [
      "https://mastodon.social/@harbour/112233445566778899",
      "mastodon",
      "mastodon.social/@harbour/112233445566778899",
      "https://mastodon.social/@harbour/112233445566778899/embed",
    ],
    [
      "https://journa.host/@harbour@mastodon.social/112233445566778899",
      "mastodon",
      "journa.host/@harbour@mastodon.social/112233445566778899",
      "https://journa.host/@harbour@mastodon.social/112233445566778899/embed",
    ],
  ];

  test.each(KNOWN)("%s is known by its shape", (link, provider, id, frame) => {
    const url = cleanUrl(link);
    const known = recognise(url);
    expect(known).toEqual({ provider, id });
    expect(frameOf(known!, url)).toBe(frame);
    if (frame) expect(FRAME_ORIGINS.split(" ")).toContain(new URL(frame).origin);
  });

  test.each([
    "https://x.com/harbour",
    "https://x.com/harbour/status/12ab",
    "https://x.com.evil.example/harbour/status/1",
    "https://notx.com/harbour/status/1",
    "https://x.com@evil.example/harbour/status/1",
    "https://evil.example/x.com/harbour/status/1",
    "https://www.youtube.com/watch?v=dQw4w9WgXc",
    "https://www.youtube.com/watch?v=dQw4w9WgXcQQ",
    'https://www.youtube.com/watch?v="><script>1',
    "https://www.youtube.com/@harbour",
    "https://youtu.be/dQw4w9WgXcQ/../x",
    "https://vimeo.com/about",
    "https://www.instagram.com/harbour.news/",
    "https://www.tiktok.com/@harbour.news",
    "https://www.facebook.com/harbour",
    "https://www.facebook.com/permalink.php?story_fbid=1%26x%3D2&id=1000",
    "https://t.me/harbour_news",
    "https://t.me/joinchat/AAAAAE1",
    "https://bsky.app/profile/harbour.example",
    "https://open.spotify.com/track/short",
    "https://soundcloud.com/discover/sets",
    "https://www.openstreetmap.org/about",
    "https://www.openstreetmap.org/#map=12/91/10",
    "https://www.google.com/search?q=53.54,9.98",
    "https://www.google.com/maps/@53.54,999,15z",
    "https://google.com.evil.example/maps/@53.54,9.98,15z",
    "https://mastodon.example/@harbour/112233445566778899",
    "https://mastodon.social/@harbour",
    "ftp://youtu.be/dQw4w9WgXcQ",
  ])("%s is a page like any other", (link) => {
    expect(recognise(new URL(link))).toBe(null);
  });

  test("a link is kept without what tells who shared it, and not with a password in it", () => {
    const clean = (link: string): string => cleanUrl(link).href;
    expect(clean("https://youtu.be/dQw4w9WgXcQ?si=me&t=3")).toBe("https://youtu.be/dQw4w9WgXcQ?t=3");
    expect(clean("https://news.example/a?utm_source=x&id=1&fbclid=y&si=2#part")).toBe(
      "https://news.example/a?id=1&si=2#part",
    );
    expect(clean("https://news.example/ä b")).toBe("https://news.example/%C3%A4%20b");
    expect(() => clean("https://me:secret@news.example/")).toThrow();
    expect(() => clean(`https://news.example/${"ä".repeat(1_900)}`)).toThrow();
  });
});

describe("what a page says of itself", () => {
  const at = new URL("https://news.example/stories/1");
  const head = (html: string) => pageFacts(`<!doctype html><html><head>${html}</head><body></body></html>`, at);
  const meta = (name: string, content: string): string => `<meta property="${name}" content="${content}">`;

  test("OpenGraph comes before Twitter's names, JSON-LD, and the plain title", async () => {
    const plain = '<title>\n Plain &amp; simple </title><meta name="description" content="Described">';
    const linked = `<script type="application/ld+json">${JSON.stringify({
      "@context": "https://schema.org",
      "@graph": [
        { "@type": "BreadcrumbList" },
        { "@type": ["NewsArticle"], headline: "Linked", author: [{ name: "Ada Berg" }], image: [{ url: "/l.jpg" }] },
      ],
    })}</script>`;
    expect(await head(plain)).toEqual({
      title: "Plain & simple",
      description: "Described",
      author: null,
      siteName: null,
      picture: null,
    });
    expect(await head(plain + linked)).toMatchObject({
      title: "Linked",
      author: "Ada Berg",
      picture: "https://news.example/l.jpg",
    });
    const twitter = meta("twitter:title", "Tweeted") + meta("twitter:image", "t.jpg");
    expect(await head(plain + linked + twitter)).toMatchObject({
      title: "Tweeted",
      picture: "https://news.example/stories/t.jpg",
    });
    const open = meta("og:title", "Open") + meta("og:site_name", "The News") + meta("og:image", "//img.example/o.jpg");
    expect(await head(plain + linked + twitter + open)).toMatchObject({
      title: "Open",
      siteName: "The News",
      picture: "https://img.example/o.jpg",
    });
  });

  test("whatever stands there is text, of one line and not too long", async () => {
    const titleOf = async (html: string) => (await head(html)).title;
    expect(await titleOf("<title><script>alert(1)</script></title>")).toBe("<script>alert(1)</script>");
    expect(await titleOf(meta("og:title", "a\u202egnp.exe\u0000\n\tb"))).toBe("agnp.exe b");
    expect((await titleOf(meta("og:title", "word ".repeat(200))))!.length).toBeLessThanOrEqual(200);
    expect(await titleOf(meta("og:title", "\u200b \u00ad"))).toBe(null);
    for (const data of [
      '{"@type":"Article","headline":',
      '{"@type":"Article","headline":{"a":1}}',
      "7",
      "null",
      "[[]]",
    ])
      expect(await titleOf(`<script type="application/ld+json">${data}</script>`)).toBe(null);
    expect((await head(meta("og:image", "javascript:alert(1)"))).picture).toBe("javascript:alert(1)");
    for (const html of ["", "\u0000\uffff<<<>>><title", "no markup"])
      expect((await pageFacts(html, at)).title).toBe(null);
  });

  test("only the head is read, and a page made to hold up its reader does not", async () => {
    const both = '<head><title>A</title></head><meta property="og:title" content="B">';
    expect((await pageFacts(both, at)).title).toBe("A");
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    for (const evil of [
      "<b><i><a>".repeat(110_000),
      `<head>${"<noscript>".repeat(100_000)}`,
      `<head>${"<meta name=a content=b><div>".repeat(35_000)}`,
      `<head>${"<meta ".repeat(170_000)}`,
      `<head>${"</x>".repeat(250_000)}`,
      `<head>${"<title>".repeat(140_000)}`,
      `<head><script type="application/ld+json">${"[".repeat(900_000)}</script>`,
      `<head>${Array.from({ length: 30_000 }, (_, n) => `<meta name="n${n}" content="x">`).join("")}`,
      `<head>${"&".repeat(1_000_000)}`,
      `<head><meta charset=${" ".repeat(900_000)}`,
    ])
      await pageFacts(decode(Buffer.from(evil), "text/html"), at);
    delay.disable();
    // Nanoseconds for which nobody else had a turn; a tree of the first of these takes longer than a minute.
    expect(delay.max).toBeLessThan(1e9);
  });

  test.each([
    ["by HTTP", "text/html; charset=windows-1251", Buffer.from([0xcf, 0xee, 0xf0, 0xf2])],
    ["by HTTP, quoted", 'text/html; charset="Windows-1251"', Buffer.from([0xcf, 0xee, 0xf0, 0xf2])],
    [
      "by its own word",
      "text/html",
      Buffer.concat([Buffer.from("<meta charset=windows-1251>"), Buffer.from([0xcf, 0xee, 0xf0, 0xf2])]),
    ],
    [
      "by its old word",
      "text/html",
      Buffer.concat([
        Buffer.from('<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">'),
        Buffer.from([0xcf, 0xee, 0xf0, 0xf2]),
      ]),
    ],
    ["in UTF-8", "text/html", Buffer.from("Порт")],
    ["with an unknown charset", "text/html; charset=martian-8", Buffer.from("Порт")],
    ["in UTF-16 with its mark", "text/html; charset=utf-8", Buffer.from("\ufeffПорт", "utf16le")],
  ])("words are read %s", (_how, type, bytes) => {
    expect(decode(bytes, type)).toMatch(/Порт$/);
  });

  test("an oEmbed answer is read with the same distrust", () => {
    const html =
      '<blockquote><p lang="en">The harbour<br>is <a href="javascript:x">closed</a> &amp; quiet.</p><p>No</p>';
    const said = oembedFacts(JSON.stringify({ author_name: "Ada", title: 7, html, thumbnail_url: ["x"] }), at);
    expect(said).toMatchObject({
      title: null,
      author: "Ada",
      description: "The harbour is closed & quiet.",
      picture: null,
    });
    for (const wrong of ["", "[]", "null", '"x"', "<html>"]) expect(() => oembedFacts(wrong, at)).toThrow();
  });
});

describe("resolving", () => {
  /** Stands for the whole web: what it answers is decided by the address that was meant. */
  const web = createServer((request, response) => {
    const meant = new URL(decodeURIComponent(request.url!.slice(1)));
    asked.push(meant.href);
    const answer = answers[`${meant.origin}${meant.pathname}`];
    if (!answer) return void response.writeHead(404).end();
    answer(request, response);
  });
  const asked: string[] = [];
  let answers: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {};
  let fetch: Fetch;
  let close: () => Promise<void>;

  beforeAll(async () => {
    web.listen(0, "127.0.0.1");
    await once(web, "listening");
    const { port } = web.address() as AddressInfo;
    const real = openFetcher({ allow: [`127.0.0.1:${port}`] });
    ({ close } = real);
    // Every address leads to this server; where it is said to be is kept.
    fetch = async (url, wanted) => {
      if (url.hostname === "inner.example") throw new UnfetchableError("private", { host: url.hostname });
      const got = await real.fetch(new URL(`http://127.0.0.1:${port}/${encodeURIComponent(url.href)}`), wanted);
      const moved = URL.canParse(decodeURIComponent(got.url.pathname.slice(1)));
      return { ...got, url: moved ? new URL(decodeURIComponent(got.url.pathname.slice(1))) : url };
    };
  });
  afterAll(async () => {
    await close();
    web.close();
  });
  beforeEach(() => {
    answers = {};
    asked.length = 0;
  });

  const resolve = (link: string, signal = AbortSignal.timeout(5_000)) => resolveLink(new URL(link), fetch, signal);
  const json = (value: object) => (_request: IncomingMessage, response: ServerResponse) =>
    response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(value));
  const page = (head: string) => (_request: IncomingMessage, response: ServerResponse) =>
    response.writeHead(200, { "Content-Type": "text/html" }).end(`<head>${head}</head>`);
  const picture = (_request: IncomingMessage, response: ServerResponse) =>
    response.writeHead(200, { "Content-Type": "image/png" }).end("a picture");
  const leadTo = (link: string) => (_request: IncomingMessage, response: ServerResponse) =>
    response.writeHead(302, { Location: `/${encodeURIComponent(link)}` }).end();

  test("a provider with an open oEmbed endpoint is asked there, and nowhere else", async () => {
    answers["https://www.youtube.com/oembed"] = json({
      title: "The storm",
      author_name: "Harbour TV",
      provider_name: "YouTube",
      thumbnail_url: "https://i.ytimg.com/vi/dQw4w9WgXcQ/hqdefault.jpg",
      html: "<iframe src='https://evil.example/'></iframe>",
    });
    answers["https://i.ytimg.com/vi/dQw4w9WgXcQ/hqdefault.jpg"] = picture;
    expect(await resolve("https://youtu.be/dQw4w9WgXcQ")).toEqual({
      kind: "player",
      provider: "youtube",
      providerId: "dQw4w9WgXcQ",
      title: "The storm",
      description: null,
      author: "Harbour TV",
      siteName: "YouTube",
      picture: Buffer.from("a picture"),
    });
    expect(asked).toEqual([
      "https://www.youtube.com/oembed?format=json&url=https%3A%2F%2Fyoutu.be%2FdQw4w9WgXcQ",
      "https://i.ytimg.com/vi/dQw4w9WgXcQ/hqdefault.jpg",
    ]);
  });

  test("a post's words come from the provider's HTML as text, and the id that a frame needs", async () => {
    answers["https://publish.twitter.com/oembed"] = json({
      author_name: "Harbour",
      html: '<blockquote class="twitter-tweet"><p>Gates <b>closed</b></p>&mdash; Harbour</blockquote><script src="https://evil.example"></script>',
    });
    answers["https://embed.bsky.app/oembed"] = json({
      author_name: "Harbour",
      html: '<blockquote data-bluesky-uri="at://did:plc:abc123/app.bsky.feed.post/3kabcdefgh2x"><p>Gates closed</p></blockquote>',
    });
    expect(await resolve("https://x.com/harbour/status/1")).toMatchObject({
      kind: "player",
      author: "Harbour",
      description: "Gates closed",
    });
    expect(await resolve("https://bsky.app/profile/harbour.example/post/3kabcdefgh2x")).toMatchObject({
      kind: "player",
      providerId: "did:plc:abc123/post/3kabcdefgh2x",
      description: "Gates closed",
    });
  });

  test("a provider that is down, refuses, lies or takes its time still leaves a player, or a plain link", async () => {
    const troubles: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
      down: (request) => request.socket.destroy(),
      refusing: (_request, response) => response.writeHead(403).end(),
      "another type": page("<title>Sign in</title>"),
      "not JSON": (_request, response) => response.writeHead(200, { "Content-Type": "application/json" }).end("{"),
      "too much": (_request, response) =>
        response.writeHead(200, { "Content-Type": "application/json" }).end(`{"title":"${"x".repeat(300_000)}"}`),
      silent: () => {},
    };
    for (const [trouble, answer] of Object.entries(troubles)) {
      answers["https://vimeo.com/api/oembed.json"] = answer;
      answers["https://embed.bsky.app/oembed"] = answer;
      const video = await resolve(
        "https://vimeo.com/76979871",
        AbortSignal.timeout(trouble === "silent" ? 200 : 5_000),
      );
      expect([trouble, video.kind, video.title]).toEqual([trouble, "player", null]);
      const post = await resolve(
        "https://bsky.app/profile/harbour.example/post/3kabcdefgh2x",
        AbortSignal.timeout(trouble === "silent" ? 200 : 5_000),
      );
      expect([trouble, post.kind, post.provider]).toEqual([trouble, "link", "bluesky"]);
    }
  });

  test("any page gives its card, and without anything to say a plain link", async () => {
    answers["https://news.example/story"] = page(
      '<meta property="og:title" content="Storm"><meta property="og:image" content="/storm.png">',
    );
    answers["https://news.example/storm.png"] = picture;
    answers["https://news.example/silent"] = page("");
    expect(await resolve("https://news.example/story")).toMatchObject({
      kind: "card",
      provider: "web",
      providerId: null,
      title: "Storm",
      picture: Buffer.from("a picture"),
    });
    for (const link of ["https://news.example/silent", "https://news.example/missing"])
      expect(await resolve(link)).toMatchObject({ kind: "link", provider: "web", title: null, picture: null });
  });

  test("a picture that is none, too large, or of another scheme is left out", async () => {
    answers["https://news.example/page.png"] = page("");
    answers["https://news.example/huge.png"] = (_request, response) =>
      response.writeHead(200, { "Content-Type": "image/png" }).end(Buffer.alloc(5_500_000));
    for (const address of [
      ...["javascript:alert(1)", "data:image/png;base64,AAAA", "file:///etc/passwd", "https://inner.example/x.png"],
      ...["/page.png", "/huge.png", "/missing.png", "http://"],
    ]) {
      answers["https://news.example/story"] = page(
        `<title>Storm</title><meta property="og:image" content="${address}">`,
      );
      expect([address, await resolve("https://news.example/story")]).toMatchObject([
        address,
        { kind: "card", title: "Storm", picture: null },
      ]);
    }
  });

  test("short links are what they are short for, and a page that leads to a sign-in says nothing", async () => {
    answers["https://vm.tiktok.com/ZM1/"] = leadTo("https://www.tiktok.com/@harbour/video/7300000000000000001?_r=1");
    answers["https://www.tiktok.com/@harbour/video/7300000000000000001"] = page("<title>TikTok</title>");
    answers["https://www.tiktok.com/oembed"] = json({ title: "Waves", author_name: "Harbour" });
    expect(await resolve("https://vm.tiktok.com/ZM1/")).toMatchObject({
      kind: "player",
      provider: "tiktok",
      providerId: "7300000000000000001",
      title: "Waves",
    });
    answers["https://www.instagram.com/p/Cabc_-123/"] = leadTo("https://www.instagram.com/accounts/login/");
    answers["https://www.instagram.com/accounts/login/"] = page("<title>Login • Instagram</title>");
    expect(await resolve("https://www.instagram.com/p/Cabc_-123/")).toMatchObject({ kind: "player", title: null });
  });

  test("a post on any Mastodon server is known when its server says so", async () => {
    const post = "https://harbour.example/@news/112233445566778899";
    answers[post] = page(
      '<meta property="og:title" content="Harbour news"><meta property="og:description" content="Closed">',
    );
    expect(await resolve(post)).toMatchObject({ kind: "card", provider: "web" });
    answers["https://harbour.example/api/oembed"] = json({
      html: `<iframe src="${post}/embed" class="mastodon-embed">`,
    });
    expect(await resolve(post)).toMatchObject({
      kind: "card",
      provider: "mastodon",
      providerId: "harbour.example/@news/112233445566778899",
      title: "Harbour news",
      description: "Closed",
    });
  });

  test("a link into a private network is refused, and a page that leads there is a plain link", async () => {
    await expect(resolve("https://inner.example/")).rejects.toThrow(UnfetchableError);
    const { fetch: real, close } = openFetcher({});
    await expect(resolveLink(new URL("http://[::1]/"), real, AbortSignal.timeout(5_000))).rejects.toThrow(
      UnfetchableError,
    );
    await close();
  });
});
