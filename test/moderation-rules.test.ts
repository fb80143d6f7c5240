import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judge, OUTCOMES, type Facts, type Outcome } from "../server/moderation/checks.ts";
import { cleanComment, LONGEST_COMMENT, sameText } from "../server/moderation/comment-text.ts";
import { fold, tokensOf } from "../server/moderation/folding.ts";
import { domainHost, findLinks, foreignLinks } from "../server/moderation/links.ts";
import { checkName, cleanName, nameSkeleton } from "../server/moderation/names.ts";
import { checkEntries } from "../server/moderation/word-entries.ts";
import { compile } from "../server/moderation/words.ts";
import { helpers } from "../server/rendering/helpers.ts";

/** What the entries find in the text: the very pieces of it. */
const found = (entries: string[], text: string): string[] =>
  compile(entries)
    .matches(text)
    .map(({ start, end }) => text.slice(start, end));

describe("folding", () => {
  test("case, accents, width and what is invisible make no difference", () => {
    for (const text of [
      "BADWORD",
      "bádwörd",
      "ba\u0301dword",
      "ｂａｄｗｏｒｄ",
      "bad\u200bword",
      "bad\u00adword",
      "𝐛𝐚𝐝𝐰𝐨𝐫𝐝",
      "🅑🅐🅓word",
    ])
      expect(fold(text), text).toBe("badword");
    expect(fold("Straße")).toBe(fold("STRASSE"));
    expect(fold("İSTANBUL")).toBe(fold("ıstanbul"));
    expect(fold("ΣΟΦΟΣ")).toBe(fold("σοφός"));
  });

  test("look-alikes of other scripts are the letters they look like", () => {
    for (const text of ["bаdwоrd", "ВАDWORD", "βadword", "ьadwᴏrd", "baԁword"])
      expect(fold(text), text).toBe("badword");
    expect(fold("Ідіот Іdіоt")).toContain("idiot");
  });

  test("signs that make another word of one stay", () => {
    expect(fold("は")).not.toBe(fold("ば"));
    expect(fold("कि")).not.toBe(fold("की"));
    expect(fold("각")).not.toBe(fold("가"));
    expect(fold("각")).toBe(fold("각".normalize("NFD")));
  });

  test("a word knows where it stands in the text as it was written", () => {
    const text = "👪 Ｂａ\u0301\u200bＤ, ﬁne";
    expect(tokensOf(text).map((token) => [token.text, text.slice(token.start, token.end)])).toEqual([
      ["bad", "Ｂａ\u0301\u200bＤ"],
      ["fine", "ﬁne"],
    ]);
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        let before = 0;
        for (const token of tokensOf(text)) {
          expect(token.start).toBeGreaterThanOrEqual(before);
          expect(token.end).toBeGreaterThan(token.start);
          expect(token.end).toBeLessThanOrEqual(text.length);
          before = token.start;
        }
      }),
    );
  });
});

