//! The kinds of problem.

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $status:literal $code:literal $title:literal;)*) => {
        /// The kinds of problem. They are part of the API: added to, never changed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The HTTP status of the answer.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// The stable name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The kind in a few words.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }
        }

        /// The kinds as types, for the signatures of operations.
        pub mod kind {
            $(
                $(#[$doc])*
                #[derive(Debug)]
                pub struct $variant;

                impl super::Kinds for $variant {
                    fn codes() -> Vec<super::Code> {
                        vec![super::Code::$variant]
                    }
                }
            )*
        }
    };
}

/// A kind of problem as a type, or several of them.
pub trait Kinds {
    /// Which.
    fn codes() -> Vec<Code>;
}

impl<A: Kinds, B: Kinds> Kinds for (A, B) {
    fn codes() -> Vec<Code> {
        [A::codes(), B::codes()].concat()
    }
}

codes! {
    /// The body is not JSON.
    InvalidJson = 400 "invalid_json" "The body is not valid JSON";
    /// There is no body.
    EmptyBody = 400 "empty_body" "The body is empty";
    /// A path or query parameter is out of bounds.
    InvalidParameter = 400 "invalid_parameter" "A parameter is not valid";
    /// A query parameter that the operation does not have.
    UnknownParameter = 400 "unknown_parameter" "The operation has no such query parameter";
    /// A header is malformed.
    InvalidHeader = 400 "invalid_header" "A header is not valid";
    /// `Last-Event-ID` is no event id.
    InvalidCursor = 400 "invalid_cursor" "The cursor is not an event id";
    /// A request in plain HTTP to an address that is encrypted.
    TlsRequired = 400 "tls_required" "This address takes encrypted connections only";
    /// No credentials.
    MissingToken = 401 "missing_token" "Not logged in";
    /// Unknown token.
    InvalidToken = 401 "invalid_token" "The session token is not known";
    /// The session's time is over.
    ExpiredToken = 401 "expired_token" "The session has expired";
    /// The session was ended.
    RevokedToken = 401 "revoked_token" "The session was ended";
    /// Username or password is wrong.
    WrongCredentials = 401 "wrong_credentials" "Wrong username or password";
    /// Somebody else's board.
    NotBoardOwner = 403 "not_board_owner" "The board belongs to somebody else";
    /// Only for administrators.
    NotAdministrator = 403 "not_administrator" "Only administrators may do this";
    /// Nobody may register by themselves.
    RegistrationClosed = 403 "registration_closed" "Registration is closed";
    /// The user may not log in.
    UserDisabled = 403 "user_disabled" "The account is disabled";
    /// A request with the cookie that comes from another site.
    OriginMismatch = 403 "origin_mismatch" "The request comes from another site";
    /// No such route.
    NotFound = 404 "not_found" "There is nothing here";
    /// No such board.
    BoardNotFound = 404 "board_not_found" "There is no such board";
    /// No such path, or somebody else's.
    PathNotFound = 404 "path_not_found" "There is no such path";
    /// No such session, or somebody else's.
    SessionNotFound = 404 "session_not_found" "There is no such session";
    /// No such consumer, or somebody else's.
    ConsumerNotFound = 404 "consumer_not_found" "There is no such consumer";
    /// No such user.
    UserNotFound = 404 "user_not_found" "There is no such user";
    /// The route knows other methods.
    MethodNotAllowed = 405 "method_not_allowed" "The method is not allowed here";
    /// The answer had not begun in time.
    RequestTimeout = 408 "request_timeout" "The request took too long";
    /// The username is in use.
    UsernameTaken = 409 "username_taken" "The username is taken";
    /// A user who has boards is deleted only together with them.
    HasBoards = 409 "has_boards" "The user has boards";
    /// Somebody has to administer the server.
    LastAdministrator = 409 "last_administrator" "The last administrator must stay";
    /// The user has as many boards as one may have.
    TooManyBoards = 409 "too_many_boards" "You have too many boards";
    /// The user has as many paths on this board as one may have.
    TooManyPaths = 409 "too_many_paths" "You have too many paths on this board";
    /// The user has as many consumers as one may have.
    TooManyConsumers = 409 "too_many_consumers" "You have too many consumers";
    /// Another worker has the events.
    Leased = 409 "leased" "Another worker has the events";
    /// The lease was given to another worker, or ended on purpose.
    LeaseLost = 409 "lease_lost" "The lease has ended";
    /// `If-Match` names an older version.
    StaleVersion = 412 "stale_version" "The board has changed in the meantime";
    /// The body is too large.
    BodyTooLarge = 413 "body_too_large" "The body is too large";
    /// The body is no `application/json`.
    UnsupportedMediaType = 415 "unsupported_media_type" "The body must be application/json";
    /// The input breaks rules.
    ValidationFailed = 422 "validation_failed" "The input breaks rules";
    /// The key of another request.
    IdempotencyMismatch = 422 "idempotency_mismatch" "The key belongs to another request";
    /// Too often, or too much at once.
    RateLimited = 429 "rate_limited" "Too many requests";
    /// A failure inside the server.
    Internal = 500 "internal" "Something went wrong in the server";
    /// There are as many streams as there can be.
    TooManyStreams = 503 "too_many_streams" "There are too many streams";
    /// Too much to do, or the database is out of reach.
    Unavailable = 503 "unavailable" "The server cannot do this right now";
    /// All seats are taken, or the client's share of them.
    TooManyConnections = 503 "too_many_connections" "There are too many connections";
}
