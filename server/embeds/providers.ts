import { googleMapsFrame, googleMapsPlace, openStreetMapFrame, openStreetMapPlace } from "./maps.ts";

/** What a player shows, which decides its words and its size. */
export type Shape = "video" | "tall" | "audio" | "post" | "map";

/** A site whose things can be shown in a frame, or told from its links alone. Nothing is asked of anybody here. */
export interface Provider {
  /** As people know it. */
  readonly label: string;
  readonly shape: Shape;
  /** Where its links lead; subdomains that mean the same are named. */
  readonly hosts: RegExp;
  /** The id in one of its links; null for a link to something else there. What it lets through goes into addresses. */
  readonly id: (url: URL) => string | null;
  /** The address of its player, or "". `url` for what is not part of the id, such as where to begin. */
  readonly frame: (id: string, url: URL) => string;
  /** The origin of that address, for the Content-Security-Policy. */
  readonly frameOrigin: string;
  /** Its oEmbed endpoint, where that is open to everybody. */
  readonly oembed?: string;
  /** The id that the frame needs, where a link does not have it. */
  readonly idFrom?: (html: string) => string | null;
}

/** The first group of the first pattern that matches all of the path. */
const inPath =
  (...patterns: RegExp[]) =>
  ({ pathname }: URL): string | null => {
    for (const pattern of patterns) {
      const found = pattern.exec(pathname)?.[1];
      if (found) return found;
    }
    return null;
  };

const encode = encodeURIComponent;
const hosts = (...names: string[]): RegExp => new RegExp(`^(?:${names.join("|").replaceAll(".", "\\.")})$`);

const MASTODON = [
  ...["mastodon.social", "mastodon.online", "mastodon.world", "mstdn.social", "mas.to", "infosec.exchange"],
  ...["hachyderm.io", "fosstodon.org", "chaos.social", "journa.host", "newsie.social", "social.network.europa.eu"],
];

