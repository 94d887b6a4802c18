//! `/api/v1/admin/streams`: the streams that a server has open, for administrators.

use serde_json::{Value, json};

use crate::harness::{Client, Server, eventually, sse::Stream};

const STREAMS: &str = "/api/v1/admin/streams";

async fn list(root: &Client, query: &str) -> Value {
    root.get(&format!("{STREAMS}{query}"))
        .await
        .expect(200)
        .body
}

fn ids(page: &Value) -> Vec<i64> {
    let items = page["items"].as_array().expect("items").iter();
    items.map(|it| it["id"].as_i64().expect("an id")).collect()
}

#[tokio::test]
async fn open_streams_are_listed_a_page_at_a_time_until_they_end() {
    let server = Server::start().await;
    let root = server.admin("root").await;
    assert_eq!(
        list(&root, "").await,
        json!({ "items": [], "next_before": null })
    );
    for name in ["one", "two"] {
        root.board(name).await;
    }
    root.until_settled(2).await;
    let mut all = server.stream(Some(0)).await;
    all.opening().await;
    all.ids(2).await;
    let query = "?types=newPath,boardSolved&board_id=2,1";
    let mut some = Stream::open(&server.url, query, Some(2)).await;
    some.opening().await;

    let page = list(&root, "").await;
    assert_eq!(ids(&page), [2, 1]);
    let mut items = page["items"].as_array().expect("items").clone();
    for item in &mut items {
        let item = item.as_object_mut().expect("a stream");
        assert!(item.remove("opened_at").is_some());
        let bytes = item.remove("bytes").expect("bytes").as_i64();
        assert_eq!(bytes > Some(0), item["events"] != json!(0));
    }
    assert_eq!(
        items,
        [
            json!({
                "id": 2, "client": "127.0.0.1", "username": null, "transport": "http1",
                "types": ["boardSolved", "newPath"], "board_ids": [1, 2], "events": 0, "cursor": 2, "lag": 0,
            }),
            json!({
                "id": 1, "client": "127.0.0.1", "username": null, "transport": "http1",
                "types": null, "board_ids": null, "events": 2, "cursor": 2, "lag": 0,
            }),
        ]
    );

    let first = root.get(&format!("{STREAMS}?limit=1")).await.expect(200);
    assert_eq!(first.header("link"), "<?limit=1&before=2>; rel=\"next\"");
    assert_eq!(
        (ids(&first.body), &first.body["next_before"]),
        (vec![2], &json!(2))
    );
    let last = list(&root, "?limit=1&before=2").await;
    assert_eq!((ids(&last), &last["next_before"]), (vec![1], &Value::Null));
    root.get(&format!("{STREAMS}?limit=201&before=x"))
        .await
        .expect_problem(400, "invalid_parameter");

    drop(all);
    let is_gone = async || (ids(&list(&root, "").await) == [2]).then_some(());
    eventually("the end of the stream", is_gone).await;
}

#[tokio::test]
async fn a_stream_that_needs_a_session_is_listed_with_its_user() {
    let server = Server::start_with(&["--stream-access", "users"]).await;
    let root = server.admin("root").await;
    let ada = server.user("ada").await;
    let mut streams = Vec::new();
    for client in [&ada, &root, &ada.over_http_2()] {
        let mut stream = client.stream(0).await;
        stream.opening().await;
        streams.push(stream);
    }
    let page = list(&root, "").await;
    let items = page["items"].as_array().expect("items").iter();
    let who: Vec<_> = items
        .map(|it| (&it["username"], &it["transport"]))
        .collect();
    let (ada, root) = (&json!("ada"), &json!("root"));
    let (http1, http2) = (&json!("http1"), &json!("http2"));
    assert_eq!(who, [(ada, http2), (root, http1), (ada, http1)]);
}
