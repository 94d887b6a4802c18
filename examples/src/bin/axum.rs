//! Orders that announce themselves, with axum: `cargo run --bin axum -- 'sqlite://orders.db?mode=rwc'`, then
//! `curl -N localhost:3000/events` and `curl --json '{"item":"tea"}' localhost:3000/orders`.

use std::{convert::Infallible, env, error::Error, sync::Arc};

use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
    routing::{get, post},
};
use dotcast_log::{
    append::{NewEvent, append},
    cursor,
    feed::{Admission, Settings},
    filter::Filter,
    hub::Hub,
    poller::{Pace, Poller},
    schema,
    store::{PoolStore, Store as _},
    stream,
    vital::Vital,
};
use futures_util::StreamExt as _;
use sea_orm::{ConnectionTrait as _, Database, DbErr, Statement};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = env::args().nth(1).ok_or("which database?")?;
    let address = env::args().nth(2).unwrap_or_else(|| "127.0.0.1:3000".to_owned());
    let db = Database::connect(url).await?;
    db.execute_unprepared("CREATE TABLE IF NOT EXISTS orders (item TEXT NOT NULL)").await?;
    // A program with migrations calls it from one of them.
    if db.query_one_raw(Statement::from_string(db.get_database_backend(), "SELECT 1 FROM events")).await.is_err() {
        schema::create(&db).await?;
    }
    let store = Arc::new(PoolStore::new(db));
    let vital = Vital::default();
    let (hub, poller) = Poller::open(store.clone(), &vital).await?;
    poller.start(Pace::default(), &vital)?;
    let app = Router::new()
        .route("/orders", post(order))
        .route("/events", get(events))
        .with_state((store, hub));
    let listener = tokio::net::TcpListener::bind(address).await?;
    axum::serve(listener, app).await?;
    Ok(())
}

type App = State<(Arc<PoolStore>, Hub)>;

/// The order and its event: both or neither.
async fn order(State((store, _)): App, Json(order): Json<Value>) -> Result<StatusCode, StatusCode> {
    let failed = |_: DbErr| StatusCode::SERVICE_UNAVAILABLE;
    let transaction = store.begin().await.map_err(failed)?;
    let connection = transaction.connection();
    let event = NewEvent::new("ordered", 1, &json!({ "item": order["item"] })).map_err(failed)?;
    append(&connection, event).await.map_err(failed)?;
    let item = order["item"].as_str().ok_or(StatusCode::BAD_REQUEST)?; // dropped, so rolled back
    let insert = Statement::from_sql_and_values(connection.get_database_backend(), "INSERT INTO orders VALUES ($1)", [item.into()]);
    connection.execute_raw(insert).await.map_err(failed)?;
    drop(connection);
    transaction.commit().await.map_err(failed)?;
    Ok(StatusCode::CREATED)
}

/// All events past `Last-Event-ID`, and from then on each as it happens.
async fn events(State((_, hub)): App, headers: HeaderMap) -> impl IntoResponse {
    let cursor = headers.get("last-event-id").and_then(|it| cursor::parse(it.to_str().ok()?).ok());
    let feed = stream::open(&hub, Settings::default(), cursor, Filter::default(), Admission::default()).await;
    let body = Body::from_stream(stream::body(hub, feed).map(Ok::<_, Infallible>));
    ([(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-cache")], body)
}
