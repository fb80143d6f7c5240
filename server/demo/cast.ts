import type { Actor } from "../auth/permissions.ts";

/** The demo's people by name, able to act. */
export type Cast = ReadonlyMap<string, Actor>;

export const minutesBefore = (now: Date, minutes: number): Date => new Date(now.getTime() - minutes * 60_000);

/** The newsroom's clock. */
export const TIME_ZONE = "Europe/London";
export const LANGUAGE = "en-GB";

const clock = new Intl.DateTimeFormat(LANGUAGE, { hour: "2-digit", minute: "2-digit", timeZone: TIME_ZONE });
export const onTheClock = (at: Date): string => clock.format(at);

/** Writes `{-155}` as the time on the newsroom's clock 155 minutes ago. */
export const clocked = (text: string, now: Date): string =>
  text.replace(/\{([-+]\d+)\}/g, (_match, minutes: string) => onTheClock(minutesBefore(now, -Number(minutes))));
