import type { PostEmbed } from "../database.ts";
import { frameOf, PROVIDERS, type ProviderName, type Shape } from "../embeds/providers.ts";
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
  what: string;
  shape: Shape;
  /** Permissions for that origin and for no other. */
  allow: string;
}

const WHAT: Record<Shape, string> = { video: "video", tall: "video", audio: "player", post: "post", map: "map" };

export function embedModel(embed: PostEmbed, pictures: PicturesById, name: string): EmbedModel {
  const { url, title, description, author, siteName, provider } = embed;
  const known = provider in PROVIDERS ? PROVIDERS[provider as ProviderName] : null;
  const host = new URL(url).hostname.replace(/^www\./, "");
  const site = known?.label ?? siteName ?? host;
  const picture = embed.picture === null ? undefined : pictures.get(embed.picture);
  return {
    url,
    host,
    source: author && author !== title ? `${site} · ${author}` : site,
    title:
      title ??
      (known && author ? `${author} on ${site}` : known ? `A ${WHAT[known.shape]} on ${site}` : shortAddress(url)),
    description,
    picture: picture ? filesModel(picture) : null,
    player: known && embed.kind === "player" ? playerModel(embed, known, name) : null,
  };
}

function playerModel(embed: PostEmbed, known: (typeof PROVIDERS)[ProviderName], name: string): PlayerModel | null {
  const recognised = { provider: embed.provider as ProviderName, id: embed.providerId ?? "" };
  const address = frameOf(recognised, new URL(embed.url));
  if (!address) return null;
  const { origin } = new URL(address);
  return {
    name,
    address,
    provider: known.label,
    what: WHAT[known.shape],
    shape: known.shape,
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
