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
