//! Prints each event of a board once: `cargo run -p dotcast-client --example follow -- http://127.0.0.1:8000 7`

#![allow(clippy::print_stdout, reason = "it is what the program does")]

use dotcast_client::{Client, Item};
use futures_util::TryStreamExt as _;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let [server, board] = std::env::args()
        .skip(1)
        .collect::<Vec<_>>()
        .try_into()
        .map_err(|_| "usage: follow SERVER BOARD")?;
    let client = Client::builder(server.parse()?)
        .boards([board.parse()?])
        // After this event; 0 for all that are kept.
        .after(0)
        .build()?;
    let mut events = client.follow();
    while let Some(item) = events.try_next().await? {
        match item {
            Item::Event(event) => println!("{} {} {}", event.id, event.kind, event.payload),
            // Everything up to here has been printed: keep it to go on from it after a restart.
            Item::Position(_) => {}
            Item::Reset(reset) => eprintln!("events are missing: {}", reset.reason),
        }
    }
    Ok(())
}
