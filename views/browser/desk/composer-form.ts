import { blankFields, summaryOf, type Composition, type Fields, type Kind, type Refusal } from "./composition.ts";
import { drawChips } from "./chips.ts";
import { commentField } from "./comment-field.ts";
import { askConflict } from "./conflict-choice.ts";
import { htmlOf, openEditor, setHtml } from "./editor.ts";
import { button, part, takesText } from "./elements.ts";
import { bylineField, sourcesField, tagsField } from "./list-fields.ts";
import { holdPlace } from "./place.ts";
import { pieceSlot, type Hooks, type PieceSlot } from "./pieces.ts";
import { PreviewPane } from "./preview-pane.ts";
import type { SplitQuote } from "./quote-split.ts";
import { keepAtOnce, keepSingleKeys, keepsSingleKeys, publishesAtOnce } from "./settings.ts";
import { simpleFields } from "./simple-fields.ts";
import { openToolbar } from "./toolbar.ts";
import { textSuggesters } from "./text-commands.ts";
import { waysFor, wordsOf, type Rights, type Way } from "./ways.ts";

export interface ComposerForm {
  readonly element: HTMLFormElement;
  readonly scheduleDialog: HTMLDialogElement;
  readonly slots: { media: PieceSlot; embeds: PieceSlot };
  show(composition: Composition): void;
  read(into: Fields): void;
  /** What follows from the fields: chips, kinds, buttons. */
  reflect(composition: Composition): void;
  refuse(refusal: Refusal | null): void;
  /** Whether what is in it is on the device: it is never said before it is true. */
  showKept(kept: Kept): void;
  notice(words: string | null, action?: string, act?: () => void): void;
  showConflict(mine: Fields, theirs: Fields, settle: (keep: "mine" | "theirs") => void): void;
  help(): void;
  focus(): void;
  ready(): void;
}

export type Kept = "nothing" | "not-yet" | "yes";

export interface FormOptions {
  readonly blog: string;
  readonly rights: Rights;
  readonly hooks: Hooks;
  announce(words: string): void;
  changed(): void;
  send(way: Way): void;
  /** Gives up an edit. */
  leave(): void;
}

const PLACEHOLDERS: Record<Kind, string> = {
  entry: "What is happening?",
  quote: "Context, if it needs any",
  comment: "Your answer",
};
const BODY_LABELS: Record<Kind, string> = { entry: "Text", quote: "Context", comment: "Answer" };

