/** A grid as puzzles are worked on: its cells have numbers, row by row. */
export class Grid {
  /** How many cells there are. */
  readonly size: number;
  /** The cells above, below, left and right of each. */
  readonly neighbours: readonly (readonly number[])[];

  constructor(
    readonly rows: number,
    readonly cols: number,
  ) {
    this.size = rows * cols;
    this.neighbours = Array.from({ length: this.size }, (_, cell) => {
      const [row, col] = [Math.floor(cell / cols), cell % cols];
      const around: number[] = [];
      if (row > 0) around.push(cell - cols);
      if (row < rows - 1) around.push(cell + cols);
      if (col > 0) around.push(cell - 1);
      if (col < cols - 1) around.push(cell + 1);
      return around;
    });
  }

  cellAt({ row, col }: { row: number; col: number }): number {
    return row * this.cols + col;
  }

  placeOf(cell: number): { row: number; col: number } {
    return { row: Math.floor(cell / this.cols), col: cell % this.cols };
  }

  /** The cells of the rim, once around. */
  rim(): number[] {
    const { rows, cols } = this;
    const rim: number[] = [];
    for (let col = 0; col < cols; col += 1) rim.push(col);
    for (let row = 1; row < rows; row += 1) rim.push(row * cols + cols - 1);
    for (let col = cols - 2; col >= 0; col -= 1) rim.push((rows - 1) * cols + col);
    for (let row = rows - 2; row > 0; row -= 1) rim.push(row * cols);
    return rim;
  }
}
