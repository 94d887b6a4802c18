//! REST calls. Each answer is checked against the OpenAPI document, so every test also tests whether the document is
//! true.

use std::{collections::BTreeSet, net::IpAddr};

use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::{Value, json};

use super::{Stream, contract, within};

/// A REST client, perhaps logged in.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    pub url: String,
    pub token: Option<String>,
}

/// An answer, read completely.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

/// A request under construction.
pub struct Call {
    method: Method,
    path: String,
    request: reqwest::RequestBuilder,
}

impl Client {
    pub fn new(url: &str) -> Self {
        Self {
            http: http(),
            url: url.to_owned(),
            token: None,
        }
    }

    /// The HTTP client that it sends requests with.
    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// The same client, over HTTP/2.
    pub fn over_http_2(&self) -> Self {
        let http = reqwest::Client::builder().http2_prior_knowledge().build();
        Self {
            http: http.expect("an HTTP client"),
            ..self.clone()
        }
    }

    /// The same client, over this transport.
    pub fn over(&self, http: &reqwest::Client) -> Self {
        Self {
            http: http.clone(),
            ..self.clone()
        }
    }

    /// A stream past this cursor, with the client's token and its version of HTTP.
    pub async fn stream(&self, cursor: i64) -> Stream {
        let request = self.http.get(format!("{}/sse/notifications/", self.url));
        let mut request = request.header("Last-Event-ID", cursor);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = within("a stream", request.send()).await.expect("a stream");
        Stream::of(response)
    }

    /// A request with the client's token, if it has one.
    pub fn call(&self, method: Method, path: &str) -> Call {
        let mut request = self
            .http
            .request(method.clone(), format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        Call {
            method,
            path: path.to_owned(),
            request,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path).send().await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path).json(body).send().await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::PUT, path).json(body).send().await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path).send().await
    }

    /// Registers a user and logs in.
    pub async fn register_and_log_in(&mut self, name: &str) {
        let credentials = json!({ "username": name, "password": "correct horse" });
        self.post("/api/v1/users", &credentials).await.expect(201);
        self.log_in(name).await;
    }

    /// Logs in as a registered user.
    pub async fn log_in(&mut self, name: &str) {
        let credentials = json!({ "username": name, "password": "correct horse" });
        let session = self
            .post("/api/v1/sessions", &credentials)
            .await
            .expect(201);
        self.token = session.body["token"].as_str().map(str::to_owned);
    }

    /// Creates a board and returns its id.
    pub async fn board(&self, name: &str) -> i64 {
        let answer = self.post("/api/v1/boards", &board(name)).await.expect(201);
        answer.body["id"].as_i64().expect("an id")
    }

    /// Waits until streams and history have reached this event.
    pub async fn until_settled(&self, id: i64) {
        super::eventually("the event", || async {
            let answer = self
                .get(&format!("/api/v1/events?limit=1&after={}", id - 1))
                .await;
            (answer.body["items"][0]["id"] == id).then_some(())
        })
        .await;
    }

    /// Saves a path on a board and returns its id.
    pub async fn path(&self, board: i64) -> i64 {
        let answer = self
            .post(&format!("/api/v1/boards/{board}/paths"), &path())
            .await
            .expect(201);
        answer.body["id"].as_i64().expect("an id")
    }

    /// A POST that may fail because the server is gone.
    pub async fn try_post(&self, path: &str, body: &Value) -> Result<Answer, reqwest::Error> {
        self.call(Method::POST, path).json(body).try_send().await
    }

    /// A GET that may fail because the server is gone.
    pub async fn try_get(&self, path: &str) -> Result<Answer, reqwest::Error> {
        self.call(Method::GET, path).try_send().await
    }

    /// The ids of all boards, in order.
    pub async fn boards(&self) -> BTreeSet<i64> {
        let boards = self.all_boards().await;
        let id = |board: &Value| board["id"].as_i64().expect("an id");
        boards.iter().map(id).collect()
    }

    /// All boards, newest first.
    pub async fn all_boards(&self) -> Vec<Value> {
        let mut boards = Vec::new();
        let mut page = String::from("/api/v1/boards?limit=200");
        loop {
            let answer = self.get(&page).await.expect(200);
            boards.extend(answer.body["items"].as_array().expect("items").clone());
            let Some(before) = answer.body["next_before"].as_i64() else {
                return boards;
            };
            page = format!("/api/v1/boards?limit=200&before={before}");
        }
    }

    /// The whole log, as the server shows it.
    pub async fn events(&self) -> Vec<Value> {
        let mut events = Vec::new();
        loop {
            let after = events
                .last()
                .map_or(0, |event: &Value| event["id"].as_i64().expect("an id"));
            let answer = self
                .get(&format!("/api/v1/events?limit=200&after={after}"))
                .await
                .expect(200);
            let items = answer.body["items"].as_array().expect("items").clone();
            if items.is_empty() {
                return events;
            }
            events.extend(items);
        }
    }
}

