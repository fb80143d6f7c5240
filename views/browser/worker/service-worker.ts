import { isFile } from "../kept.ts";
import { forgetOld, keepOffline, storyOr } from "./kept-pages.ts";
import { fileOf } from "./kept-files.ts";
import { openStory, showKeyEvent } from "./notifications.ts";
import { offlinePage } from "./offline-page.ts";

declare const self: ServiceWorkerGlobalScope;

/** What belongs to somebody who has signed in, or is asked for by programs: the browser's own affair. */
const PRIVATE =
  /^\/(api|desk|moderation|account|notices|sign-|forgot-password|reset-password|verify|check-mail|socket\.io)/;
const STORY = /^\/blogs\/[a-z0-9-]{1,80}$/;

self.addEventListener("install", (event) => {
  void self.skipWaiting();
  event.waitUntil(keepOffline());
});
self.addEventListener("activate", (event) => event.waitUntil(Promise.all([self.clients.claim(), forgetOld()])));
self.addEventListener("push", (event) => event.waitUntil(showKeyEvent(self.registration, event.data)));
self.addEventListener("notificationclick", (event) => event.waitUntil(openStory(self.clients, event.notification)));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || PRIVATE.test(url.pathname)) return;
  if (isFile(url)) return event.respondWith(fileOf(request));
  if (request.mode !== "navigate") return;
  if (STORY.test(url.pathname) && !url.search) return event.respondWith(storyOr(offlinePage, event));
  event.respondWith(fetch(request).catch(offlinePage));
});