export const PROVIDERS = {
  x: {
    label: "X",
    shape: "post",
    hosts: hosts("x.com", "www.x.com", "mobile.x.com", "twitter.com", "www.twitter.com", "mobile.twitter.com"),
    id: inPath(/^\/(?:\w{1,20}|i\/web)\/status(?:es)?\/(\d{1,20})(?:\/.*)?$/),
    frame: (id) => `https://platform.twitter.com/embed/Tweet.html?id=${id}&dnt=true`,
    frameOrigin: "https://platform.twitter.com",
    oembed: "https://publish.twitter.com/oembed?omit_script=1&dnt=true",
  },
  youtube: {
    label: "YouTube",
    shape: "video",
    hosts: hosts(
      ...["youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com", "youtu.be"],
      ...["youtube-nocookie.com", "www.youtube-nocookie.com"],
    ),
    id(url) {
      const id =
        url.hostname === "youtu.be"
          ? inPath(/^\/([\w-]{11})\/?$/)(url)
          : url.pathname === "/watch"
            ? url.searchParams.get("v")
            : inPath(/^\/(?:shorts|live|embed|v)\/([\w-]{11})\/?$/)(url);
      return id && /^[\w-]{11}$/.test(id) ? id : null;
    },
    frame(id, url) {
      const start = seconds(url.searchParams.get("t") ?? url.searchParams.get("start"));
      return `https://www.youtube-nocookie.com/embed/${id}?autoplay=1${start ? `&start=${start}` : ""}`;
    },
    frameOrigin: "https://www.youtube-nocookie.com",
    oembed: "https://www.youtube.com/oembed?format=json",
  },
  vimeo: {
    label: "Vimeo",
    shape: "video",
    hosts: hosts("vimeo.com", "www.vimeo.com", "player.vimeo.com"),
    id: inPath(
      /^(?:\/(?:video|channels\/\w+|groups\/\w+\/videos|(?:showcase|album)\/\d+\/video))?\/(\d{1,12})(?:\/\w*)?$/,
    ),
    frame(id, url) {
      // A video that is only for those who have its link has a second part.
      const hash = /^\/\d+\/(\w{1,20})$/.exec(url.pathname)?.[1] ?? url.searchParams.get("h") ?? "";
      return `https://player.vimeo.com/video/${id}?dnt=1&autoplay=1${/^\w{1,20}$/.test(hash) ? `&h=${hash}` : ""}`;
    },
    frameOrigin: "https://player.vimeo.com",
    oembed: "https://vimeo.com/api/oembed.json?dnt=1",
  },
  instagram: {
    label: "Instagram",
    shape: "post",
    hosts: hosts("instagram.com", "www.instagram.com", "m.instagram.com"),
    id: inPath(/^\/(?:[\w.]{1,30}\/)?(?:p|reel|reels|tv)\/([\w-]{5,40})(?:\/.*)?$/),
    frame: (id) => `https://www.instagram.com/p/${id}/embed/captioned/`,
    frameOrigin: "https://www.instagram.com",
  },
  tiktok: {
    label: "TikTok",
    shape: "tall",
    hosts: hosts("tiktok.com", "www.tiktok.com", "m.tiktok.com"),
    id: inPath(/^\/(?:@[\w.-]{1,40}\/(?:video|photo)|embed(?:\/v2)?|player\/v1|v)\/(\d{6,20})(?:\.html|\/)?$/),
    frame: (id) => `https://www.tiktok.com/player/v1/${id}?autoplay=1`,
    frameOrigin: "https://www.tiktok.com",
    oembed: "https://www.tiktok.com/oembed",
  },
  facebook: {
    label: "Facebook",
    shape: "post",
    hosts: hosts("facebook.com", "www.facebook.com", "m.facebook.com", "mbasic.facebook.com", "web.facebook.com"),
    id({ pathname, searchParams }) {
      const video = pathname.replace(/\/$/, "") === "/watch" ? searchParams.get("v") : null;
      if (video && /^\d{5,20}$/.test(video)) return `watch/?v=${video}`;
      const story = searchParams.get("story_fbid");
      const by = searchParams.get("id");
      if (
        /^\/(?:permalink|story)\.php$/.test(pathname) &&
        /^\w{5,90}$/.test(story ?? "") &&
        /^\d{1,20}$/.test(by ?? "")
      )
        return `permalink.php?story_fbid=${story}&id=${by}`;
      return (
        /^\/([\w.-]{1,80}\/(?:posts|videos|photos)\/[\w./-]{1,120}|reel\/\d{5,20})\/?$/.exec(pathname)?.[1] ?? null
      );
    },
    frame(id) {
      const plugin = /^watch|^reel|\/videos\//.test(id) ? "video" : "post";
      return `https://www.facebook.com/plugins/${plugin}.php?href=${encode(`https://www.facebook.com/${id}`)}&show_text=true`;
    },
    frameOrigin: "https://www.facebook.com",
  },
  telegram: {
    label: "Telegram",
    shape: "post",
    hosts: hosts("t.me", "telegram.me", "www.t.me"),
    id: inPath(/^\/(?:s\/)?([A-Za-z]\w{3,31}\/\d{1,12})\/?$/),
    frame: (id) => `https://t.me/${id}?embed=1`,
    frameOrigin: "https://t.me",
  },
  bluesky: {
    label: "Bluesky",
    shape: "post",
    hosts: hosts("bsky.app"),
    id: inPath(/^\/profile\/((?:did:[a-z]+:[\w.-]{1,120}|[a-z\d.-]{3,120})\/post\/[a-z\d]{5,30})\/?$/i),
    // The frame wants the account by its DID, which the oEmbed answer has; a link mostly has its changing name.
    idFrom: (html) =>
      /at:\/\/(did:[a-z]+:[\w.-]{1,120})\/app\.bsky\.feed\.(post\/[a-z\d]{5,30})\b/i.exec(html)?.slice(1).join("/") ??
      null,
    frame: (id) =>
      id.startsWith("did:") ? `https://embed.bsky.app/embed/${id.replace("/post/", "/app.bsky.feed.post/")}` : "",
    frameOrigin: "https://embed.bsky.app",
    oembed: "https://embed.bsky.app/oembed?format=json",
  },
  spotify: {
    label: "Spotify",
    shape: "audio",
    hosts: hosts("open.spotify.com"),
    id: inPath(
      /^\/(?:intl-[a-z]{2,5}\/)?(?:embed\/)?((?:track|album|playlist|episode|show|artist)\/[A-Za-z\d]{22})\/?$/,
    ),
    frame: (id) => `https://open.spotify.com/embed/${id}`,
    frameOrigin: "https://open.spotify.com",
    oembed: "https://open.spotify.com/oembed",
  },
  soundcloud: {
    label: "SoundCloud",
    shape: "audio",
    hosts: hosts("soundcloud.com", "www.soundcloud.com", "m.soundcloud.com"),
    id: inPath(/^\/((?!discover|search|you|stream|upload|pages|terms-of-use)[\w-]{2,60}\/(?:sets\/)?[\w-]{1,120})\/?$/),
    frame: (id) => `https://w.soundcloud.com/player/?auto_play=true&url=${encode(`https://soundcloud.com/${id}`)}`,
    frameOrigin: "https://w.soundcloud.com",
    oembed: "https://soundcloud.com/oembed?format=json",
  },
  openstreetmap: {
    label: "OpenStreetMap",
    shape: "map",
    hosts: hosts("openstreetmap.org", "www.openstreetmap.org", "osm.org", "www.osm.org"),
    id: openStreetMapPlace,
    frame: openStreetMapFrame,
    frameOrigin: "https://www.openstreetmap.org",
  },
  googlemaps: {
    label: "Google Maps",
    shape: "map",
    hosts: /^(?:(?:www|maps)\.)?google\.(?:[a-z]{2,3}|com?\.[a-z]{2})$/,
    id: googleMapsPlace,
    frame: googleMapsFrame,
    frameOrigin: "https://www.google.com",
  },
  mastodon: {
    label: "Mastodon",
    shape: "post",
    // Of a thousand servers only these may open a frame: the page has to name each beforehand.
    hosts: hosts(...MASTODON),
    id: ({ hostname, pathname }) => {
      const post = mastodonPost(pathname);
      return post && `${hostname}/${post}`;
    },
    frame: (id) => (MASTODON.includes(id.split("/")[0]!) ? `https://${id}/embed` : ""),
    frameOrigin: MASTODON.map((host) => `https://${host}`).join(" "),
  },
} as const satisfies Record<string, Provider>;

