import type { Piece } from "./composition.ts";

/** Pictures or embeds of the post in the composer; their own module draws them into the element. */
export interface PieceSlot {
  readonly element: HTMLElement;
  get(): Piece[];
  /** Replaces them all, as their module does after each change. */
  set(pieces: Piece[]): void;
  insert(piece: Piece): void;
  /** Called when another composition is opened. */
  shown: (pieces: Piece[]) => void;
}

export interface Hooks {
  /** Takes files that were pasted or dropped; whether it did. */
  takeFiles(files: File[]): boolean;
  /** Takes an address that was pasted on its own; whether it did. */
  takeAddress(address: string): boolean;
  /** For "/image". */
  chooseFiles(): void;
  /** What a post has to wait for before it is sent; null for nothing. */
  pending(): Pending | null;
}

export interface Pending {
  /** Such as "2 pictures are being uploaded." */
  readonly words: string;
  /** Fulfilled when there is nothing left to wait for, whether it went well or not. */
  readonly done: Promise<void>;
}

/** @returns the slot, and what shows another composition's pieces in it */
export function pieceSlot(element: HTMLElement, changed: () => void): { slot: PieceSlot; show(pieces: Piece[]): void } {
  let pieces: Piece[] = [];
  const slot: PieceSlot = {
    element,
    get: () => structuredClone(pieces),
    set(next) {
      pieces = structuredClone(next);
      changed();
    },
    insert(piece) {
      slot.set([...pieces, piece]);
      slot.shown(slot.get());
    },
    shown: () => {},
  };
  return {
    slot,
    show(next) {
      pieces = structuredClone(next);
      slot.shown(slot.get());
    },
  };
}

interface Item {
  readonly element: HTMLElement;
  /** Says which of how many it is. */
  place(n: number, of: number): void;
}

/** Lets each drawn piece know its place among the others. */
export function placeAll({ element }: PieceSlot, items: readonly Item[]): void {
  items.forEach((item, n) => item.place(n, items.length));
  element.classList.toggle("has-pieces", items.length > 0);
}

/** Changes places with the one before or after it. @returns whether there is one */
export function step<T extends Item>(items: T[], item: T, by: 1 | -1): boolean {
  const from = items.indexOf(item);
  const other = items[from + by];
  if (!other) return false;
  // The other one is moved: the button that was pressed keeps the focus.
  if (by === 1) item.element.before(other.element);
  else item.element.after(other.element);
  items[from] = other;
  items[from + by] = item;
  return true;
}
