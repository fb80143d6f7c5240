import { z } from "zod";
import { audit } from "../audit.ts";
import type { Context } from "../context.ts";
import type { Db, Embed } from "../database.ts";
import { invalid } from "../errors.ts";
import { route, type AnyRoute } from "../http.ts";
import { webUrl } from "../input.ts";
import { develop } from "../media/darkroom.ts";
import { discardUnkept, keepFiles, keepPicture, type KeptFiles } from "../media/keeping.ts";
import { picturesOf } from "../media/media.ts";
import { turns } from "../media/turns.ts";
import {
  asPostEmbed,
  cleanUrl,
  embedAnswer,
  findEmbed,
  findEmbedByUrl,
  isBare,
  keepEmbed,
  presentEmbeds,
  setPicture,
  type EmbedAnswer,
} from "./embeds.ts";
import { UnfetchableError, type Fetch } from "./fetcher.ts";
import { resolveLink, type Resolved } from "./resolve.ts";

/** Links that are asked about at once; beyond that they wait, and the time they have goes on. */
const AT_ONCE = 4;
const MOST_WAITING = 100;
/** Milliseconds for all that is asked about one link; what has not come by then is left out. */
const PATIENCE = 5_000;
/** The same with its picture's sizes being made, which comes after. */
const PICTURE_PATIENCE = 8_500;

const link = z.strictObject({ url: webUrl });

export function embedRoutes({ db, pictures }: Context, fetch: Fetch): AnyRoute[] {
  const inTurn = turns(AT_ONCE, MOST_WAITING);

  return [
    route<{}, {}, z.output<typeof link>>({
      method: "post",
      path: "/api/embeds",
      summary:
        "Turn a link into a card or a player; the same link again is asked about again while little is known of it",
      action: "embed:write",
      somewhere: true,
      body: link,
      creates: "by-name",
      answers: { 200: embedAnswer, 201: embedAnswer },
      async handle({ body, actor, transact }) {
        const url = cleanUrl(body.url);
        const before = await findEmbedByUrl(db, url.href);
        if (before && !isBare(before)) return { status: 200, body: await present(db, before) };
        const late = AbortSignal.timeout(PICTURE_PATIENCE);
        const found = await resolve(url);
        const files = await developQuietly(found.picture, late);
        try {
          return await transact(async (trx) => {
            const kept = await keepEmbed(trx, actor, url.href, found);
            let { embed } = kept;
            if (files && kept.isNews) {
              const credit = found.siteName ?? url.hostname;
              await keepPicture(trx, { ...files, credit, focal_point: null, created_by: actor.userId });
              embed = await setPicture(trx, embed, files.id);
            }
            await audit(trx, actor, "embed.add", null, `embed:${embed.id}`);
            const headers = { Location: `/api/embeds/${embed.id}` };
            return { status: before ? 200 : 201, body: await present(trx, embed), headers };
          });
        } finally {
          if (files) await discardUnkept(db, pictures, files.id);
        }
      },
    }),

    route<{ id: string }>({
      method: "get",
      path: "/api/embeds/:id",
      summary: "One link as a card or a player",
      action: "embed:write",
      somewhere: true,
      answers: { 200: embedAnswer },
      async handle({ params }) {
        return { status: 200, body: await present(db, await findEmbed(db, params.id)) };
      },
    }),
  ];

  async function resolve(url: URL): Promise<Resolved> {
    const signal = AbortSignal.timeout(PATIENCE);
    try {
      return await inTurn(() => resolveLink(url, fetch, signal));
    } catch (error) {
      if (!(error instanceof UnfetchableError)) throw error;
      throw invalid([{ pointer: "/url", code: "not-public" }], "This address is not one that readers could reach.");
    }
  }

  /** The card's picture, through the same pipeline as any other; one that cannot be read in time is left out. */
  async function developQuietly(bytes: Buffer | null, late: AbortSignal): Promise<KeptFiles | null> {
    if (!bytes) return null;
    try {
      return await keepFiles(db, pictures, await inTurn(() => develop(bytes, late)));
    } catch {
      return null;
    }
  }

  async function present(on: Db, embed: Embed): Promise<EmbedAnswer> {
    const shown = asPostEmbed(embed);
    return presentEmbeds([shown], await picturesOf(on, [{ media: [], embeds: [shown] }]))[0]!;
  }
}
