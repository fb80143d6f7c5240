import { z } from "zod";
import { discussionOf } from "../comments/settings.ts";
import type { Context } from "../context.ts";
import { invalid, notFound } from "../errors.ts";
import { route, type AnyRoute } from "../http.ts";
import { optionalLine, prose } from "../input.ts";
import { LONGEST_ENTRY, MOST_ENTRIES } from "../rules/word-entries.ts";
import { changeDiscussion } from "./discussion.ts";
import { findWordList, LIST_NAMES, saveWordList, tryWords, type ListName } from "./word-lists.ts";

/** What is wrong with an entry is told of each by itself; this only keeps a flood out. */
const entries = z.array(z.string().max(4 * LONGEST_ENTRY)).max(2 * MOST_ENTRIES);
const wordList = z.strictObject({ entries, version: z.int().min(1) });
const trial = z.strictObject({ text: prose(10_000), entries: entries.optional() });
const wordListAnswer = z.object({
  name: z.enum(LIST_NAMES),
  entries: z.array(z.string()),
  version: z.int(),
});
const trialAnswer = z.object({
  matches: z.array(z.object({ entry: z.string(), start: z.int(), end: z.int() })),
});

const discussion = z.object({ disabled: z.boolean(), message: z.string(), version: z.int() });
const discussionChanges = z.strictObject({
  disabled: z.boolean().optional(),
  message: optionalLine(300).optional(),
  version: z.int().min(1),
});

/** The rules that hold for all discussions; for those who moderate everywhere. */
export function ruleRoutes({ db }: Context): AnyRoute[] {
  return [
    route<{ name: string }>({
      method: "get",
      path: "/api/moderation/word-lists/:name",
      summary: "A list of words that are refused (banned) or held for a moderator (suspect)",
      action: "word-list:edit",
      somewhere: true,
      answers: { 200: wordListAnswer },
      handle: async ({ params }) => ({ status: 200, body: await findWordList(db, nameOf(params.name)) }),
    }),

    route<{ name: string }, {}, z.output<typeof wordList>>({
      method: "put",
      path: "/api/moderation/word-lists/:name",
      summary: "Save a word list, unless a colleague saved it meanwhile or an entry cannot be kept",
      action: "word-list:edit",
      body: wordList,
      answers: { 200: wordListAnswer },
      handle: ({ params, body, actor, transact }) =>
        transact(async (trx) => ({
          status: 200,
          body: await saveWordList(trx, actor, nameOf(params.name), body.entries, body.version),
        })),
    }),

    route<{ name: string }, {}, z.output<typeof trial>>({
      method: "post",
      path: "/api/moderation/word-lists/:name/test",
      summary: "What a word list finds in a text; also one that is not saved yet",
      action: "word-list:edit",
      somewhere: true,
      body: trial,
      answers: { 200: trialAnswer },
      async handle({ params, body }) {
        const tried = body.entries ?? (await findWordList(db, nameOf(params.name))).entries;
        return { status: 200, body: { matches: tryWords(tried, body.text) } };
      },
    }),

    route({
      method: "get",
      path: "/api/moderation/settings",
      summary: "Whether the discussions of all blogs are turned off",
      action: "discussion:settings",
      somewhere: true,
      answers: { 200: discussion },
      handle: async () => ({ status: 200, body: await discussionOf(db) }),
    }),

    route<{}, {}, z.output<typeof discussionChanges>>({
      method: "patch",
      path: "/api/moderation/settings",
      summary: "Turn the discussions of all blogs off, with a word to readers, or on again",
      action: "discussion:settings",
      body: discussionChanges,
      answers: { 200: discussion },
      handle({ body: { version, disabled, message }, actor, transact }) {
        if (disabled === undefined && message === undefined)
          throw invalid([{ pointer: "/disabled", code: "required" }]);
        const changes = {
          ...(disabled === undefined ? {} : { disabled }),
          ...(message === undefined ? {} : { message }),
        };
        return transact(async (trx) => ({ status: 200, body: await changeDiscussion(trx, actor, version, changes) }));
      },
    }),
  ];
}

function nameOf(given: string): ListName {
  const name = LIST_NAMES.find((one) => one === given);
  if (!name) throw notFound("word list");
  return name;
}
