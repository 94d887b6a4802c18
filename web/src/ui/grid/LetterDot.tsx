import { DotMark } from './Dots';

interface Props {
  color: string;
  text?: string | undefined;
}

/** A dot of a colour, as on the board, beside text that names it. */
export function LetterDot({ color, text }: Props) {
  return (
    <svg class="letter-dot" viewBox="0.1 0.1 0.8 0.8" aria-hidden="true">
      <DotMark x={0.5} y={0.5} color={color} text={text} />
    </svg>
  );
}