export type ProviderName = keyof typeof PROVIDERS;

/** For `frame-src`: where a page's frames may lead. */
export const FRAME_ORIGINS: string = Object.values(PROVIDERS)
  .map(({ frameOrigin }) => frameOrigin)
  .join(" ");

export interface Recognised {
  readonly provider: ProviderName;
  readonly id: string;
}

/** Whose link this is, and the id in it; null for any other page. */
export function recognise(url: URL): Recognised | null {
  if (url.protocol !== "https:" && url.protocol !== "http:") return null;
  for (const [name, provider] of Object.entries(PROVIDERS)) {
    const id = provider.hosts.test(url.hostname) ? provider.id(url) : null;
    if (id) return { provider: name as ProviderName, id };
  }
  return null;
}

/** The address of the frame for something that was recognised; null where a frame would show nothing. */
export function frameOf({ provider, id }: Recognised, url: URL): string | null {
  const { frame }: Provider = PROVIDERS[provider];
  return frame(id, url) || null;
}

/** The post in a path of any Mastodon server, as `@who/number`; other software has paths of this shape too. */
export function mastodonPost(pathname: string): string | null {
  const [, who, number] =
    /^\/(?:@|users\/)(\w[\w.-]{0,60}(?:@[\w.-]{3,120})?)\/(?:statuses\/)?(\d{5,20})\/?$/.exec(pathname) ?? [];
  return who ? `@${who}/${number}` : null;
}

/** `1h2m3s`, `83s` or `83`, as links say where to begin. */
function seconds(time: string | null): number {
  const [, hours, minutes, rest] = /^(?:(\d{1,2})h)?(?:(\d{1,3})m)?(?:(\d{1,6})s?)?$/.exec(time ?? "") ?? [];
  return Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(rest ?? 0);
}
