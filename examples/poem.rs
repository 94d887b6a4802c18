//! Orders that announce themselves, with poem:
//! `cargo run --example poem 'sqlite://orders.db?mode=rwc' 127.0.0.1:3000`, then
//! `curl -N localhost:3000/events` and `curl --json '{"item":"tea"}' localhost:3000/orders`

use std::{env, error::Error, io, sync::Arc};

use dotcast_log::{
    Filter, Hub, NewEvent, Pace, Poller, PoolStore, Store as _, Vital, append, cursor, schema,
    stream,
};
use futures_util::StreamExt as _;
use poem::{
    Body, EndpointExt as _, Request, Response, Route, Server, get, handler,
    http::StatusCode,
    listener::TcpListener,
    post,
    web::{Data, Json},
};
use sea_orm::{ConnectionTrait as _, Database, DbErr, Statement};
use serde_json::{Value, json};

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
    let app = Route::new()
        .at("/orders", post(order))
        .at("/events", get(events))
        .data(store)
        .data(hub);
    Ok(Server::new(TcpListener::bind(address)).run(app).await?)
}

/// Saves an order together with its event: if either fails, both are rolled back.
#[handler]
async fn order(store: Data<&Arc<PoolStore>>, order: Json<Value>) -> Result<StatusCode, StatusCode> {
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
#[handler]
async fn events(hub: Data<&Hub>, request: &Request) -> Response {
    let last = request.header("last-event-id");
    let cursor = last.and_then(|it| cursor::parse(it).ok());
    let bytes = stream::bytes(hub.0.clone(), cursor, Filter::default()).await;
    Response::builder()
        .content_type("text/event-stream")
        .header("cache-control", "no-cache")
        .body(Body::from_bytes_stream(bytes.map(Ok::<_, io::Error>)))
}