describe("the word list", () => {
  test("a word is found however it is disguised, and marked where it stands", () => {
    for (const disguised of [
      "badword",
      "BadWord",
      "b\u200badword",
      "ｂａｄｗｏｒｄ",
      "ba\u0301dword",
      "bаdwоrd",
      "bad\u00adword",
    ])
      expect(found(["badword"], `So ${disguised}, he said`), disguised).toEqual([disguised]);
    expect(found(["café"], "a cafe")).toEqual(["cafe"]);
  });

  test("a word inside another one is not found", () => {
    expect(found(["cunt", "ass", "asses", "hell"], "Scunthorpe has classic shells to assess; a bass passes")).toEqual(
      [],
    );
    expect(found(["ass"], "b-ass, ass2 (ass)")).toEqual(["ass", "ass", "ass"]);
  });

  test("a phrase is found whatever is between its words", () => {
    for (const phrase of ["french fries", "french.fries", "French - «FRIES", "french\n\nfries", "french_fries"])
      expect(found(["french fries"], `some ${phrase}!`), phrase).toEqual([phrase]);
    expect(found(["french fries"], "frenchfries or french sweet fries")).toEqual([]);
  });

  test("one phrase does not hide another that begins with it, inside it or like it", () => {
    const entries = ["a b c d", "b c", "french", "french fries", "fries now"];
    expect(
      compile(entries)
        .matches("french fries now")
        .map(({ entry }) => entry),
    ).toEqual(["french", "french fries", "fries now"]);
    expect(
      compile(entries)
        .matches("a b c x")
        .map(({ entry }) => entry),
    ).toEqual(["b c"]);
  });

  test("scripts without spaces between words are searched anywhere in a sentence", () => {
    expect(found(["日本"], "これは日本語の文です")).toEqual(["日本"]);
    expect(found(["日本"], "今日。本を読む")).toEqual([]);
    expect(found(["ตัวอย่าง"], "นี่คือตัวอย่างหนึ่ง")).toEqual(["ตัวอย่าง"]);
    expect(found(["badword"], "日本badword日本")).toEqual(["badword"]);
  });

  test("letters spaced or dotted apart are found, for words of four letters and more", () => {
    for (const spelled of [
      "b a d w o r d",
      "b.a.d.w.o.r.d",
      "B - A - D - W - O - R - D",
      "b🤬a d.w\no r d",
      "ь а d w о r d",
    ]) {
      expect(found(["badword"], `you ${spelled}!`), spelled).toEqual([spelled]);
      expect(found(["bad word"], `I ${spelled} a lot`), spelled).toEqual([spelled]);
    }
    expect(found(["日本人死"], "日.本.人.死")).toEqual(["日.本.人.死"]);
    expect(found(["bad"], "b.a.d")).toEqual([]);
    expect(found(["b.a.d"], "b a d")).toEqual(["b a d"]);
  });

  test("initials, lists and longer words spelled out are not taken for spelled words", () => {
    expect(
      found(["cunt", "class", "abcd"], "S c u n t h o r p e; c l a s s i c; a big cat, U.S.A., i.e. e.g."),
    ).toEqual([]);
    expect(found(["word"], "b a d   w o r d   s a i d")).toEqual(["w o r d"]);
  });

  test("a Russian word is no English one where the list has both, and a mixture is the English one", () => {
    expect(
      compile(["рот", "pot"])
        .matches("рот pot pоt")
        .map(({ entry }) => entry),
    ).toEqual(["рот", "pot", "pot"]);
    expect(compile(["ναι"]).matches("ΝΑΙ").length).toBe(1);
  });

  test("the same text has the same matches each time", () => {
    const matcher = compile(["badword", "日本"]);
    const first = matcher.matches("a badword of 日本");
    expect(first.length).toBe(2);
    for (let n = 0; n < 5; n++) expect(matcher.matches("a badword of 日本")).toEqual(first);
  });

  test("each of 5,000 entries is found, and none in a text without them", () => {
    const entries = Array.from({ length: 5_000 }, (_, n) => `entry ${letters(n)} of the list`);
    const matcher = compile(entries);
    for (const n of [0, 1, 2_499, 4_999])
      expect(matcher.matches(`x ${entries[n]!} y`).map((m) => m.entry)).toEqual([entries[n]]);
    expect(matcher.matches("entry of the list ".repeat(300))).toEqual([]);
    expect(matcher.matches(entries.slice(0, 150).join("\n")).length).toBe(100);
  });

  test("no entries match nothing, and neither do entries without words", () => {
    expect(found([], "anything")).toEqual([]);
    expect(found(["", "!!"], "anything !!")).toEqual([]);
  });

  test("a list is checked entry by entry before it is kept", () => {
    const long = "x".repeat(101);
    expect(
      checkEntries(["fine", " ", long, "***", "Fíne ", "two  words", "TWO.WORDS", "a\u0000b", "x".repeat(100)]),
    ).toEqual({
      errors: [
        { index: 1, code: "empty" },
        { index: 2, code: "too-long" },
        { index: 3, code: "no-letters-or-digits" },
        { index: 7, code: "invalid-characters" },
      ],
      entries: ["fine", "two  words", "x".repeat(100)],
      duplicates: [4, 6],
    });
    expect(checkEntries(Array.from({ length: 5_000 }, (_, n) => letters(n))).errors).toEqual([]);
    expect(checkEntries(Array.from({ length: 5_007 }, (_, n) => letters(n))).errors).toEqual([
      { index: 5_000, code: "too-many" },
    ]);
  });
});

