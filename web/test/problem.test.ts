import { afterEach, expect, test } from 'vitest';
import { inWords, Problem } from '../src/api/problem';
import { en } from '../src/language/en';
import { pl } from '../src/language/pl';
import { spoken } from '../src/language/texts';

afterEach(() => {
  spoken.value = { language: 'en', texts: en };
});

function problem(status: number, body: unknown, retryAfter?: string): Problem {
  const headers = retryAfter ? { 'Retry-After': retryAfter } : {};
  return Problem.fromAnswer(new Response('', { status, headers }), body);
}

test('a problem is told in the language that is spoken when it is shown', () => {
  const taken = problem(409, { code: 'username_taken', detail: 'The username ada is taken.' });
  expect(inWords(taken)).toBe('That username is taken. Please choose another.');
  spoken.value = { language: 'pl', texts: pl };
  expect(inWords(taken)).toBe('Ta nazwa użytkownika jest zajęta. Wybierz inną.');
});

test.each([
  ['30', 'in 30 seconds', 'za 30 sekund'],
  ['600', 'in 10 minutes', 'za 10 minut'],
  [undefined, 'in a moment', 'za chwilę'],
  ['Thu, 26 Nov 2026 04:00:00 GMT', 'in a moment', 'za chwilę'],
])('says when to try again after %s', (retryAfter, english, polish) => {
  const limited = problem(429, { code: 'rate_limited' }, retryAfter);
  expect(inWords(limited)).toBe(`That was too much at a time. Please try again ${english}.`);
  spoken.value = { language: 'pl', texts: pl };
  expect(inWords(limited)).toBe(`Za dużo naraz. Spróbuj ponownie ${polish}.`);
});

test('a kind that the page does not know is told as the server does', () => {
  expect(inWords(problem(418, { code: 'teapot', detail: 'I am a teapot.' }))).toBe(
    'I am a teapot.',
  );
});

test.each([
  [502, null, en.problems.gateway],
  [403, '<html>', en.problems.refusedOnTheWay],
  [413, null, en.problems.codes.body_too_large],
])('an answer of %d that says nothing is told by its status', (status, body, words) => {
  expect(inWords(problem(status, body))).toBe(words);
});

test('anything else asks for a reload', () => {
  expect(inWords(new TypeError('x is undefined'))).toBe(en.problems.unknown);
});
