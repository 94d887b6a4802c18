//! schemathesis: valid and invalid requests by the thousand, and sequences of them, the stream included. The document
//! must have each answer, and none may be the server's fault.

use super::{run, tool};
use crate::harness::{Server, contract::DOCUMENT};

/// How many examples of each operation to draw, from which seed, and at least how many requests to make.
struct Effort {
    examples: &'static str,
    seed: Option<&'static str>,
    requests: u32,
}

impl Effort {
    /// The same requests each time; for `make fuzz-api` more, and others.
    fn wanted() -> Self {
        if std::env::var_os("DOTCAST_TEST_FUZZ").is_some() {
            Self {
                examples: "200",
                seed: None,
                requests: 2_000,
            }
        } else {
            Self {
                examples: "40",
                seed: Some("1"),
                requests: 1_000,
            }
        }
    }
}

#[tokio::test]
async fn no_request_gets_an_answer_that_the_document_lacks() {
    let server = Server::start().await;
    let administrator = ["user", "add", "administrator", "--admin"];
    server.run_with(&administrator, "correct horse\n").await;
    let effort = Effort::wanted();
    let mut probe = tool("schemathesis/run");
    probe.args([&server.url, "openapi.json", effort.examples]);
    if let Some(seed) = effort.seed {
        probe.args(["--seed", seed]);
    }
    let said = run(probe).await;
    let said = said.unwrap_or_else(|said| {
        panic!("if something is missing, run .ci/clients:\n{said}");
    });
    eprintln!("{said}");

    let paths = DOCUMENT["paths"].as_object().expect("paths");
    let operations: usize = paths.values().map(|it| it.as_object().unwrap().len()).sum();
    assert!(said.contains(&format!("Tested: {operations}\n")), "{said}");
    let made = said.split(" generated, ").next().expect("a first part");
    let made = made.split_whitespace().next_back().expect("a number");
    let made: u32 = made.replace(',', "").parse().expect("a number");
    assert!(made >= effort.requests, "{said}");
    let log = server.log();
    assert!(!log.contains("ERROR"), "{log}");
}