/** A word of its own for each number. */
const letters = (n: number): string => [...`${n + 10_000}`].map((digit) => "abcdefghij"[Number(digit)]!).join("");

describe("links", () => {
  test("what is found is what the page makes links of", () => {
    const text =
      "See https://a.example/x?y=1, (HTTP://B.example) and <https://c.example/>. Not //d.example or ftp://e.example";
    const links = findLinks(text);
    expect(links.map(({ address }) => address)).toEqual([
      "https://a.example/x?y=1",
      "HTTP://B.example",
      "https://c.example/",
    ]);
    expect(links.map(({ host }) => host)).toEqual(["a.example", "b.example", "c.example"]);
    for (const { start, end, address } of links) expect(text.slice(start, end)).toBe(address);
    expect(
      helpers
        .linked(text)
        .toString()
        .match(/<a href="[^"]*"/g),
    ).toEqual(links.map(({ address }) => `<a href="${address.replace("=", "&#x3D;")}"`));
  });

  test("no other scheme is a link, however it is written", () => {
    for (const text of [
      "javascript:alert(1)",
      "java\tscript:alert(1)",
      " \u0001javascript://x",
      "data:text/html,x",
      "https://",
      "http://[x",
    ]) {
      expect(findLinks(text), text).toEqual([]);
      expect(helpers.linked(text).toString(), text).not.toContain("<a");
    }
  });

  test("a link is allowed to a domain and to what is below it, and to nothing that only looks so", () => {
    const foreign = (address: string): boolean =>
      foreignLinks(`see ${address} !`, ["evil.com", "Bücher.example"]).length > 0;
    for (const address of [
      "https://evil.com",
      "http://EVIL.com:81/x",
      "https://www.evil.com./",
      "https://xn--bcher-kva.example/",
      "https://a.bücher.example",
    ])
      expect(foreign(address), address).toBe(false);
    for (const address of [
      "https://evil.com.example",
      "https://notevil.com",
      "https://evil.com@other.example/",
      "https://evіl.com/",
      "https://com",
      "https://other.example/evil.com",
    ])
      expect(foreign(address), address).toBe(true);
  });

  test("a domain that is none allows nothing", () => {
    expect(["", ".", "a b", "https://a.example", "a.example/x", "*"].map(domainHost).filter((host) => host)).toEqual([
      "*",
    ]);
    expect(foreignLinks("https://a.example", ["", ".", "*"]).length).toBe(1);
  });
});