/** The form of the composer: everything that is shown, and nothing of where it goes. */
export function openForm(root: HTMLElement, options: FormOptions): ComposerForm {
  const { changed, hooks } = options;
  const form = part<HTMLFormElement>(root, ".composer-form");
  const dialog = (name: string) => part<HTMLDialogElement>(root, `[data-composer=${name}]`);
  const at = (name: string): HTMLElement => part(form, `[data-composer=${name}]`);
  const shown = { id: "", kind: "entry" as Kind, base: null as Composition["base"] };

  const simple = simpleFields(form, changed);
  const byline = bylineField(form, changed);
  const tags = tagsField(form, options.blog, changed);
  const sources = sourcesField(form, changed);
  const comment = commentField(form, options.blog, changed);
  const media = pieceSlot(at("media"), changed);
  const embeds = pieceSlot(at("embeds"), changed);
  const parts = [simple, byline, tags, sources, comment];
  const editor = openEditor({
    element: at("editor"),
    placeholder: () => PLACEHOLDERS[shown.kind],
    labelledBy: "composer-body-label",
    describedBy: "composer-body-error",
    suggesters: textSuggesters(form, options.blog, {
      byline,
      tags,
      chooseFiles: () => hooks.chooseFiles(),
      canMark: options.rights.publish,
      changed,
    }),
    changed,
    filesDropped: (files) => hooks.takeFiles(files),
    addressPasted: (address) => hooks.takeAddress(address),
    pasted: (text) => void offerSplit(text),
  });
  const fields = blankFields("entry");
  const preview = new PreviewPane(form, options.blog, () => {
    read(fields);
    return structuredClone(fields);
  });
  const ways = waysMenu(form, options.send);
  const splitting = () => import("./quote-split.ts");
  // At hand when something is pasted, also without a connection.
  void splitting().catch(() => {});
  let split: SplitQuote | null = null;
  let noticed = (): void => {};

  openToolbar(at("toolbar"), at("link"), editor);
  listen();

  return {
    element: form,
    scheduleDialog: dialog("schedule"),
    slots: { media: media.slot, embeds: embeds.slot },
    show(composition) {
      const { id, fields, base, refusal } = composition;
      Object.assign(shown, { id, base });
      for (const one of parts) one.show(fields, base);
      media.show(fields.media);
      embeds.show(fields.embeds);
      shown.kind = fields.kind;
      setHtml(editor, fields.body);
      at("offer").hidden = true;
      at("more").hidden = true;
      at("more-button").setAttribute("aria-expanded", "false");
      this.reflect(composition);
      this.refuse(refusal);
    },
    read,
    reflect(composition) {
      const { fields, base } = composition;
      showKind(fields.kind);
      drawChips(at("chips"), fields, changeChip, openMore);
      part(form, "[data-mark=unverified]").setAttribute("aria-pressed", String(fields.verification === "unverified"));
      for (const mark of form.querySelectorAll<HTMLElement>(
        "[data-mark=keyEvent], [data-mark=summary], [data-mark=pinned]",
      ))
        mark.hidden = !options.rights.publish;
      at("editing").hidden = base === null;
      if (base) part(at("editing"), "p").textContent = `${EDITING[base.status]} ${summaryOf(base.fields)}`;
      ways.show(waysFor(base, options.rights));
      preview.changed(structuredClone(fields));
    },
    refuse: (refusal) => showRefusal(form, refusal, openMore),
    showKept: (kept) => void (at("kept").dataset.kept = kept),
    notice(words, action, act) {
      const notice = at("notice");
      const press = part<HTMLButtonElement>(notice, "button");
      const back = holdPlace();
      notice.hidden = words === null;
      part(notice, "p").textContent = words ?? "";
      press.textContent = action ?? "Close";
      noticed = act ?? (() => {});
      back();
      if (words) options.announce(words);
    },
    showConflict: (mine, theirs, settle) => askConflict(root, mine, theirs, settle),
    help: () => dialog("help-dialog").showModal(),
    focus,
    ready: () => void (form.inert = false),
  };

  function read(into: Fields): void {
    for (const one of parts) one.read(into);
    into.body = htmlOf(editor);
    into.media = media.slot.get();
    into.embeds = embeds.slot.get();
  }

  function showKind(kind: Kind): void {
    at("quote").hidden = kind !== "quote";
    at("comment").hidden = kind !== "comment";
    part(form, "#composer-body-label").textContent = BODY_LABELS[kind];
    form.dataset.kind = kind;
    if (shown.kind === kind) return;
    shown.kind = kind;
    // The words in the empty text are another kind's.
    editor.view.dispatch(editor.state.tr);
  }

  /** To what has to be written first. */
  function focus(): void {
    const first: Record<Kind, string> = {
      entry: ".composer-text",
      quote: "#composer-quote-text",
      comment: at("comment-picked").hidden ? "#composer-comment-search" : ".composer-text",
    };
    part(form, first[shown.kind]).focus();
    form.scrollIntoView({ block: "nearest" });
  }

  function openMore(target?: string): void {
    at("more").hidden = false;
    at("more-button").setAttribute("aria-expanded", "true");
    if (target) part(form, target).focus();
  }

  function changeChip(change: Partial<Fields>): void {
    const next = blankFields("entry");
    read(next);
    Object.assign(next, change);
    for (const one of parts) one.show(next, shown.base);
    changed();
    focus();
  }

  /** Offered for what was pasted with quotation marks and a speaker; never done unasked. */
  async function offerSplit(text: string): Promise<void> {
    const { id } = shown;
    const found = await splitting().catch(() => null);
    if (shown.id !== id) return;
    split = shown.base === null || shown.kind === "quote" ? (found?.splitQuote(text) ?? null) : null;
    at("offer").hidden = split === null;
    if (split) part(at("offer"), "p").textContent = `Split into quote and speaker? ${split.name} is quoted.`;
  }

  function takeSplit(): void {
    if (!split) return;
    const next = blankFields("quote");
    read(next);
    next.kind = "quote";
    next.quote = { ...next.quote, text: split.text, name: split.name, role: split.role };
    for (const one of parts) one.show(next, shown.base);
    // The passage stood alone in the text, or between other words that stay.
    const rest = next.body
      .replace(/<[^>]*>/g, " ")
      .replace(/\s+/g, " ")
      .trim();
    if (rest.length < split.text.length + split.name.length + split.role.length + 60) setHtml(editor, "");
    at("offer").hidden = true;
    showKind("quote");
    changed();
    focus();
  }

  function listen(): void {
    form.addEventListener("input", ({ target }) => {
      // The text tells of its own changes, and fields with lists of what was chosen from them.
      if (target instanceof HTMLElement && !target.closest(".composer-editor, .composer-pick, .composer-link"))
        changed();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      options.send(ways.first());
    });
    form.addEventListener("keydown", keys, { capture: true });
    part(form, "#composer-quote-text").addEventListener("paste", (event) => {
      const text = event.clipboardData?.getData("text/plain").trim();
      if (text) void offerSplit(text);
    });
    at("more-button").addEventListener("click", () => {
      const open = Boolean(at("more").hidden);
      at("more").hidden = !open;
      at("more-button").setAttribute("aria-expanded", String(open));
      if (open) at("more").scrollIntoView({ block: "nearest" });
    });
    part(at("offer"), "[data-offer=take]").addEventListener("click", takeSplit);
    part(at("offer"), "[data-offer=leave]").addEventListener("click", () => {
      at("offer").hidden = true;
      focus();
    });
    part(at("notice"), "button").addEventListener("click", () => {
      const back = holdPlace();
      at("notice").hidden = true;
      noticed();
      back();
    });
    at("leave").addEventListener("click", options.leave);
    at("help").addEventListener("click", () => dialog("help-dialog").showModal());
    const singleKeys = part<HTMLInputElement>(dialog("help-dialog"), "[name=singleKeys]");
    singleKeys.checked = keepsSingleKeys();
    singleKeys.addEventListener("change", () => keepSingleKeys(singleKeys.checked));
    followKeyboard(root);
  }

  function keys(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.stopPropagation();
      const first = ways.first();
      options.send(event.shiftKey && first === "publish" ? "now" : first);
    } else if (
      event.key === "Escape" &&
      !form.querySelector("[role=listbox]:not([hidden]), .composer-link:not([hidden])")
    ) {
      if (ways.close()) return;
      if (takesText(document.activeElement)) (document.activeElement as HTMLElement).blur();
      options.announce("Left the composer. What you wrote is kept.");
    }
  }
}

