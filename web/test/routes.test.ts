import { describe, expect, it } from 'vitest';
import { addressAt, backPath, parse, signInFrom } from '../src/routes';

describe('parse', () => {
  it.each([
    ['/', 'boards'],
    ['', 'not-found'],
    ['/new', 'new'],
    ['/log', 'log'],
    ['/activity', 'activity'],
    ['/settings', 'settings'],
    ['/sign-in?back=/new', 'sign-in'],
    ['/sign-up', 'sign-up'],
    ['/u/ada-1_B', 'user'],
    ['/u/', 'not-found'],
    ['/u/a/b', 'not-found'],
    ['/boards/', 'not-found'],
    ['/boards/x', 'not-found'],
    ['/boards/7/paths', 'not-found'],
    ['/toString', 'not-found'],
  ])('takes %j for %s', (address, view) => {
    expect(parse(address).view).toBe(view);
  });

  it('reads the board', () => {
    expect(parse('/boards/7')).toMatchObject({ view: 'draw', id: 7, path: '/boards/7' });
    expect(parse('/boards/7/edit?a=b')).toMatchObject({ view: 'edit', id: 7 });
  });
});

describe('addressAt', () => {
  it.each([
    ['/boards/7', '?x=y', '', '/boards/7?x=y'],
    ['/', '', '#/boards/7?x=y', '/boards/7?x=y'],
    ['/boards/7', '', '#main', '/boards/7'],
  ])('of %s %s %s is the view', (pathname, search, hash, address) => {
    expect(addressAt({ pathname, search, hash })).toBe(address);
  });
});

describe('signInFrom', () => {
  it.each(['/boards/7', '/new?from=7'])('comes back to %s', (address) => {
    expect(backPath(parse(signInFrom(parse(address), 'sign-in')))).toBe(address);
    expect(
      backPath(parse(signInFrom(parse(`/sign-in?back=${encodeURIComponent(address)}`), 'sign-up'))),
    ).toBe(address);
  });
});

describe('backPath', () => {
  const from = (back: string) => backPath(parse(`/sign-in?${new URLSearchParams({ back })}`));

  it('leads to where one came from', () => {
    expect(from('/boards/7')).toBe('/boards/7');
  });

  it.each(['https://example.org/', '//example.org', 'new', '/sign-in', '/sign-up?x=y', '/nowhere'])(
    'does not lead to %s',
    (back) => {
      expect(from(back)).toBe('/');
    },
  );

  it('leads to the boards when nothing is said', () => {
    expect(backPath(parse('/sign-in'))).toBe('/');
  });
});
