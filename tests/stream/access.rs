//! Who may follow the log, where not everybody may, and until when.

use reqwest::Method;
use serde_json::json;

use crate::harness::{Client, Database, Server, Stream, Transport, within};

const USERS: [&str; 6] = [
    "--stream-access",
    "users",
    "--poll-interval",
    "50ms",
    "--keep-alive",
    "200ms",
];

/// Asserts that the next thing on a stream, apart from keep-alives, is its final end.
async fn until_bye(stream: &mut Stream, how: &str) {
    loop {
        let frame = stream
            .next()
            .await
            .unwrap_or_else(|| panic!("{how}: a bye"));
        if frame.event.is_none() {
            continue;
        }
        assert_eq!(frame.event.as_deref(), Some("bye"), "{how}: {frame:?}");
        assert_eq!(
            frame.data,
            Some(json!({ "reason": "session_ended" })),
            "{how}"
        );
        assert_eq!((frame.id, frame.retry), (None, None), "{how}");
        break;
    }
    assert_eq!(stream.next().await, None, "{how}: nothing after it");
}

/// Waits until the server has checked who may go on: a stream that lives has outlived the check.
async fn until_alive(stream: &mut Stream) {
    for _ in 0..3 {
        let frame = stream.next().await.expect("it goes on");
        assert_eq!(frame.comment.as_deref(), Some("keep-alive"));
    }
}

#[tokio::test]
async fn everybody_may_follow_unless_it_is_for_users_only() {
    let server = Server::start().await;
    let mut client = server.client();
    for token in [None, Some("nonsense".to_owned())] {
        client.token = token;
        client.get("/api/v1/events").await.expect(200);
        assert_eq!(client.stream(0).await.opening().await, 0);
    }
}

#[tokio::test]
async fn for_users_only_the_log_and_its_stream_need_a_session() {
    let database = Database::new().await;
    for transport in Transport::all() {
        let server = transport.serve(&database, &USERS).await;
        let mut client = transport.client(&server);
        let paths = [
            "/sse/notifications/",
            "/sse/notifications",
            "/api/v1/events",
        ];
        for path in paths {
            for method in [Method::GET, Method::HEAD] {
                let answer = client.call(method.clone(), path).send().await.expect(401);
                assert!(answer.headers.contains_key("www-authenticate"), "{path}");
            }
            client.get(path).await.expect_problem(401, "missing_token");
            client
                .call(Method::GET, path)
                .header("Authorization", "Bearer nonsense")
                .send()
                .await
                .expect_problem(401, "invalid_token");
        }
        if database.counts().await[0].1 == 0 {
            client.register_and_log_in("ada").await;
        } else {
            client.log_in("ada").await;
        }
        client.get("/api/v1/events").await.expect(200);
        assert_eq!(
            client.stream(0).await.opening().await,
            0,
            "{}",
            transport.name
        );
        // Everything but events is open to everybody as before.
        client.token = None;
        client.get("/api/v1/boards").await.expect(200);
    }
}

#[tokio::test]
async fn a_browser_follows_with_its_cookie() {
    let server = Server::start_with(&USERS).await;
    let mut user = server.user("ada").await;
    let token = user.token.take().expect("a token");
    let cookie = format!("theme=dark; dotcast_session={token}");
    let answer = user
        .call(Method::GET, "/api/v1/events")
        .header("Cookie", &cookie);
    answer.send().await.expect(200);
    let stream = reqwest::Client::new()
        .get(format!("{}/sse/notifications/", server.url))
        .header("Cookie", cookie);
    let response = within("a stream", stream.send()).await.expect("a stream");
    let mut stream = Stream::of(response);
    stream.opening().await;
    user.token = Some(token);
    user.delete("/api/v1/sessions/current").await.expect(204);
    until_bye(&mut stream, "log-out").await;
}

/// How a session can end before it expires.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    LogOut,
    LogOutElsewhere,
    /// By the user, in another session.
    NewPassword,
    /// By the operator.
    Passwd,
    /// By the operator, too, as the next.
    Withdrawal,
    Disabled,
    Deletion,
}

