import { t } from '../language/texts';
import type { components } from './schema';

/** The kinds of problem that the server knows. */
export type Code = components['schemas']['Problem']['code'];

/** The kinds that only the page knows: no answer came; the browser does not send the session's cookie. */
export type OwnCode = 'no_answer' | 'session_not_kept';

/** One thing that is wrong with one field, as the server says it. */
export interface FieldError {
  field: string;
  message: string;
}

/** What a request failed with: the server's problem document (RFC 9457), or no answer at all. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    /** The HTTP status; 0 when there was no answer. */
    readonly status: number,
    /** The kind of problem; stable. */
    readonly code: string,
    /** The server's own words, in English; empty where a body has none. */
    readonly detail = '',
    readonly fields: FieldError[] = [],
    /** After how many seconds another try makes sense, where the server says so. */
    readonly retryAfter: number | null = null,
  ) {
    super(detail || code);
  }

  /** The server or the way to it is down, or it took too long; or it has opened a session that was not kept. */
  static own(code: OwnCode): Problem {
    return new Problem(0, code);
  }

  /** What an answer says, which may also come from a proxy and be no problem document. */
  static fromAnswer({ status, headers }: Response, body: unknown): Problem {
    const { code, detail, errors } = (body ?? {}) as Record<string, unknown>;
    return new Problem(
      status,
      typeof code === 'string' ? code : 'unknown',
      typeof detail === 'string' ? detail : '',
      Array.isArray(errors) ? errors : [],
      Number(headers.get('Retry-After')) || null,
    );
  }
}

/** An error as one sentence or two for a person, in the language that is spoken now. */
export function inWords(error: unknown): string {
  const { common, problems } = t();
  if (!(error instanceof Problem)) return problems.unknown;
  const codes: Record<string, string> = problems.codes;
  const words = codes[error.code] ?? (error.detail || withoutWords(error.status));
  return words.replace('{when}', () => common.soon(error.retryAfter));
}

/** What an answer means whose body says nothing, by its status: usually a proxy stands between. */
function withoutWords(status: number): string {
  const { codes, gateway, refusedOnTheWay } = t().problems;
  if (status === 413) return codes.body_too_large;
  if (status === 429) return codes.rate_limited;
  return status >= 500 ? gateway : refusedOnTheWay;
}
