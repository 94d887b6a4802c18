//! Events read in all the ways that there are, beside a plain scan of the table: from a cursor or a time, with filters, as
//! pages, lines, batches and streams, with waiting, over trims, breaks, and ids that were rolled back.

use std::fmt::Write as _;

use chrono::{DateTime, Duration, SecondsFormat, Utc};
use dotcast_log::{PoolStore, Store as _, read::Log, times};
use proptest::{
    prelude::*,
    sample::{Index, subsequence},
    test_runner::{Config, TestRunner},
};
use reqwest::StatusCode;
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::harness::{
    Client, Database, Lines, Server, Stream,
    client::{http, http2},
    contract, dotcast_on, within,
};

const KINDS: [&str; 3] = ["newBoard", "newPath", "boardUpdated"];
const BOARDS: [i64; 6] = [1, 2, 3, 40, 41, 42];

/// What happens to the log.
#[derive(Clone, Debug)]
enum Step {
    /// Events of a kind, a board and an age in seconds.
    Append(Vec<(usize, usize, i64)>),
    RollBack(u8),
    /// Deletes up to a place.
    Trim(Index),
    /// Ids are skipped.
    Break(i64),
    /// The times of events are recorded.
    Record,
}

/// What is asked for, and how.
#[derive(Clone, Debug)]
struct Question {
    after: Option<Index>,
    /// An age in milliseconds.
    since: Option<i64>,
    kinds: Option<Vec<&'static str>>,
    boards: Option<Vec<i64>>,
    limit: u8,
    wait: bool,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let event = (0..KINDS.len(), 0..BOARDS.len(), 0..4000_i64);
    let step = prop_oneof![
        12 => prop::collection::vec(event, 1..40).prop_map(Step::Append),
        2 => (1..5_u8).prop_map(Step::RollBack),
        2 => any::<Index>().prop_map(Step::Trim),
        1 => (1..50_i64).prop_map(Step::Break),
        3 => Just(Step::Record),
    ];
    prop::collection::vec(step, 1..6)
}

fn questions() -> impl Strategy<Value = Vec<Question>> {
    let kinds = prop::option::of(subsequence(KINDS.to_vec(), 1..=2));
    let boards = prop::option::of(subsequence(BOARDS.to_vec(), 1..=4));
    let after = prop::option::weighted(0.3, any::<Index>());
    let since = prop::option::weighted(0.7, -100_000..4_100_000_i64);
    let question = (after, since, kinds, boards, 1..20_u8, any::<bool>());
    let question = question.prop_map(|(after, since, kinds, boards, limit, wait)| Question {
        after,
        since,
        kinds,
        boards,
        limit,
        wait,
    });
    prop::collection::vec(question, 1..5)
}

