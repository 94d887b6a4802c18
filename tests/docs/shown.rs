//! Pages that are followed from top to bottom in an empty folder do what they show.

use tempfile::TempDir;

use super::{
    commands::not_run,
    markdown::{Piece, page},
    terminals::Terminals,
};
use crate::harness::{Database, Server, server::free_address};

/// Pages whose commands are typed one after the other.
pub const FOLLOWED: [&str; 5] = [
    "docs/CONSUMERS.md",
    "docs/FIRST-STREAM.md",
    "docs/INSTALL.md",
    "docs/TUNING.md",
    "docs/UPGRADING.md",
];

/// The section of the README that begins where a server runs.
pub const TRY_IT: &str = "Try it";

#[tokio::test]
async fn what_the_readme_shows_is_what_happens() {
    let address = free_address();
    let listen = address.to_string();
    let database = Database::sqlite();
    let _server = Server::start_on(&database, &["--listen", &listen]).await;
    let folder = TempDir::new().expect("a folder");
    let readme = page("README.md");
    let mut terminals = Terminals::new(folder.path(), address);
    let blocks = terminals.follow(readme.section(TRY_IT)).await;
    assert_eq!(blocks, 6, "the README has changed; look at this test");
}

/// Follows a page, which starts its servers itself.
async fn follow(path: &str) {
    let folder = TempDir::new().expect("a folder");
    let mut terminals = Terminals::new(folder.path(), free_address());
    terminals.follow(&typed(path)).await;
}

/// Follows a page for somebody who runs a server already, in this folder, in the terminal `server`.
async fn follow_beside_a_server(path: &str) {
    let folder = TempDir::new().expect("a folder");
    let mut terminals = Terminals::new(folder.path(), free_address());
    terminals.start_server().await;
    terminals.follow(&typed(path)).await;
}

/// The page without what is not run.
fn typed(path: &str) -> Vec<Piece> {
    assert!(FOLLOWED.contains(&path), "{path} is not listed");
    let pieces = page(path).pieces.into_iter();
    let is_run =
        |piece: &Piece| !matches!(piece, Piece::Block(it) if not_run(path, &it.text).is_some());
    pieces.filter(is_run).collect()
}

#[tokio::test]
async fn a_first_stream() {
    follow("docs/FIRST-STREAM.md").await;
}

#[tokio::test]
async fn consumers() {
    follow_beside_a_server("docs/CONSUMERS.md").await;
}

#[tokio::test]
async fn installing() {
    follow("docs/INSTALL.md").await;
}

#[tokio::test]
async fn tuning() {
    follow_beside_a_server("docs/TUNING.md").await;
}

#[tokio::test]
async fn upgrading() {
    follow_beside_a_server("docs/UPGRADING.md").await;
}
