import { t } from '../language/texts';
import type { Rule } from '../rules/rule';
import type { StreamEvent } from '../state/event';
import { isMine } from '../state/session';

/** `1 cell`, `2 cells`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}

/** What is to be said of something that breaks a rule, after its name. */
export function brokenRule(rule: Rule): string {
  const words = t().problems.rules[rule.kind] as (rule: Rule) => string;
  return words(rule);
}

/** What somebody did once or several times to a board, with a hole `{board}` for its name, which is a link. */
export function deed(event: StreamEvent, times = 1): string {
  return t().activity.deeds[event.type](isMine(event) ? null : event.username, times);
}