impl End {
    async fn come(self, server: &Server, other: &Server, client: &Client) {
        match self {
            Self::LogOut => drop(client.delete("/api/v1/sessions/current").await.expect(204)),
            Self::LogOutElsewhere => {
                let mut elsewhere = other.client();
                elsewhere.token.clone_from(&client.token);
                let path = "/api/v1/sessions/current";
                elsewhere.delete(path).await.expect(204);
            }
            Self::NewPassword => {
                let mut elsewhere = server.client().over(client.http());
                elsewhere.log_in("ada").await;
                let passwords = json!({
                    "current_password": "correct horse",
                    "new_password": "correct horse",
                });
                let path = "/api/v1/users/me/password";
                elsewhere.put(path, &passwords).await.expect(204);
            }
            Self::Passwd => {
                let arguments = ["user", "passwd", "ada"];
                server.run_with(&arguments, "correct horse\n").await;
            }
            Self::Withdrawal => drop(server.run(&["user", "sessions", "end", "ada"]).await),
            Self::Disabled => drop(server.run(&["user", "disable", "ada"]).await),
            Self::Deletion => {
                let sql = "DELETE FROM sessions WHERE user_id = \
                           (SELECT id FROM users WHERE username = 'ada')";
                server.database().execute(sql).await;
            }
        }
    }
}

#[tokio::test]
async fn a_stream_ends_with_its_session_on_every_server() {
    let database = Database::new().await;
    let other = Server::start_on(&database, &USERS).await;
    let grace = other.user("grace").await;
    other.user("ada").await;
    for transport in Transport::all() {
        let server = transport.serve(&database, &USERS).await;
        let mut client = transport.client(&server);
        for end in [
            End::LogOut,
            End::LogOutElsewhere,
            End::NewPassword,
            End::Passwd,
            End::Withdrawal,
            End::Disabled,
            End::Deletion,
        ] {
            let how = format!("{end:?} over {}", transport.name);
            client.log_in("ada").await;
            let board = grace.board("before").await;
            let seen = grace.path(board).await;
            let newest = grace.events().await.len();
            let newest = i64::try_from(newest).expect("small");
            client.until_settled(newest).await;
            let mut streams = [client.stream(newest).await, client.stream(newest - 2).await];
            let mut others = transport.client(&server);
            others.token.clone_from(&grace.token);
            let mut others = others.stream(newest).await;
            others.opening().await;
            assert_eq!(streams[0].opening().await, newest, "{how}");
            streams[1].opening().await;
            assert_eq!(
                streams[1].ids(2).await,
                [newest - 1, newest],
                "{how} {seen}"
            );

            end.come(&server, &other, &client).await;
            for stream in &mut streams {
                until_bye(stream, &how).await;
            }
            client.get("/api/v1/events").await.expect(401);
            // Those of others go on, and with a new session nothing was missed.
            let missed = grace.board("missed").await;
            assert_eq!(others.ids(1).await, [newest + 1], "{how} {missed}");
            if end == End::Disabled {
                server.run(&["user", "enable", "ada"]).await;
            }
            client.log_in("ada").await;
            let mut stream = client.stream(newest).await;
            assert_eq!(stream.opening().await, newest, "{how}");
            assert_eq!(stream.ids(1).await, [newest + 1], "{how}");
            until_alive(&mut stream).await;
        }
    }
}

#[tokio::test]
async fn a_stream_ends_when_its_session_expires() {
    let database = Database::new().await;
    for (number, transport) in Transport::all().into_iter().enumerate() {
        let options = [
            &USERS[..2],
            &["--session-lifetime", "1s", "--poll-interval", "1h"],
        ]
        .concat();
        let server = transport.serve(&database, &options).await;
        let mut client = transport.client(&server);
        client.register_and_log_in(&format!("user{number}")).await;
        let mut stream = client.stream(0).await;
        stream.opening().await;
        until_bye(&mut stream, transport.name).await;
        client
            .get("/sse/notifications/")
            .await
            .expect_problem(401, "expired_token");
    }
}

/// HTTP/1.0 has no chunks: the stream ends with its connection.
#[tokio::test]
async fn a_stream_of_http_1_0_ends_with_its_session_too() {
    let server = Server::start_with(&USERS).await;
    let user = server.user("ada").await;
    let token = user.token.as_deref().expect("a token");
    let mut curl = tokio::process::Command::new("curl")
        .args(["-sN", "--http1.0", "-H"])
        .arg(format!("Authorization: Bearer {token}"))
        .arg(format!("{}/sse/notifications/", server.url))
        .stdout(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("curl is installed: apt-get install curl");
    let mut text = String::new();
    let mut output = curl.stdout.take().expect("stdout");
    let mut read = async |end: &str| {
        use tokio::io::AsyncReadExt as _;
        while !text.ends_with(end) {
            let byte = within(end, output.read_u8()).await;
            text.push(char::from(byte.expect("more")));
        }
        text.clone()
    };
    read("\n\n").await;
    user.delete("/api/v1/sessions/current").await.expect(204);
    read("event: bye\ndata: {\"reason\":\"session_ended\"}\n\n").await;
    let status = within("the end", curl.wait()).await.expect("wait");
    assert!(status.success(), "{status}");
}