describe("names", () => {
  test("fair names of many languages may be borne", () => {
    const fair = [
      "Ann Other",
      "Zoë O’Neill-Smith",
      "Nguyễn Văn Đức",
      "Мария Иванова",
      "محمد علي",
      "李小龙",
      "李娜",
      "田中さくら",
      "김철수",
      "김수",
    ];
    fair.push(
      "ကျော်စွာ",
      "अमिताभ बच्चन",
      "Ελένη",
      "Joe Root",
      "Tom 🎉",
      "J.Smith",
      "Sam (she/her)",
      "Mr.De Vries",
      "Akira 明",
      "Max2000",
    );
    for (const name of fair) expect(checkName(name), name).toBeNull();
  });

  test("a name is 3 to 30 graphemes long", () => {
    expect(checkName("Al")).toBe("name-too-short");
    expect(checkName("  Al  ")).toBe("name-too-short");
    expect(checkName("é".normalize("NFD").repeat(30))).toBeNull();
    expect(checkName("x".repeat(31))).toBe("name-too-long");
    expect(checkName("x".repeat(1_000_000))).toBe("name-too-long");
  });

  test("nothing invisible, no control and nothing that turns the direction is in a name", () => {
    for (const name of [
      "Ann\u200bOther",
      "Ann\u202eOther",
      "Ann\u2066Other",
      "Ann\u0000Other",
      "Ann\ud800",
      "Ann\u00adOther",
      "Ann\u3164",
      "Ann\u2800Other",
      "\ue000\ue000\ue000",
      "A\u0301\u0302\u0303\u0304nn",
      "🎉🎉🎉",
      "123",
      "",
    ])
      expect(checkName(name), JSON.stringify(name)).toBe("name-invalid-characters");
  });

  test("a name is of one script, or of those that are written together", () => {
    for (const name of ["Pаul", "Μaria", "Ann Иванова", "Annعلي", "김さくら"])
      expect(checkName(name), name).toBe("name-mixes-scripts");
  });

  test("addresses are no names", () => {
    for (const name of [
      "ann@example.org",
      "@ann@social.example",
      "https://a.example",
      "www.cheap",
      "cheap-pills.com",
      "buy at pills.com now",
      "t.co",
      "bit.ly/abc",
    ])
      expect(checkName(name), name).toBe("name-is-address");
  });

  test("nobody is called like the newsroom or like an account that is gone", () => {
    for (const name of [
      "Admin",
      "ADMIN 2",
      "a d m i n",
      "Ad-Min",
      "Adm1n",
      "ＡＤＭＩＮ",
      "Ádmin",
      "Moderator Ann",
      "The Editor",
      "Dateline Staff",
      "deleted",
      "Deleted User",
      "newsroom_",
      "ЅУЅТЕМ",
      "rnod",
      "System",
    ])
      expect(checkName(name), name).toBe("name-reserved");
  });

  test("names that readers could take for one another have one skeleton", () => {
    for (const [one, other] of [
      ["Paul", "PauI"],
      ["Paul", "Pau1"],
      ["Ann Other", "ann.other"],
      ["Modem", "Modern"],
      ["Bob", "B0b"],
      ["Vvalter", "Walter"],
      ["José", "jose"],
      ["асе", "ace"],
    ] as const)
      expect(nameSkeleton(one), one).toBe(nameSkeleton(other));
    for (const [one, other] of [
      ["Paul", "Paula"],
      ["李娜", "李明"],
      ["田中は", "田中ば"],
    ] as const)
      expect(nameSkeleton(one), one).not.toBe(nameSkeleton(other));
    expect(cleanName("  Ａｎｎ \t Other ")).toBe("Ann Other");
  });
});

describe("a comment's text", () => {
  const text = (given: string): string | undefined => {
    const cleaned = cleanComment(given);
    return "text" in cleaned ? cleaned.text : undefined;
  };
  const refusal = (given: string): unknown => {
    const cleaned = cleanComment(given);
    return "refusal" in cleaned ? cleaned.refusal : undefined;
  };

  test("lines lose the spaces at their end, and more than two blank ones are two", () => {
    expect(text("  One  \r\nTwo\t\n \n\u200b\n\n\n\nThree\rFour\u2028Five \n\n")).toBe(
      "One\nTwo\n\n\nThree\nFour\nFive",
    );
  });

  test("a family is one character, and 2,000 of them are enough", () => {
    const family = "👨‍👩‍👧‍👦";
    expect(text(family.repeat(1_000))).toBe(family.repeat(1_000));
    expect(text("é".normalize("NFD").repeat(LONGEST_COMMENT))).toBe("é".repeat(LONGEST_COMMENT));
    expect(refusal("x".repeat(2_001))).toEqual({
      code: "comment-too-long",
      unit: "graphemes",
      max: 2_000,
      actual: 2_001,
    });
    expect(refusal(family.repeat(2_000))).toEqual({
      code: "comment-too-long",
      unit: "bytes",
      max: 32_768,
      actual: 50_000,
    });
  });

  test("what turns the direction of the page is taken out, and marks are not piled up", () => {
    expect(text("a\u202eb\u2066c\u2069\u200fd")).toBe("abc\u200fd");
    expect(text(`x${"\u0337".repeat(500)}y`)).toBe(`x${"\u0337".repeat(4)}y`);
    expect(text(`x${"\u0337\u200d".repeat(500)}y`)!.length).toBeLessThan(12);
    expect(text(`ส${"็".repeat(500)}`)).toBe(`ส${"็".repeat(8)}`);
    for (const fair of ["मृत्युंजय", "ကျော်", "Nguyễn", "❤️‍🔥", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "1️⃣"]) expect(text(fair)).toBe(fair);
  });

  test("halves of characters and controls are refused", () => {
    for (const given of ["a\u0000b", "a\ud800b", "a\u0007b", "a\u007fb", "a\u0085b"])
      expect(refusal(given), JSON.stringify(given)).toEqual({ code: "invalid-characters" });
  });

  test("nothing to be seen is no comment", () => {
    for (const given of ["", " \n\t ", "\u200b\u2060", "\u3164", "\u2800", "\u202e", "\u00ad\ufeff", "\ufe0f"])
      expect(refusal(given), JSON.stringify(given)).toEqual({ code: "comment-empty" });
  });

  test("no text takes long", () => {
    for (const given of [
      " ".repeat(60_000) + "x",
      "\u0301".repeat(60_000),
      "\u200d".repeat(60_000) + "x",
      "\n".repeat(60_000) + "x",
    ]) {
      const began = performance.now();
      cleanComment(given);
      expect(performance.now() - began).toBeLessThan(1_000);
    }
  });

  test("a text cleaned twice is the text cleaned once", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (given) => {
        const once = text(given);
        if (once !== undefined) expect(text(once)).toBe(once);
      }),
    );
  });

  test("a repeated text has the same key in whatever dress", () => {
    expect(sameText("Buy now: cheap!!!")).toBe(sameText("buy  NÓW\ncheap"));
    expect(sameText("👍")).not.toBe(sameText("🎉"));
    expect(sameText("one")).not.toBe(sameText("two"));
  });
});

