import type { Cell, Dot } from '../../api/client';

/** A path on a picture, in the colour that it connects. */
export interface PaintedLine {
  cells: readonly Cell[];
  color: string | null;
}

/** For a path that connects no pair. */
const NO_COLOR = '#8a8a98';
/** How wide a path is, in cells. */
const LINE = 0.3;
/** As the style sheet has it for dots in a grid: their radius in cells, their rim in CSS pixels. */
const RADIUS = 0.34;
const RIM = 1.5;
/** In cells below this size, in CSS pixels, dots are squares: they look the same and cost a tenth. */
const TINY = 6;
/** How many dots are painted before one looks at the clock. */
const SLICE = 100;
/** Upper bound on the time spent painting in one frame, in milliseconds; the slice begun then is finished. */
const BUDGET = 6;

/** Paints a picture, and yields where it may go on in a later frame. */
export type Painting = () => Generator<void>;

/** What waits, in the order in which it came, and what has been begun of it. */
const waiting = new Map<Painting, Generator<void> | null>();

/** Paints a picture in the next frames. One that waits, or has been begun, is painted anew. */
export function paintSoon(painting: Painting): void {
  if (waiting.size === 0) requestAnimationFrame(work);
  waiting.set(painting, null);
}

/** Drops a picture that has gone. */
export function forgetPaint(painting: Painting): void {
  waiting.delete(painting);
}

function work(): void {
  const end = performance.now() + BUDGET;
  try {
    for (const [painting, begun] of waiting) {
      const slices = begun ?? painting();
      waiting.set(painting, slices);
      while (performance.now() < end) {
        // One that has failed is done, too.
        if (!slices.next().done) continue;
        waiting.delete(painting);
        break;
      }
      if (performance.now() >= end) break;
    }
  } finally {
    if (waiting.size > 0) requestAnimationFrame(work);
  }
}

/**
 * Paints a board `width` CSS pixels wide, a slice at a time; at 0 it takes the pixels away. The style sheet says what
 * depends on the theme: the colour of the lines is that of the canvas's border, and what rims are mixed with is its
 * text colour.
 */
export function* paint(
  canvas: HTMLCanvasElement,
  width: number,
  rows: number,
  cols: number,
  dots: readonly Dot[],
  drawn: readonly PaintedLine[] = [],
): Generator<void> {
  const cell = width / cols;
  canvas.width = Math.round(width * devicePixelRatio);
  canvas.height = Math.round(cell * rows * devicePixelRatio);
  const context = canvas.getContext('2d');
  if (!context || canvas.width === 0) return;
  const { color: rim, borderTopColor: lines } = getComputedStyle(canvas);
  context.scale(canvas.width / width, canvas.height / (cell * rows));

  context.fillStyle = lines;
  for (let row = 1; row < rows; row += 1) context.fillRect(0, row * cell - 0.5, width, 1);
  for (let col = 1; col < cols; col += 1) context.fillRect(col * cell - 0.5, 0, 1, cell * rows);

  context.lineWidth = Math.max(LINE * cell, 1);
  context.lineCap = 'round';
  context.lineJoin = 'round';
  for (const { cells, color } of drawn) {
    context.strokeStyle = color ?? NO_COLOR;
    context.beginPath();
    for (const { row, col } of cells) context.lineTo((col + 0.5) * cell, (row + 0.5) * cell);
    context.stroke();
  }

  // A dot is a disc over a larger one, which is mixed with what rims are: half of the rim lies outside.
  const put = (dot: Dot, color: string, alpha: number, by: number) => {
    const x = (dot.col + 0.5) * cell;
    const y = (dot.row + 0.5) * cell;
    const radius = Math.max(RADIUS * cell + by, 0.5);
    context.fillStyle = color;
    context.globalAlpha = alpha;
    if (cell < TINY) {
      context.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
      return;
    }
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fill();
  };
  for (const [index, dot] of dots.entries()) {
    if (index % SLICE === SLICE - 1) yield;
    put(dot, dot.color, 1, RIM / 2);
    put(dot, rim, 0.5, RIM / 2);
    put(dot, dot.color, 1, -RIM / 2);
  }
}