const EDITING: Record<string, string> = {
  draft: "Editing the draft:",
  submitted: "Editing what waits for approval:",
  scheduled: "Editing what is scheduled:",
  published: "Editing what readers see:",
};

/** The button that sends, and the list of other ways behind its arrow. */
function waysMenu(form: HTMLElement, send: (way: Way) => void) {
  const at = (name: string): HTMLElement => part(form, `[data-composer=${name}]`);
  const menu = at("ways");
  const toggle = at("ways-button");
  const atOnce = part<HTMLInputElement>(menu, "[name=atOnce]");
  let first: Way = "publish";
  let drawn = "";

  atOnce.checked = publishesAtOnce();
  atOnce.addEventListener("change", () => keepAtOnce(atOnce.checked));
  toggle.addEventListener("click", () => show(Boolean(menu.hidden)));
  document.addEventListener("pointerdown", ({ target }) => {
    if (!menu.hidden && target instanceof Node && !at("ways").parentElement!.contains(target)) show(false);
  });
  menu.parentElement!.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && !menu.parentElement!.contains(relatedTarget)) show(false);
  });

  function show(open: boolean): void {
    menu.hidden = !open;
    toggle.setAttribute("aria-expanded", String(open));
    if (open) part(menu, "button, input").focus();
  }

  return {
    first: () => first,
    /** @returns whether it was open */
    close(): boolean {
      const wasOpen = !menu.hidden;
      if (wasOpen) {
        show(false);
        toggle.focus();
      }
      return wasOpen;
    },
    show([usual, ...others]: [Way, ...Way[]]): void {
      if (drawn === [usual, ...others].join()) return;
      drawn = [usual, ...others].join();
      first = usual;
      part(at("go"), "span").textContent = wordsOf(usual);
      toggle.hidden = others.length === 0;
      at("at-once").hidden = usual !== "publish";
      part(menu, "[data-composer=ways-list]").replaceChildren(
        ...others.map((way) =>
          button(wordsOf(way), { class: "composer-way", "data-way": way }, () => {
            show(false);
            toggle.focus();
            send(way);
          }),
        ),
      );
    },
  };
}

/** The reason at the bar, and beside each field that it is about. */
function showRefusal(form: HTMLElement, refusal: Refusal | null, openMore: (target?: string) => void): void {
  const box = part(form, "[data-composer=refusal]");
  box.hidden = refusal === null;
  box.textContent = refusal?.text ?? "";
  for (const error of form.querySelectorAll<HTMLElement>("[data-error]")) {
    const about = refusal?.errors.some(({ pointer }) => isAbout(error.dataset.error!, pointer));
    error.textContent = about ? refusal!.text : "";
    const field = error.id ? form.querySelector<HTMLElement>(`[aria-describedby~="${error.id}"]`) : null;
    if (about) field?.setAttribute("aria-invalid", "true");
    else field?.removeAttribute("aria-invalid");
    if (!about) continue;
    if (error.closest("#composer-more")) openMore();
    const hiddenIn = field?.closest<HTMLElement>(".composer-headline");
    if (hiddenIn) hiddenIn.hidden = false;
    field?.focus();
  }
}

const isAbout = (field: string, pointer: string): boolean =>
  pointer === field || pointer.startsWith(`${field}/`) || (field === "/quote/text" && pointer === "/quote");

/** On a phone the bar stands on the keyboard, and not under it. */
function followKeyboard(root: HTMLElement): void {
  const viewport = window.visualViewport;
  if (!viewport) return;
  const place = (): void => {
    const covered = Math.max(0, innerHeight - viewport.height - viewport.offsetTop);
    root.style.setProperty("--above", `${Math.round(viewport.offsetTop)}px`);
    root.style.setProperty("--keyboard", `${viewport.scale > 1 ? 0 : Math.round(covered)}px`);
  };
  viewport.addEventListener("resize", place);
  viewport.addEventListener("scroll", place);
}
