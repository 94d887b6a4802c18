import type { Dot } from '../api/client';
import { Grid } from './grid';

/** A board as far as it is a puzzle. */
export interface Puzzle {
  rows: number;
  cols: number;
  /** Two of each colour, each in a cell of its own. */
  dots: readonly Dot[];
}

/** Whether all pairs can be joined by lines that do not cross. */
export type Verdict =
  | { state: 'solvable' }
  /** `crossing`: two colours whose lines would have to cross, where that is easily seen. */
  | { state: 'unsolvable'; crossing?: [string, string] }
  /** It would take too long to find out. */
  | { state: 'unknown' };

/** Work on one board at most, in cells that are looked at; a second or so. */
const BUDGET = 15_000_000;
/** Simple attempts before all ways are tried. */
const ATTEMPTS = 40;

interface Pair {
  color: string;
  ends: [number, number];
}

/** What is in a cell: nothing, a dot or a line of before, or the line of a pair, by its number from here on. */
const FREE = 0;
const TAKEN = 1;
const LINES = 2;

/** Whether a board can be solved. The problem is NP-complete, so an answer takes a bounded effort or is `unknown`. */
export function solve(puzzle: Puzzle, budget = BUDGET): Verdict {
  const grid = new Grid(puzzle.rows, puzzle.cols);
  const pairs = pairsOf(grid, puzzle.dots);
  const crossing = crossingOnRim(grid, pairs);
  if (crossing) return { state: 'unsolvable', crossing };
  const search = new Search(grid, pairs, budget);
  if (search.attempt()) return { state: 'solvable' };
  return search.exhaust();
}

function pairsOf(grid: Grid, dots: readonly Dot[]): Pair[] {
  const cells = new Map<string, number[]>();
  for (const dot of dots) {
    cells.set(dot.color, [...(cells.get(dot.color) ?? []), grid.cellAt(dot)]);
  }
  return [...cells].map(([color, ends]) => ({ color, ends: ends as [number, number] }));
}

/** Two pairs on the rim that part each other: no lines within can join both. */
function crossingOnRim(grid: Grid, pairs: readonly Pair[]): [string, string] | undefined {
  const at = new Map(grid.rim().map((cell, index) => [cell, index]));
  const onRim = pairs.flatMap(({ color, ends }) => {
    const [a, b] = ends.map((cell) => at.get(cell));
    return a === undefined || b === undefined
      ? []
      : [{ color, from: Math.min(a, b), to: Math.max(a, b) }];
  });
  for (const one of onRim) {
    const other = onRim.find(({ from, to }) => one.from < from && from < one.to && one.to < to);
    if (other) return [one.color, other.color];
  }
  return undefined;
}

class Search {
  private readonly taken: Int16Array;
  /** What a flood has seen, by its number. */
  private readonly seen: Int32Array;
  private floods = 0;
  private readonly queue: Int32Array;
  private readonly before: Int32Array;

  constructor(
    private readonly grid: Grid,
    private readonly pairs: Pair[],
    private budget: number,
  ) {
    this.taken = new Int16Array(grid.size);
    this.seen = new Int32Array(grid.size);
    this.queue = new Int32Array(grid.size);
    this.before = new Int32Array(grid.size);
    for (const { ends } of pairs) for (const end of ends) this.taken[end] = TAKEN;
  }

  /** Joins the pairs one by one, each as shortly as it goes, in several orders. */
  attempt(): boolean {
    const byLength = [...this.pairs].sort((a, b) => this.distance(a) - this.distance(b));
    for (let round = 0; round < ATTEMPTS && this.budget > 0; round += 1) {
      const lines: number[][] = [];
      for (const pair of [...byLength]) {
        const line = this.shortest(pair);
        if (!line) {
          // It goes first the next time.
          byLength.splice(byLength.indexOf(pair), 1);
          byLength.unshift(pair);
          break;
        }
        lines.push(line);
        for (const cell of line) this.taken[cell] = TAKEN;
      }
      for (const line of lines) for (const cell of line) this.taken[cell] = FREE;
      if (lines.length === this.pairs.length) return true;
    }
    return false;
  }

  /** Tries all ways, as far as the budget goes. */
  exhaust(): Verdict {
    this.pairs.sort((a, b) => this.distance(a) - this.distance(b));
    if (this.join(0)) return { state: 'solvable' };
    return { state: this.budget > 0 ? 'unsolvable' : 'unknown' };
  }

  /** Joins the pairs from this one on. */
  private join(index: number): boolean {
    const pair = this.pairs[index];
    if (!pair) return true;
    if (!this.canJoinAll(index)) return false;
    return this.extend(index, pair.ends[0]);
  }

  /**
   * Draws the line of a pair on from `head`. A line that comes beside itself could be shorter, and a shorter one leaves more to
   * the others; so such lines need not be tried.
   */
  private extend(index: number, head: number): boolean {
    if (this.budget <= 0) return false;
    const [start, goal] = (this.pairs[index] as Pair).ends;
    const mark = LINES + index;
    const isBeside = (cell: number) =>
      (this.grid.neighbours[cell] as readonly number[]).some(
        (it) => it !== head && (it === start || this.taken[it] === mark),
      );
    const around = this.grid.neighbours[head] as readonly number[];
    if (around.includes(goal)) return this.join(index + 1);
    for (const cell of around) {
      this.budget -= 1;
      if (this.taken[cell] !== FREE || isBeside(cell)) continue;
      this.taken[cell] = mark;
      const isOpen = this.flood(cell, goal) && this.canJoinAll(index + 1);
      if (isOpen && this.extend(index, cell)) return true;
      this.taken[cell] = FREE;
    }
    return false;
  }

  private canJoinAll(index: number): boolean {
    return this.pairs.slice(index).every(({ ends }) => this.flood(...ends));
  }

  private distance({ ends: [a, b] }: Pair): number {
    const [from, to] = [this.grid.placeOf(a), this.grid.placeOf(b)];
    return Math.abs(from.row - to.row) + Math.abs(from.col - to.col);
  }

  /** The free cells of a shortest line between the ends of a pair. */
  private shortest({ ends: [from, to] }: Pair): number[] | undefined {
    if (!this.flood(from, to)) return undefined;
    const line: number[] = [];
    for (let cell = this.before[to] as number; cell !== from; cell = this.before[cell] as number) {
      line.push(cell);
    }
    return line;
  }

  /** Whether free cells lead from one cell to another. */
  private flood(from: number, to: number): boolean {
    this.floods += 1;
    const { queue, seen, before, floods } = this;
    queue[0] = from;
    seen[from] = floods;
    let end = 1;
    for (let at = 0; at < end; at += 1) {
      const cell = queue[at] as number;
      for (const next of this.grid.neighbours[cell] as readonly number[]) {
        if (seen[next] === floods) continue;
        seen[next] = floods;
        before[next] = cell;
        if (next === to) {
          this.budget -= at;
          return true;
        }
        if (this.taken[next] === FREE) {
          queue[end] = next;
          end += 1;
        }
      }
    }
    this.budget -= end;
    return false;
  }
}
