/** `latitude,longitude,zoom` of what a link to a map shows; null when it does not say. */
export function openStreetMapPlace({ hash, searchParams }: URL): string | null {
  const [zoom, lat, lon] = (/^#(?:.*&)?map=([^&]*)/.exec(hash)?.[1] ?? "").split("/");
  return place(searchParams.get("mlat") ?? lat, searchParams.get("mlon") ?? lon, zoom);
}

export function openStreetMapFrame(id: string, { searchParams }: URL): string {
  const [lat, lon, zoom] = numbers(id);
  // Degrees across a frame of about 600 × 400 pixels, of tiles of 256.
  const tile = 360 / 2 ** zoom / 256;
  const [wide, high] = [600 * tile, 400 * tile * Math.cos((lat * Math.PI) / 180)];
  const box = [lon - wide / 2, lat - high / 2, lon + wide / 2, lat + high / 2].map((degrees) => degrees.toFixed(5));
  const marker = searchParams.has("mlat") ? `&marker=${lat},${lon}` : "";
  return `https://www.openstreetmap.org/export/embed.html?bbox=${encodeURIComponent(box.join(","))}&layer=mapnik${marker}`;
}

export function googleMapsPlace({ hostname, pathname, searchParams }: URL): string | null {
  if (!hostname.startsWith("maps.") && !/^\/maps(?:\/|$)/.test(pathname)) return null;
  const [, inPath] = /\/@([^/]*)/.exec(pathname) ?? [];
  if (inPath) {
    const [lat, lon, zoom] = inPath.split(",");
    return place(lat, lon, zoom?.endsWith("z") ? zoom.slice(0, -1) : undefined);
  }
  const asked = ["q", "query", "ll"].map((name) => searchParams.get(name)).find(Boolean) ?? "";
  const [lat, lon, ...more] = asked.split(",").map((part) => part.trim());
  return more.length ? null : place(lat, lon, searchParams.get("z") ?? undefined);
}

export function googleMapsFrame(id: string): string {
  const [lat, lon, zoom] = numbers(id);
  return `https://www.google.com/maps?q=${lat},${lon}&z=${zoom}&output=embed`;
}

const DEGREES = /^-?\d{1,3}(?:\.\d{1,20})?$/;

function place(lat = "", lon = "", zoom = "15"): string | null {
  if (!DEGREES.test(lat) || !DEGREES.test(lon) || !/^\d{1,2}(?:\.\d{1,4})?$/.test(zoom)) return null;
  // No flat map reaches the poles.
  if (Math.abs(Number(lat)) > 85 || Math.abs(Number(lon)) > 180 || Number(zoom) > 22) return null;
  return [Number(lat), Number(lon), Math.round(Number(zoom))].join(",");
}

const numbers = (id: string): [number, number, number] => id.split(",").map(Number) as [number, number, number];