impl Call {
    pub fn json(mut self, body: &Value) -> Self {
        self.request = self.request.json(body);
        self
    }

    pub fn body(mut self, body: impl Into<reqwest::Body>) -> Self {
        self.request = self.request.body(body);
        self
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub async fn send(self) -> Answer {
        self.try_send().await.expect("an answer")
    }

    pub async fn try_send(self) -> Result<Answer, reqwest::Error> {
        let answer = within("an answer", self.request.send()).await?;
        let status = answer.status();
        let headers = answer.headers().clone();
        let bytes = within("a body", answer.bytes()).await?;
        let is_json = headers
            .get("content-type")
            .is_some_and(|it| it.to_str().is_ok_and(|it| it.ends_with("json")));
        // The answer to a HEAD has the content type of a body that it lacks.
        let body = if is_json && self.method != Method::HEAD {
            serde_json::from_slice(&bytes).expect("JSON")
        } else {
            Value::String(String::from_utf8_lossy(&bytes).into_owned())
        };
        let answer = Answer {
            status,
            headers,
            body,
        };
        contract::check(&self.method, &self.path, &answer);
        Ok(answer)
    }
}

impl Answer {
    /// Asserts the status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        self
    }

    /// Asserts a problem: its status in the head and in the body, and its code.
    #[track_caller]
    pub fn expect_problem(self, status: u16, code: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.body["status"], status, "{answer:?}");
        assert_eq!(answer.body["code"], code, "{answer:?}");
        answer
    }

    /// The fields that a problem names.
    #[track_caller]
    pub fn fields(&self) -> Vec<&str> {
        let errors = self.body["errors"].as_array();
        let errors = errors.unwrap_or_else(|| panic!("errors in {self:?}"));
        errors
            .iter()
            .map(|error| error["field"].as_str().expect("a field"))
            .collect()
    }

    /// A header that must exist.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .unwrap_or_else(|| panic!("{name} in {self:?}"))
            .to_str()
            .expect("text")
    }
}

/// An HTTP client. The program's TLS, which is built in here, too, needs a provider. The system's certificates are
/// not read, because that would take long for thousands of clients.
pub fn http() -> reqwest::Client {
    builder().build().expect("an HTTP client")
}

/// A client that speaks HTTP/2 from the start, without TLS.
pub fn http2() -> reqwest::Client {
    builder()
        .http2_prior_knowledge()
        .build()
        .expect("an HTTP client")
}

/// A client at this address of the machine.
pub fn http_from(address: impl Into<IpAddr>) -> reqwest::Client {
    builder()
        .local_address(address.into())
        .build()
        .expect("an HTTP client")
}

/// A client that trusts servers that this authority has signed.
pub fn http_trusting(authority: reqwest::Certificate) -> reqwest::Client {
    let http = builder().tls_certs_only([authority]).build();
    http.expect("an HTTP client")
}

/// What all of them begin with.
pub fn builder() -> reqwest::ClientBuilder {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().tls_certs_only([]).no_proxy()
}

/// A valid board.
pub fn board(name: &str) -> Value {
    json!({
        "name": name,
        "rows": 3,
        "cols": 3,
        "dots": [
            { "row": 0, "col": 0, "color": "#ff0000" },
            { "row": 0, "col": 2, "color": "#ff0000" },
            { "row": 2, "col": 0, "color": "#ffaa00" },
            { "row": 2, "col": 1, "color": "#ffaa00" },
        ],
    })
}

/// A valid path on [`board`], which does not solve it.
pub fn path() -> Value {
    json!({ "cells": [
        { "row": 0, "col": 0 },
        { "row": 0, "col": 1 },
        { "row": 0, "col": 2 },
    ] })
}
