/** Works on puzzles beside the page, which stays usable meanwhile. */
import type { Answer, Question } from './ask';
import { generate } from './generate';
import { solve } from './solve';

addEventListener('message', ({ data }: MessageEvent<Question>) => {
  postMessage(answer(data));
});

function answer(question: Question): Answer {
  if (question.kind === 'solve') return { kind: 'solve', verdict: solve(question.puzzle) };
  const { rows, cols, difficulty, colors } = question;
  return { kind: 'generate', dots: generate(rows, cols, difficulty, colors) };
}
