//! Pictures of boards.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::harness::{
    Server,
    client::{board, http},
};

/// Each form: its suffix, its content type, and its first bytes.
const FORMS: [(&str, &str, &[u8]); 2] = [
    ("svg", "image/svg+xml", b"<svg "),
    ("png", "image/png", b"\x89PNG\r\n\x1a\n"),
];

#[tokio::test]
async fn a_board_has_a_picture_that_changes_with_it() {
    let server = Server::start().await;
    let ada = server.user("ada").await;
    let id = ada.board("<script>").await;
    for (ending, content_type, start) in FORMS {
        let path = format!("/api/v1/boards/{id}/picture.{ending}");
        let get = async |tag: &str| {
            let call = http().get(format!("{}{path}", server.url));
            let call = call.header("If-None-Match", tag);
            call.send().await.expect("an answer")
        };
        let picture = get("\"0\"").await;
        assert_eq!(picture.status(), StatusCode::OK);
        let header = |name: &str| picture.headers()[name].to_str().expect("text").to_owned();
        assert_eq!(header("content-type"), content_type);
        assert_eq!(header("cache-control"), "no-cache");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert!(header("content-security-policy").contains("default-src 'none'"));
        let tag = header("etag");
        let before = picture.bytes().await.expect("a picture");
        assert!(before.starts_with(start));
        assert!(!String::from_utf8_lossy(&before).contains("script"));
        assert_eq!(get(&tag).await.status(), StatusCode::NOT_MODIFIED);

        let mut changed = board("<script>");
        changed["rows"] = json!(if ending == "svg" { 9 } else { 10 });
        ada.put(&format!("/api/v1/boards/{id}"), &changed)
            .await
            .expect(200);
        let picture = get(&tag).await;
        assert_eq!(picture.status(), StatusCode::OK);
        assert_ne!(picture.bytes().await.expect("a picture"), before);
    }
}

#[tokio::test]
async fn what_is_no_board_has_no_picture() {
    let server = Server::start().await;
    let nobody = server.client();
    for (ending, ..) in FORMS {
        let get = async |id: &str| {
            let path = format!("/api/v1/boards/{id}/picture.{ending}");
            nobody.call(Method::GET, &path).send().await
        };
        get("7").await.expect_problem(404, "board_not_found");
        get("x").await.expect_problem(400, "invalid_parameter");
    }
}
