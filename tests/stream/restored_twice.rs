//! One backup, restored repeatedly: its ids are never given out again.

use tempfile::TempDir;

use crate::harness::{Contents, Cursors, Database, Server};

/// At the second restore, nobody knows what followed the first.
#[tokio::test]
async fn a_backup_that_is_restored_twice_gives_out_no_id_twice() {
    let database = Database::new().await;
    let directory = TempDir::new().expect("a directory");
    let copy = directory.path().join("copy");
    let mut server = Server::start_on(&database, &[]).await;
    let mut user = server.user("ada").await;
    user.board("kept").await;
    database.back_up(&copy).await;
    let mut given_out = vec![1];
    let mut cursors = Cursors {
        kept: vec![0, 1],
        lost: Vec::new(),
    };
    for _ in 0..3 {
        for _ in 0..3 {
            user.board("lost").await;
        }
        let ids = Contents::of(&user).await.ids();
        let again = ids[1..].iter().find(|id| given_out.contains(id));
        assert_eq!(again, None, "{ids:?} after {given_out:?}");
        given_out.extend(&ids[1..]);
        server.kill().await;
        database.make_anew().await;
        database.restore(&copy, &[]).await;
        cursors.lose(1, *ids.last().expect("an event"));
        server = server.restart().await;
        user.url.clone_from(&server.url);
        cursors.check(&server).await;
    }
}
