//! Which limit a client has hit.

/// A limit on what clients may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// `--request-rate`
    RequestRate,
    /// `--max-requests`, with those that wait
    Requests,
    /// `--max-requests-per-client`, with those that wait
    RequestsPerClient,
    /// `--max-body-memory`
    Bodies,
    /// A quarter of `--max-body-memory`
    BodiesPerClient,
    /// `--max-streams`
    Streams,
    /// `--max-streams-per-client`
    StreamsPerClient,
    /// `--max-connections`, or the limit on open files
    Connections,
    /// `--max-connections-per-client`
    ConnectionsPerClient,
    /// `--registration-rate`
    RegistrationRate,
    /// Log-ins after too many wrong passwords
    Passwords,
    /// Passwords of one client that wait to be checked
    PasswordsPerClient,
    /// `--max-boards-per-user`
    BoardsPerUser,
    /// `--max-paths-per-board`
    PathsPerBoard,
    /// A hundred consumers
    ConsumersPerUser,
}

impl Limit {
    /// All there are.
    pub const ALL: [Self; 15] = [
        Self::RequestRate,
        Self::Requests,
        Self::RequestsPerClient,
        Self::Bodies,
        Self::BodiesPerClient,
        Self::Streams,
        Self::StreamsPerClient,
        Self::Connections,
        Self::ConnectionsPerClient,
        Self::RegistrationRate,
        Self::Passwords,
        Self::PasswordsPerClient,
        Self::BoardsPerUser,
        Self::PathsPerBoard,
        Self::ConsumersPerUser,
    ];

    /// Its name in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RequestRate => "request_rate",
            Self::Requests => "requests",
            Self::RequestsPerClient => "requests_per_client",
            Self::Bodies => "bodies",
            Self::BodiesPerClient => "bodies_per_client",
            Self::Streams => "streams",
            Self::StreamsPerClient => "streams_per_client",
            Self::Connections => "connections",
            Self::ConnectionsPerClient => "connections_per_client",
            Self::RegistrationRate => "registration_rate",
            Self::Passwords => "passwords",
            Self::PasswordsPerClient => "passwords_per_client",
            Self::BoardsPerUser => "boards_per_user",
            Self::PathsPerBoard => "paths_per_board",
            Self::ConsumersPerUser => "consumers_per_user",
        }
    }
}
