//! What is printed, and who reads it: a server goes on when nobody does, a command says that it could not print.

use std::{fs::OpenOptions, process::Stdio};

use rustix::process::Signal;

use crate::harness::{
    Client, Database, Stream, program, run,
    server::{announced_url, send, serve},
    within,
};

#[tokio::test]
async fn a_command_that_cannot_print_fails_and_says_so() {
    let database = Database::new().await;
    for arguments in [
        &["migrate", "up"][..],
        &["migrate", "status"],
        &["openapi"],
        &["openapi", "--format", "yaml"],
        &["openapi", "--version", "3.2"],
        &["--version"],
        &["serve", "--help"],
    ] {
        let command = || {
            let mut command = program();
            command.args(arguments).env("DATABASE_URL", database.url());
            command
        };
        let full = OpenOptions::new().write(true).open("/dev/full");
        let mut into_full = command();
        into_full
            .stdout(full.expect("a device without room"))
            .stderr(Stdio::piped());
        let child = into_full.spawn().expect("the program starts");
        let ended = within("the command's end", child.wait_with_output()).await;
        let ended = ended.expect("wait");
        let told = String::from_utf8(ended.stderr).expect("text");
        assert_eq!(ended.status.code(), Some(1), "{arguments:?}: {told}");
        assert_eq!(told.lines().count(), 1, "{arguments:?}: {told}");
        assert!(told.starts_with("error: cannot write: "), "{told}");

        // A reader that goes away has read enough.
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut into_closed = command();
        into_closed.stdout(writer).stderr(Stdio::piped());
        let child = into_closed.spawn().expect("the program starts");
        drop(into_closed);
        let ended = within("the command's end", child.wait_with_output()).await;
        let ended = ended.expect("wait");
        assert_eq!(ended.status.code(), Some(0), "{arguments:?}: {ended:?}");
        assert_eq!(ended.stderr, b"", "{arguments:?}: {ended:?}");
        assert_ne!(run(&mut command(), "").await.printed(), "");
    }
}

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
