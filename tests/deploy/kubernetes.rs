//! The manifests for Kubernetes are what its own schemas say, and ask the server what it answers.

use std::fs;

use tokio::process::Command;

use crate::harness::{Server, run};

const MANIFESTS: [&str; 2] = [
    "deploy/kubernetes/dotcast.yaml",
    "deploy/kubernetes/sqlite.yaml",
];

#[tokio::test]
async fn manifests_are_valid() {
    // The oldest that they are for, and the newest that is known.
    for version in ["1.30", "1.37"] {
        let mut validate = Command::new("target/tools/bin/kubernetes-validate");
        let options = ["--strict", "--kubernetes-version", version];
        let run = run(validate.args(options).args(MANIFESTS), "").await;
        assert_eq!(run.code, Some(0), "{run:?}");
        assert_eq!(run.stdout.matches(" passed ").count(), 5, "{run:?}");
    }
}

#[tokio::test]
async fn manifests_probe_what_the_server_answers() {
    let server = Server::start().await;
    for manifest in MANIFESTS {
        let text = fs::read_to_string(manifest).expect("a manifest");
        let paths: Vec<_> = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("path: "))
            .collect();
        assert_eq!(paths.len(), 3, "{manifest}");
        for path in paths {
            server.client().get(path).await.expect(200);
        }
    }
}
