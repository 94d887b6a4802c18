//! Orders that announce themselves, with axum:
//! `cargo run --example axum 'sqlite://orders.db?mode=rwc' 127.0.0.1:3000`, then
//! `curl -N localhost:3000/events` and `curl --json '{"item":"tea"}' localhost:3000/orders`

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
    Filter, Hub, NewEvent, Pace, Poller, PoolStore, Store as _, Vital, append, cursor, schema,
    stream,
};
use futures_util::StreamExt as _;
use sea_orm::{ConnectionTrait as _, Database, DbErr, Statement};
use serde_json::{Value, json};

type App = State<(Arc<PoolStore>, Hub)>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let [url, address] = [1, 2].map(|at| env::args().nth(at).unwrap_or_default());
    let db = Database::connect(url).await?;
    if !schema::exists(&db).await? {
        schema::create(&db).await?;
        db.execute_unprepared("CREATE TABLE orders (item TEXT NOT NULL UNIQUE)")
            .await?;
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
    Ok(axum::serve(listener, app).await?)
}

/// Saves an order together with its event: if either fails, both are rolled back.
async fn order(State((store, _)): App, Json(order): Json<Value>) -> Result<StatusCode, StatusCode> {
    let failed = |_: DbErr| StatusCode::CONFLICT;
    let item = order["item"].as_str().ok_or(StatusCode::BAD_REQUEST)?;
    let transaction = store.begin().await.map_err(failed)?;
    let db = transaction.connection();
    let event = NewEvent::new("ordered", 1, &json!({ "item": item })).map_err(failed)?;
    append(&db, event).await.map_err(failed)?;
    let insert = "INSERT INTO orders (item) VALUES ($1)";
    let insert = Statement::from_sql_and_values(db.get_database_backend(), insert, [item.into()]);
    db.execute_raw(insert).await.map_err(failed)?;
    drop(db);
    transaction.commit().await.map_err(failed)?;
    Ok(StatusCode::CREATED)
}

/// All events past `Last-Event-ID`, then each as it happens.
async fn events(State((_, hub)): App, headers: HeaderMap) -> impl IntoResponse {
    let last = headers.get("last-event-id").and_then(|it| it.to_str().ok());
    let cursor = last.and_then(|it| cursor::parse(it).ok());
    let bytes = stream::bytes(hub, cursor, Filter::default()).await;
    let head = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (head, Body::from_stream(bytes.map(Ok::<_, Infallible>)))
}
