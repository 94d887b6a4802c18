//! A client that progenitor generates.

mod generated {
    #![allow(dead_code, reason = "nobody calls all of it")]
    include!(concat!(env!("OUT_DIR"), "/client.rs"));
}

use std::error::Error;

use futures_util::StreamExt as _;
use generated::{
    Client,
    types::{Event, NewBoard, NewSession, NewUser, Problem, ProblemCode},
};
use progenitor_client::Error as ClientError;
use reqwest::header::{AUTHORIZATION, HeaderMap};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::args().nth(1).ok_or("no URL")?;
    let guest = Client::new(&url);
    let (username, password) = ("rusty", "correct horse");
    let user = NewUser {
        username: username.parse()?,
        password: password.parse()?,
    };
    guest.register(&user).await?;
    let session = NewSession {
        username: username.parse()?,
        password: password.parse()?,
    };
    let session = guest.log_in(&session).await?;
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, format!("Bearer {}", session.token).parse()?);
    let http = reqwest::Client::builder()
        .default_headers(headers)
        .build()?;
    let client = Client::new_with_client(&url, http);

    let board = NewBoard {
        name: "by progenitor".parse()?,
        rows: 3,
        cols: 3,
        dots: Vec::new(),
    };
    let created = client.create_board(None, &board).await?;
    let tag = "\"77\"".parse()?;
    let stale = client.replace_board(created.id, Some(&tag), &board).await;
    let Err(ClientError::ErrorResponse(stale)) = stale else {
        return Err("it was replaced".into());
    };
    assert_eq!(stale.status(), 412);
    let mut body = Vec::new();
    let mut chunks = stale.into_inner();
    while let Some(chunk) = chunks.next().await {
        body.extend(chunk?);
    }
    let problem: Problem = serde_json::from_slice(&body)?;
    assert_eq!(problem.code, ProblemCode::StaleVersion);

    let page = guest
        .list_events(Some(0), None, None, None, None, None, None)
        .await?;
    let [Event::OtherEvent(foreign), Event::NewBoardEvent(made)] = &page.items[..] else {
        return Err(format!("{page:?}").into());
    };
    assert_eq!(**foreign.type_, *"boardStarred");
    assert_eq!(made.data.creator_username, username);

    let mut stream = guest
        .follow_events(None, None, None, None, Some(0))
        .await?
        .into_inner();
    let mut text = Vec::new();
    while !String::from_utf8_lossy(&text).contains("event: newBoard\n") {
        text.extend(stream.next().await.ok_or("the stream ended")??);
    }
    println!("done");
    Ok(())
}
