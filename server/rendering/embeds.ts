import type { PostEmbed } from "../database.ts";
import { frameOf, PROVIDERS, type ProviderName, type Shape } from "../embeds/providers.ts";
import type { Wording } from "../i18n/i18n.ts";
import type { PicturesById } from "../media/media.ts";
import { filesModel, type FilesModel } from "./files.ts";

/** What views/partials/embed.hbs shows: a card of our own making, and perhaps a player that nobody has asked yet. */
export interface EmbedModel {
  url: string;
  /** Where the link leads, in the words of its address; the page's own name for itself may be a lie. */
  host: string;
  /** The site, and whose it is. */
  source: string;
  title: string;
  description: string | null;
  picture: FilesModel | null;
  player: PlayerModel | null;
}

export interface PlayerModel {
  /** The frame's name, which the link that loads it says; no two on a page are the same. */
  name: string;
  address: string;
  provider: string;
  shape: Shape;
  /** What the reader is offered, and the frame's title. */
  show: string;
  load: string;
  frame: string;
  /** Permissions for that origin and for no other. */
  allow: string;
}

type Provider = (typeof PROVIDERS)[ProviderName];

const WHAT = { video: "video", tall: "video", audio: "player", post: "post", map: "map" } as const;

/** @param name of the frame */
export function embedModel(embed: PostEmbed, pictures: PicturesById, name: string, { say }: Wording): EmbedModel {
  const { url, title, description, author, siteName, provider } = embed;
  const known = provider in PROVIDERS ? PROVIDERS[provider as ProviderName] : null;
  const host = new URL(url).hostname.replace(/^www\./, "");
  const site = known?.label ?? siteName ?? host;
  const picture = embed.picture === null ? undefined : pictures.get(embed.picture);
  const named = title ?? nameOf(known, site, author, say) ?? shortAddress(url);
  return {
    url,
    host,
    source: author && author !== title ? `${site} · ${author}` : site,
    title: named,
    description,
    picture: picture ? filesModel(picture) : null,
    player: known && embed.kind === "player" ? playerModel(embed, known, name, named, say) : null,
  };
}

/** For what has no title; null where only its address is known. */
function nameOf(known: Provider | null, site: string, author: string | null, say: Wording["say"]): string | null {
  if (!known) return null;
  return author ? say("embed.by", { author, site }) : say(`embed.named.${WHAT[known.shape]}`, { site });
}

function playerModel(
  embed: PostEmbed,
  known: Provider,
  name: string,
  title: string,
  say: Wording["say"],
): PlayerModel | null {
  const recognised = { provider: embed.provider as ProviderName, id: embed.providerId ?? "" };
  const address = frameOf(recognised, new URL(embed.url));
  if (!address) return null;
  const { origin } = new URL(address);
  const what = WHAT[known.shape];
  const provider = known.label;
  return {
    name,
    address,
    provider,
    shape: known.shape,
    show: say(`embed.show.${what}`, { provider }),
    load: say(`embed.load.${what}`),
    frame: say(`embed.frame.${what}`, { provider, title }),
    allow: ["autoplay", "encrypted-media", "fullscreen", "picture-in-picture"]
      .map((use) => `${use} ${origin}`)
      .join("; "),
  };
}

/** An address as people read it, not too long. */
function shortAddress(url: string): string {
  const { hostname, pathname, search } = new URL(url);
  const address = `${hostname.replace(/^www\./, "")}${pathname === "/" ? "" : pathname}${search}`;
  return address.length > 90 ? `${address.slice(0, 88)}…` : address;
}
