import { openStory, showKeyEvent } from "./notifications.ts";

declare const self: ServiceWorkerGlobalScope;

self.addEventListener("install", () => void self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("push", (event) => event.waitUntil(showKeyEvent(self.registration, event.data)));
self.addEventListener("notificationclick", (event) => event.waitUntil(openStory(self.clients, event.notification)));