describe("the verdict", () => {
  const facts = ({
    by,
    settings,
    ...rest
  }: { by?: Partial<Facts["by"]>; settings?: Partial<Facts["settings"]> } & Partial<
    Omit<Facts, "by" | "settings">
  > = {}): Facts => ({
    text: "A fair comment",
    by: {
      isStaff: false,
      publishedBefore: 5,
      recentlyDecided: 0,
      recentlyRejected: 0,
      isPremoderated: false,
      recentTexts: [],
      ...by,
    },
    settings: {
      moderation: "post",
      newCommenterHold: 2,
      holdLinks: true,
      allowedDomains: ["dateline.example"],
      ...settings,
    },
    words: { banned: compile(["badword"]), suspect: compile(["fair trade"]) },
    outside: null,
    ...rest,
  });
  const verdict = (given: Parameters<typeof facts>[0]) => judge(facts(given));

  test("a comment that nothing is found about is published", () => {
    expect(verdict({})).toEqual({ status: "published", reasons: [], matches: [], errors: [] });
    expect(verdict({ outside: { outcome: "publish", reasons: ["seen"] } }).reasons).toEqual([]);
  });

  test("each check has its reason and its outcome", () => {
    const cases = [
      [{ text: "a badword" }, "rejected", "banned-word"],
      [{ text: "fair-trade" }, "held", "suspect-word"],
      [{ by: { recentTexts: [sameText("a FAIR comment!")] } }, "held", "repeat"],
      [{ text: "https://other.example" }, "held", "links"],
      [{ by: { publishedBefore: 1 } }, "held", "new-commenter"],
      [{ by: { recentlyDecided: 10, recentlyRejected: 3 } }, "held", "recent-history"],
      [{ by: { isPremoderated: true } }, "pending", "premoderated-person"],
      [{ settings: { moderation: "pre" as const } }, "pending", "premoderation"],
      [{ outside: { outcome: "hold" as const, reasons: [] } }, "held", "outside"],
      [{ outside: "failed" as const }, "held", "check-failed"],
    ] as const;
    for (const [given, status, reason] of cases)
      expect(verdict(given as Parameters<typeof facts>[0]), reason).toMatchObject({ status, reasons: [reason] });
  });

  test("what is not enough for a check lets a comment through", () => {
    for (const given of [
      { text: "https://www.dateline.example/x" },
      { text: "https://other.example", settings: { holdLinks: false } },
      { by: { recentlyDecided: 2, recentlyRejected: 2 } },
      { by: { recentlyDecided: 10, recentlyRejected: 2 } },
      { by: { publishedBefore: 0 }, settings: { newCommenterHold: 0 } },
    ])
      expect(verdict(given).status, JSON.stringify(given)).toBe("published");
  });

  test("all reasons are kept, and the severest outcome counts", () => {
    expect(
      verdict({
        text: "fair trade, badword, https://other.example",
        by: { isPremoderated: true, publishedBefore: 0 },
        settings: { moderation: "pre" },
        outside: { outcome: "pending", reasons: ["spam"] },
      }),
    ).toEqual({
      status: "rejected",
      reasons: [
        "banned-word",
        "suspect-word",
        "links",
        "new-commenter",
        "premoderated-person",
        "premoderation",
        "outside",
        "outside:spam",
      ],
      matches: [
        { list: "banned", start: 12, end: 19 },
        { list: "suspect", start: 0, end: 10 },
      ],
      errors: [],
    });
  });

  test("what staff write does not wait, but a banned word and a failed check stop it", () => {
    const by = { isStaff: true, publishedBefore: 0, isPremoderated: true };
    expect(verdict({ by, settings: { moderation: "pre" } })).toMatchObject({
      status: "approved",
      reasons: ["new-commenter", "premoderated-person", "premoderation"],
    });
    expect(verdict({ by, text: "fair trade" }).status).toBe("approved");
    expect(verdict({ by, text: "badword" }).status).toBe("rejected");
    expect(verdict({ by, outside: "failed" }).status).toBe("held");
  });

  test("a check that fails holds the comment and hides no other reason", () => {
    const error = new Error("broken list");
    const broken = {
      matches: () => {
        throw error;
      },
    };
    const words = { banned: compile(["badword"]), suspect: broken };
    expect(verdict({ words, settings: { moderation: "pre" } })).toEqual({
      status: "held",
      reasons: ["check-failed", "premoderation"],
      matches: [],
      errors: [error],
    });
    expect(verdict({ words, text: "badword" }).status).toBe("rejected");
    expect(verdict({ words, by: { isStaff: true } }).status).toBe("held");
  });

  test("one more thing against a comment never makes its verdict milder", () => {
    const severity: Record<string, number> = { published: 0, approved: 0, pending: 1, held: 2, rejected: 3 };
    type Given = {
      text: string;
      by: Partial<Facts["by"]>;
      settings: Partial<Facts["settings"]>;
      outside: Facts["outside"];
    };
    const worse: ((given: Given) => Given)[] = [
      (given) => ({ ...given, text: `${given.text} badword` }),
      (given) => ({ ...given, text: `${given.text} fair trade` }),
      (given) => ({ ...given, text: `${given.text} https://other.example` }),
      (given) => ({ ...given, by: { ...given.by, publishedBefore: 0 } }),
      (given) => ({ ...given, by: { ...given.by, recentlyDecided: 4, recentlyRejected: 2 } }),
      (given) => ({ ...given, by: { ...given.by, isPremoderated: true } }),
      (given) => ({ ...given, settings: { ...given.settings, moderation: "pre" } }),
      ({ outside, ...given }) => ({
        ...given,
        outside: outside === "failed" ? outside : next(outside?.outcome ?? "publish"),
      }),
    ];
    const next = (outcome: Outcome) => ({
      outcome: OUTCOMES[Math.min(3, OUTCOMES.indexOf(outcome) + 1)]!,
      reasons: [],
    });
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.array(fc.integer({ min: 0, max: worse.length - 1 }), { maxLength: 12 }),
        (isStaff, steps) => {
          let given: Given = { text: "Hello", by: { isStaff }, settings: {}, outside: null };
          let before = verdict(given);
          for (const step of steps) {
            given = worse[step]!(given);
            const after = verdict(given);
            expect(severity[after.status]).toBeGreaterThanOrEqual(severity[before.status]!);
            expect(after.reasons).toEqual(expect.arrayContaining(before.reasons));
            before = after;
          }
        },
      ),
    );
  });
});
