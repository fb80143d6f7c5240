import { openAside } from "./desk/aside.ts";
import { startComposer } from "./desk/composer.ts";
import { followDesk } from "./desk/desk-stream.ts";
import { startLinks } from "./desk/links.ts";
import { startPictures } from "./desk/pictures.ts";
import { later } from "./desk/later.ts";
import { postsList } from "./desk/posts-list.ts";
import { watchTrouble } from "./desk/trouble.ts";
import { tickTimes } from "./relative-times.ts";

const desk = document.querySelector<HTMLElement>(".desk");
const newBlog = document.querySelector<HTMLFormElement>("#new-blog");
const takenDown = document.querySelector<HTMLElement>(".taken-down");
const search = document.querySelector<HTMLFormElement>(".search");
if (desk) openDesk(desk);
if (newBlog)
  void later(
    () => import("./desk/new-blog.ts"),
    ({ openNewBlog }) => openNewBlog(newBlog),
  );
if (takenDown)
  void later(
    () => import("./desk/taken-down.ts"),
    ({ openTakenDown }) => openTakenDown(takenDown),
  );
if (search)
  void later(
    () => import("./desk/search.ts"),
    ({ searchWhileTyping }) => searchWhileTyping(search),
  );
tickTimes();

/** Brings the desk of one blog to life: its lists follow the stream, and its forms speak to the API. */
function openDesk(desk: HTMLElement): void {
  const posts = postsList(desk);
  const socket = followDesk(desk, posts);
  openAside(desk, posts, socket);
  const root = document.getElementById("composer")!;
  const composer = startComposer(root, desk);
  void composer.then((composer) => {
    startPictures(composer, root);
    startLinks(composer, root);
  });
  watchTrouble(desk, socket, async () => (await composer).signIn());
}
