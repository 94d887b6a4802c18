//! The reader of the server's output may go away; the server goes on.

use rustix::process::Signal;

use crate::harness::{
    Client, Database, Stream,
    server::{announced_url, send, serve},
    within,
};

#[tokio::test]
async fn a_server_goes_on_when_nobody_reads_its_log_any_more() {
    let database = Database::new().await;
    let mut child = serve(&database, &[]);
    let url = announced_url(&mut child).await;
    drop(child.stderr.take());

    let mut stream = Stream::open(&url, "", None).await;
    stream.opening().await;
    let mut ada = Client::new(&url);
    ada.register_and_log_in("ada").await;
    ada.board("heard of").await;
    assert_eq!(stream.ids(1).await, [1]);

    send(&child, Signal::TERM);
    let status = within("the server's end", child.wait()).await;
    assert!(status.expect("wait").success());
}
