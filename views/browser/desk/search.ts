/** Milliseconds of no typing before the server is asked. */
const PAUSE = 300;

/** What is found while one types; without this the form works as forms do. */
export function searchWhileTyping(form: HTMLFormElement): void {
  const found = document.getElementById("found")!;
  const status = document.getElementById("found-status")!;
  let timer = 0;
  let asking: AbortController | null = null;

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => void look(), PAUSE);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    void look();
  });

  async function look(): Promise<void> {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    const given = [...new FormData(form)].filter(
      (pair): pair is [string, string] => typeof pair[1] === "string" && pair[1] !== "",
    );
    const address = `/desk?${new URLSearchParams(given).toString()}`;
    form.setAttribute("aria-busy", "true");
    const response = await fetch(address, { signal, headers: { Accept: "text/html" } }).catch(() => null);
    if (signal.aborted) return;
    form.removeAttribute("aria-busy");
    if (response?.redirected) return location.assign(address);
    if (!response?.ok) return void (status.textContent = "The server does not answer. Try again.");
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    found.replaceChildren(...document.importNode(page.getElementById("found")!, true).childNodes);
    history.replaceState(null, "", address);
    const posts = found.querySelectorAll(".found-post").length;
    status.textContent = page.querySelector(".found") ? `${posts} ${posts === 1 ? "post" : "posts"} found` : "";
  }
}
