import { EVENT_TYPES } from '@dotcast/stream';
import { describe, expect, it } from 'vitest';
import { curl, type Entry, Parser, streamPath } from '../src/views/log/raw';

const bytes = (text: string) => new TextEncoder().encode(text);
const parse = (text: string) => new Parser().push(bytes(text));
const event = (parts: Partial<Extract<Entry, { kind: 'event' }>>): Entry => ({
  kind: 'event',
  id: null,
  event: 'message',
  data: '',
  retry: null,
  ...parts,
});

const STREAM =
  ': dotcast\nretry: 2000\nid: 41\nevent: cursor\ndata: {"id":41}\n\n' +
  'id: 42\r\nevent: newBoard\r\ndata: {"board_name":"Ünïcödé 🧩"}\r\n\r\n' +
  ': keep-alive\n\nid: 43\rdata: a\rdata: b\r\rid\ndata\n\n';
const ENTRIES: Entry[] = [
  { kind: 'comment', text: 'dotcast' },
  event({ id: '41', event: 'cursor', data: '{"id":41}', retry: '2000' }),
  event({ id: '42', event: 'newBoard', data: '{"board_name":"Ünïcödé 🧩"}' }),
  { kind: 'comment', text: 'keep-alive' },
  event({ id: '43', data: 'a\nb' }),
  event({ id: '' }),
];

describe('Parser', () => {
  it('takes events and comments apart, with any line endings', () => {
    expect(parse(STREAM)).toEqual(ENTRIES);
  });

  it('gives the same wherever the bytes are cut', () => {
    const all = bytes(STREAM);
    for (let cut = 0; cut <= all.length; cut += 1) {
      const parser = new Parser();
      const got = [...parser.push(all.subarray(0, cut)), ...parser.push(all.subarray(cut))];
      expect(got, `cut at ${cut}`).toEqual(ENTRIES);
    }
  });

  it('gives the same byte by byte', () => {
    const parser = new Parser();
    expect([...bytes(STREAM)].flatMap((byte) => parser.push(Uint8Array.of(byte)))).toEqual(ENTRIES);
  });

  it('gives nothing of a block that has not ended', () => {
    expect(parse('id: 1\ndata: x\n')).toEqual([]);
  });

  it('drops one space after the colon, and no more', () => {
    expect(parse('data:  x\n\n')).toEqual([event({ data: ' x' })]);
    expect(parse('data:x\n\n')).toEqual([event({ data: 'x' })]);
  });

  it('shows fields that no event follows from', () => {
    expect(parse('id: 7\n\n')).toEqual([event({ id: '7' })]);
  });
});

describe('what is asked for', () => {
  const all = { types: EVENT_TYPES, boardIds: '', since: '', after: '' };

  it('is no filter when all types are wanted, or none is left', () => {
    expect(streamPath(all)).toBe('/sse/notifications/');
    expect(streamPath({ ...all, types: [] })).toBe('/sse/notifications/');
  });

  it('names types and boards', () => {
    const filter = { ...all, types: ['newBoard', 'newPath'], boardIds: '7,8' } as const;
    expect(streamPath(filter)).toBe('/sse/notifications/?types=newBoard,newPath&board_id=7,8');
  });

  it('names a time', () => {
    const path = (since: string) => streamPath({ ...all, since });
    expect(path('10m')).toBe('/sse/notifications/?since=10m');
    expect(path('2026-11-27T12:00:00+01:00')).toBe(
      '/sse/notifications/?since=2026-11-27T12:00:00%2B01:00',
    );
  });

  it('is shown as a command that survives a shell', () => {
    expect(curl('http://localhost:8000', { ...all, after: '41' })).toBe(
      "curl -N -H 'Last-Event-ID: 41' 'http://localhost:8000/sse/notifications/'",
    );
    expect(curl('http://h', { ...all, boardIds: "1'; ls" })).not.toContain("'; ls");
    expect(curl('http://h', { ...all, since: "1'; ls" })).not.toContain("'; ls");
  });
});