#[test]
fn whatever_is_asked_for_is_what_a_scan_finds() {
    let runtime = Runtime::new().expect("a runtime");
    let mut runner = TestRunner::new(Config {
        cases: 24,
        failure_persistence: None,
        // Each case goes on from where the one before has left the log.
        max_shrink_iters: 0,
        ..Config::default()
    });
    let mut bench = runtime.block_on(Bench::start());
    let bench = std::cell::RefCell::new(&mut bench);
    runner
        .run(&(steps(), questions()), |(steps, questions)| {
            let mut bench = bench.borrow_mut();
            runtime.block_on(async {
                for step in steps {
                    bench.take(step).await;
                }
                for question in questions {
                    bench.ask(&question).await?;
                }
                Ok(())
            })
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

struct Bench {
    server: Option<Server>,
    client: Client,
    database: Database,
    /// Ages count from here.
    now: DateTime<Utc>,
}

impl Bench {
    async fn start() -> Self {
        let server = Server::start_with(&["--poll-interval", "20ms"]).await;
        Self {
            client: server.client(),
            database: server.database().clone(),
            server: Some(server),
            now: Utc::now(),
        }
    }

    fn at(&self, age_ms: i64) -> String {
        let time = self.now - Duration::milliseconds(age_ms);
        time.to_rfc3339_opts(SecondsFormat::Millis, true)
    }

    fn insert(&self, kind: &str, board: i64, age_ms: i64) -> String {
        let mut data = json!({ "board_id": board, "board_name": "b" });
        match kind {
            "newBoard" => data["creator_username"] = json!("ada"),
            "newPath" => {
                data["path_id"] = json!(1);
                data["user_username"] = json!("ada");
            }
            _ => data["user_username"] = json!("ada"),
        }
        format!(
            "INSERT INTO events (type, topic, payload, created_at) VALUES ('{kind}', {board}, '{data}', '{}');",
            self.at(age_ms)
        )
    }

    async fn ids(&self, condition: &str) -> Vec<i64> {
        let sql = format!("SELECT id FROM events WHERE {condition} ORDER BY id");
        self.database.column(&sql).await
    }

    async fn newest(&self) -> i64 {
        self.ids("true").await.last().copied().unwrap_or(0)
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::Append(events) => {
                let mut sql = String::new();
                for (kind, board, age) in events {
                    sql += &self.insert(KINDS[kind], BOARDS[board], age * 1000);
                }
                self.database.execute(&sql).await;
            }
            Step::RollBack(count) => {
                let inserts = self.insert("newPath", 1, 0).repeat(count.into());
                self.database
                    .execute(&format!("BEGIN; {inserts} ROLLBACK;"))
                    .await;
            }
            Step::Trim(place) => {
                let ids = self.ids("true").await;
                if !ids.is_empty() {
                    let through = ids[place.index(ids.len())];
                    let sql = format!(
                        "BEGIN; UPDATE trimmed_through SET event_id = {through}; \
                         DELETE FROM events WHERE id <= {through}; COMMIT;"
                    );
                    self.database.execute(&sql).await;
                }
            }
            Step::Break(more) => {
                let mut server = self.server.take().expect("a server");
                server.signal(Signal::TERM);
                server.wait().await;
                let through = (self.newest().await + more).to_string();
                // It may be known to be given out already.
                dotcast_on(&self.database, &["log", "break", "--through", &through]).await;
                let server = server.restart().await;
                self.client = server.client();
                self.server = Some(server);
            }
            Step::Record => {
                let newest = self.newest().await;
                if newest == 0 {
                    return;
                }
                self.client.until_settled(newest).await;
                let store = PoolStore::new(self.database.connect().await);
                let log = Log::new(store.reader());
                let mut is_more = true;
                while is_more {
                    let recorded = times::record(&store, &log, newest, true).await;
                    is_more = recorded.expect("recorded");
                }
            }
        }
    }

    /// Asks in every form, and compares.
    async fn ask(&self, question: &Question) -> Result<(), TestCaseError> {
        let mut condition = "true".to_owned();
        let mut query = String::new();
        if let Some(kinds) = &question.kinds {
            let _ = write!(condition, " AND type IN ('{}')", kinds.join("', '"));
            let _ = write!(query, "&types={}", kinds.join(","));
        }
        if let Some(boards) = &question.boards {
            let list: Vec<_> = boards.iter().map(ToString::to_string).collect();
            let _ = write!(condition, " AND topic IN ({})", list.join(", "));
            let _ = write!(query, "&board_id={}", list.join(","));
        }
        // The last event matches, and is not older than anything.
        let kind = question.kinds.as_ref().map_or(KINDS[0], |it| it[0]);
        let board = question.boards.as_ref().map_or(1, |it| it[0]);
        let last = self.insert(kind, board, -100_000);
        self.database.execute(&last).await;
        let newest = self.newest().await;
        self.client.until_settled(newest).await;

        // One before the last.
        let mut kept = self.ids("true").await;
        kept.pop();
        kept.insert(0, 0);
        let after = question.after.map(|it| kept[it.index(kept.len())]);
        let from = match (after, question.since) {
            (Some(id), _) => {
                let _ = write!(query, "&after={id}");
                id
            }
            (None, Some(age)) => {
                let since = self.now - Duration::milliseconds(age);
                self.first_since(since).await - 1
            }
            (None, None) => 0,
        };
        if let Some(age) = question.since {
            let _ = write!(query, "&since={}", self.at(age));
        }
        let due = self.ids(&format!("{condition} AND id > {from}")).await;
        prop_assert_eq!(due.last(), Some(&newest));

        let wait = if question.wait { "&wait=60s" } else { "" };
        let path = format!("/api/v1/events?limit={}{wait}{query}", question.limit);
        for accept in FORMS {
            let listed = self.list(&path, accept).await;
            prop_assert_eq!(&listed, &due, "{} as {}", path, accept);
        }
        if after.is_some() || question.since.is_some() {
            let query = format!(
                "?{}",
                query
                    .trim_start_matches('&')
                    .replace("after=", "last_event_id=")
            );
            let streamed = self.frames(&query, newest).await;
            prop_assert_eq!(&streamed, &due, "{} as a stream", query);
            let streamed = self.lines(&query, newest).await;
            prop_assert_eq!(&streamed, &due, "{} as a stream of lines", query);
        }
        Ok(())
    }

    async fn first_since(&self, time: DateTime<Utc>) -> i64 {
        let rows = self
            .database
            .rows("SELECT id, created_at FROM events ORDER BY id")
            .await;
        rows.iter()
            .find_map(|row| {
                let at: DateTime<Utc> = row.try_get("", "created_at").expect("a time");
                let id = row.try_get("", "id").expect("an id");
                (at >= time).then_some(id)
            })
            .expect("the last one is not older")
    }

    /// The ids on all pages from this one on.
    async fn list(&self, path: &str, accept: &str) -> Vec<i64> {
        let mut ids = Vec::new();
        let mut path = path.to_owned();
        loop {
            let request = http().get(format!("{}{path}", self.client.url));
            let answer = request.header("Accept", accept).send();
            let answer = within("an answer", answer).await.expect("an answer");
            assert_eq!(answer.status(), StatusCode::OK, "{path}");
            let headers = answer.headers().clone();
            assert_eq!(headers["content-type"], accept);
            assert!(headers.get_all("vary").iter().any(|it| it == "Accept"));
            let body = answer.text().await.expect("a body");
            ids.extend(read(accept, &body));
            let Some(link) = headers.get("link") else {
                return ids;
            };
            let link = link.to_str().expect("text");
            let (query, _) = link[1..].split_once('>').expect("a link");
            path = format!("/api/v1/events{query}");
        }
    }

    async fn frames(&self, query: &str, newest: i64) -> Vec<i64> {
        let mut stream = Stream::open(&self.client.url, query, None).await;
        let mut ids = Vec::new();
        while ids.last() != Some(&newest) {
            let frame = stream.next().await.expect("a frame");
            if frame.is_logged() {
                ids.extend(frame.id);
            }
        }
        ids
    }

    async fn lines(&self, query: &str, newest: i64) -> Vec<i64> {
        let mut lines = Lines::open(&http(), &self.client.url, query).await;
        let mut ids = Vec::new();
        while ids.last() != Some(&newest) {
            let line = lines.next().await;
            if !["cursor", "reset"].contains(&line["type"].as_str().expect("a type")) {
                ids.extend(line["id"].as_i64());
            }
        }
        ids
    }
}

const FORMS: [&str; 3] = [
    "application/json",
    "application/x-ndjson",
    "application/cloudevents-batch+json",
];

/// The ids of the events in a body.
fn read(form: &str, body: &str) -> Vec<i64> {
    let json = |text: &str| serde_json::from_str::<Value>(text).expect(text);
    let items = match form {
        "application/json" => json(body)["items"].as_array().expect("items").clone(),
        "application/x-ndjson" => body.lines().map(json).collect(),
        _ => json(body).as_array().expect("a batch").clone(),
    };
    let schema = match form {
        "application/cloudevents-batch+json" => "CloudEvent",
        _ => "Event",
    };
    for item in &items {
        contract::conforms(schema, item);
    }
    let id = |item: &Value| match item["logid"].as_str() {
        Some(id) => id.parse().ok(),
        None => item["id"].as_i64(),
    };
    items.iter().map(|it| id(it).expect("an id")).collect()
}

#[tokio::test]
async fn a_stream_of_lines_says_what_a_stream_of_events_says() {
    for http in [http(), http2()] {
        say_the_same(&http).await;
    }
}

async fn say_the_same(http: &reqwest::Client) {
    let server = Server::start_with(&["--keep-alive", "100ms"]).await;
    let ada = server.user("ada").await;
    ada.board("one").await;
    ada.until_settled(1).await;
    let mut lines = Lines::open(http, &server.url, "?last_event_id=0").await;
    let begin = json!({ "id": 0, "type": "cursor", "data": { "id": 0 } });
    assert_eq!(lines.next().await, begin);
    let board = json!({
        "id": 1,
        "type": "newBoard",
        "data": { "board_id": 1, "board_name": "one", "creator_username": "ada" },
    });
    assert_eq!(lines.next().await, board);
    assert_eq!(lines.line().await, "", "a keep-alive");
    ada.path(1).await;
    assert_eq!(lines.next().await["type"], "newPath");
    let mut ahead = Lines::open(http, &server.url, "?last_event_id=99").await;
    assert_eq!(ahead.next().await["id"], 2);
    let reset = ahead.next().await;
    assert_eq!(
        (&reset["type"], &reset["data"]["reason"]),
        (&json!("reset"), &json!("ahead"))
    );
}

#[tokio::test]
async fn an_event_of_another_standard_names_the_same_things() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    ada.board("one").await;
    ada.until_settled(1).await;
    let page = ada.get("/api/v1/events").await.expect(200);
    let event = &page.body["items"][0];
    let call = http().get(format!("{}/api/v1/events", server.url));
    let call = call.header("Accept", "application/cloudevents-batch+json");
    let batch: Value = call
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(
        batch,
        json!([{
            "specversion": "1.0",
            "id": event["uuid"],
            "source": "/api/v1/events",
            "type": "newBoard",
            "subject": "boards/1",
            "time": event["created_at"],
            "datacontenttype": "application/json",
            "logid": "1",
            "data": event["data"],
        }])
    );
}
