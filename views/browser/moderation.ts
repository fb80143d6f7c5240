import { later } from "./desk/later.ts";
import { openCards } from "./moderation/open-cards.ts";
import { tickTimes } from "./relative-times.ts";

const main = document.querySelector<HTMLElement>(".moderation");
if (main?.querySelector("#cards")) openCards(main);
if (main?.matches(".moderation-person"))
  void later(
    () => import("./moderation/person.ts"),
    ({ openPerson }) => openPerson(main),
  );
if (main?.matches(".moderation-words"))
  void later(
    () => import("./moderation/words.ts"),
    ({ openWords }) => openWords(main),
  );
if (main?.matches(".moderation-settings"))
  void later(
    () => import("./moderation/settings-forms.ts"),
    ({ openSettings }) => openSettings(main),
  );
tickTimes();
