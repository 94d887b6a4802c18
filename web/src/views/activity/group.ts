import type { Happening } from '../../state/activity';

/** The same thing done by the same person to the same board within an hour. */
export interface Group<Tag> {
  newest: Happening;
  /** The id of the oldest, by which it is known while it grows. */
  oldest: number;
  times: number;
  tag: Tag;
}

const HOUR = 3_600_000;

/** Puts together what is alike, at the place of the newest. `tagOf` says what else must be alike. */
export function group<Tag extends string>(
  items: readonly Happening[],
  tagOf: (item: Happening) => Tag,
): Group<Tag>[] {
  const groups: Group<Tag>[] = [];
  const latest = new Map<string, Group<Tag>>();
  for (const item of items) {
    const tag = tagOf(item);
    const key = [item.type, item.boardId, item.username, tag].join(' ');
    const known = latest.get(key);
    if (known && known.newest.at - item.at < HOUR) {
      known.times += 1;
      known.oldest = item.id;
    } else {
      const next = { newest: item, oldest: item.id, times: 1, tag };
      latest.set(key, next);
      groups.push(next);
    }
  }
  return groups;
}
