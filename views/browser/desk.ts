import { startComposer } from "./desk/composer.ts";
import { followDesk } from "./desk/desk-stream.ts";
import { startLinks } from "./desk/links.ts";
import { startPictures } from "./desk/pictures.ts";
import { postsList } from "./desk/posts-list.ts";
import { tickTimes } from "./relative-times.ts";

const desk = document.querySelector<HTMLElement>(".desk");
if (desk) openDesk(desk);
else tickTimes();

/** Brings the desk of one blog to life: its lists follow the stream, and its forms speak to the API. */
function openDesk(desk: HTMLElement): void {
  const posts = postsList(desk);
  followDesk(desk, posts);
  const root = document.getElementById("composer")!;
  void startComposer(root, desk).then((composer) => {
    startPictures(composer, root);
    startLinks(composer, root);
  });
  tickTimes();
}
