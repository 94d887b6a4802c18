import { type ComponentChild, Fragment } from 'preact';

type Piece = ComponentChild | ((words: string) => ComponentChild);

interface Props {
  /** A text of the catalogue with holes: `{board}` for a piece, `{go|draw on it}` for one that gets its words from it. */
  text: string;
  /** What goes where, by the names of the holes. What people have written belongs here and never into the text. */
  with: Record<string, Piece>;
}

/** A whole sentence of the catalogue with links and the like at the places that its language gives them. */
export function Filled({ text, with: pieces }: Props) {
  // Every third part is a hole's name, followed by its words.
  const parts = text.split(/\{(\w+)(?:\|([^}]*))?\}/);
  return parts.map((part, index) => {
    if (index % 3 === 0) return part;
    if (index % 3 === 2) return null;
    const piece = pieces[part];
    const content = typeof piece === 'function' ? piece(parts[index + 1] ?? '') : piece;
    return <Fragment key={part}>{content}</Fragment>;
  });
}
