import ts from 'typescript';

/** What is the same in every language: names, and words of protocols. */
const NAMES = new Set(['dotcast', 'API', 'retry:']);

/** Attributes of elements, and of the page's own components, whose values people read or hear. */
const SAID =
  /^(aria-(label|roledescription|description|valuetext)|title|placeholder|alt|label|hint|lead|error)$/;

/** Outside of elements: words that begin or end as sentences do. */
const SENTENCE = /^(?=.*\p{L}{3,})(\p{Lu}.*\s.*|.*\s.*[.!?…]|\p{Lu}\p{Ll}+[.!?…])$/su;

/** Texts for people in a source file that are not from the catalogue, each with its line. */
export function textsIn(name: string, code: string): string[] {
  const file = ts.createSourceFile(name, code, ts.ScriptTarget.Latest, true);
  const found: string[] = [];

  const add = (node: ts.Node, text: string) => {
    const words = text.replace(/\s+/g, ' ').trim();
    if (!/\p{L}/u.test(words) || NAMES.has(words)) return;
    const { line } = file.getLineAndCharacterOfPosition(node.getStart());
    found.push(`${name}:${line + 1} ${words}`);
  };

  /** The texts that an expression may come to. */
  const say = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) add(node, node.text);
    else if (ts.isTemplateExpression(node)) {
      add(
        node,
        [node.head, ...node.templateSpans.map((it) => it.literal)].map((it) => it.text).join(''),
      );
    } else if (ts.isConditionalExpression(node)) [node.whenTrue, node.whenFalse].forEach(say);
    else if (ts.isParenthesizedExpression(node)) say(node.expression);
    else if (ts.isBinaryExpression(node)) {
      const isSum = node.operatorToken.kind === ts.SyntaxKind.PlusToken;
      const isChoice = [
        ts.SyntaxKind.BarBarToken,
        ts.SyntaxKind.QuestionQuestionToken,
        ts.SyntaxKind.AmpersandAmpersandToken,
      ].includes(node.operatorToken.kind);
      if (isSum || isChoice) say(node.right);
      if (isSum || node.operatorToken.kind === ts.SyntaxKind.BarBarToken) say(node.left);
    }
  };

  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node)) add(node, node.text);
    else if (ts.isJsxExpression(node) && node.expression && !ts.isJsxAttribute(node.parent)) {
      say(node.expression);
    } else if (ts.isJsxAttribute(node) && SAID.test(node.name.getText()) && node.initializer) {
      const value = node.initializer;
      if (ts.isStringLiteral(value)) add(value, value.text);
      else if (ts.isJsxExpression(value) && value.expression) say(value.expression);
    } else if (isSentence(node)) say(node);
    // What is thrown, unless it is caught, is for developers.
    if (!ts.isThrowStatement(node) && !isNewError(node)) ts.forEachChild(node, visit);
  };
  visit(file);
  return [...new Set(found)];
}

function isSentence(node: ts.Node): boolean {
  if (ts.isJsxAttribute(node.parent ?? node)) return false;
  if (ts.isStringLiteralLike(node)) return SENTENCE.test(node.text);
  if (!ts.isTemplateExpression(node)) return false;
  return SENTENCE.test(
    [node.head.text, ...node.templateSpans.map((it) => it.literal.text)].join('_'),
  );
}

const isNewError = (node: ts.Node) =>
  ts.isNewExpression(node) && node.expression.getText() === 'Error';
