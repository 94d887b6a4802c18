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
    readonly title: string,
    readonly detail: string,
    readonly fields: FieldError[] = [],
  ) {
    super(detail);
  }

  /** No answer: the server or the way to it is down, or it took too long. */
  static noAnswer(): Problem {
    return new Problem(0, NO_ANSWER, 'No connection', words[NO_ANSWER] as string);
  }

  /** The server opened a session, and the browser does not send its cookie. */
  static sessionNotKept(): Problem {
    const text = words[NOT_KEPT] as string;
    return new Problem(0, NOT_KEPT, 'Session not kept', text);
  }

  /** What a body says, which may also come from a proxy and be no problem document. */
  static fromBody(status: number, body: unknown): Problem {
    const { code, title, detail, errors } = (body ?? {}) as Record<string, unknown>;
    return new Problem(
      status,
      typeof code === 'string' ? code : 'unknown',
      typeof title === 'string' ? title : 'Unknown problem',
      typeof detail === 'string' ? detail : withoutWords(status),
      Array.isArray(errors) ? errors : [],
    );
  }
}

const NO_ANSWER = 'no_answer';
const NOT_KEPT = 'session_not_kept';

// Where the server's words are for those who write programs.
const words: Record<string, string> = {
  [NO_ANSWER]: 'The server cannot be reached. Check your connection and try again.',
  [NOT_KEPT]:
    'Your browser did not keep the session. Allow cookies for this site, and sign in again.',
  registration_closed: 'This server takes no new accounts. Ask whoever runs it for one.',
  missing_token: 'Please sign in first.',
  invalid_token: 'Your session is not known any more. Please sign in again.',
  expired_token: 'Your session has expired. Please sign in again.',
  revoked_token: 'Your session was ended. Please sign in again.',
  wrong_credentials: 'That username and password do not match.',
  username_taken: 'That username is taken. Please choose another.',
  validation_failed: 'Some of what you entered is not valid.',
  stale_version: 'The board was changed by somebody in the meantime.',
  not_board_owner: 'This board belongs to somebody else.',
  board_not_found: 'This board does not exist any more.',
  path_not_found: 'This path does not exist any more.',
  unavailable: 'The server is busy right now. Please try again in a moment.',
  internal: 'Something went wrong in the server. Please try again.',
};

/** What an answer means whose body says nothing, by its status: usually a proxy stands between. */
function withoutWords(status: number): string {
  if (status === 413) return 'That is too much for the server to take.';
  if (status === 429) return 'That was too much at a time. Please try again in a moment.';
  return status >= 500
    ? 'The server cannot be reached right now. Please try again in a moment.'
    : 'Something between here and the server refused this. Please try again.';
}

/** An error as one sentence or two for a person. */
export function inWords(error: unknown): string {
  if (error instanceof Problem) return words[error.code] ?? error.detail;
  return 'Something went wrong. Please reload the page.';
}
