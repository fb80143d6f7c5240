/** More than there are code points, and than a list of 5,000 entries has different words. */
const SYMBOLS = 0x200000;

/** Which of many runs of numbers begin at some place, found out in as many steps as the longest of them is long. */
export class Trie {
  readonly #edges = new Map<number, number>();
  readonly #ends = new Map<number, string>();
  #size = 1;

  /** The first value of a run stays. */
  add(run: Iterable<number>, value: string): void {
    let node = Trie.ROOT;
    for (const symbol of run) {
      const edge = node * SYMBOLS + symbol;
      let next = this.#edges.get(edge);
      if (next === undefined) this.#edges.set(edge, (next = this.#size++));
      node = next;
    }
    if (!this.#ends.has(node)) this.#ends.set(node, value);
  }

  static readonly ROOT = 0;

  /** The node behind `symbol`; undefined when no run goes on so. */
  step(node: number, symbol: number): number | undefined {
    return this.#edges.get(node * SYMBOLS + symbol);
  }

  /** The value of the run that ends here. */
  endsAt(node: number): string | undefined {
    return this.#ends.get(node);
  }
}
