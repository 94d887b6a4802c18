//! A proxy that reads its configuration again.

use super::Deployment;
use crate::harness::{
    Database, EventSource,
    client::http,
    eventually,
    proxy::{Kind, replaced},
};

behind_each_proxy!(a_reload_loses_nothing_and_comes_to_an_end);

async fn a_reload_loses_nothing_and_comes_to_an_end(kind: Kind) {
    let options = ["--retry", "20ms", "--poll-interval", "20ms"];
    let deployment = Deployment::start_with(kind, &Database::sqlite(), &options, |text, _| {
        replaced(&text, &[("10s", "1s")])
    })
    .await;
    let ada = deployment.user("ada").await;
    let http = http();
    let clients: Vec<_> = (0..4)
        .map(|_| EventSource::open(&http, &deployment.proxy.url))
        .collect();
    for client in &clients {
        client.until_open().await;
    }
    ada.board("before").await;
    deployment.proxy.reload().await;
    // The processes with the old configuration end although its streams would go on. Caddy has one process for all, and
    // lets them go on.
    let cut = if kind == Kind::Caddy {
        &[][..]
    } else {
        &clients
    };
    for client in cut {
        eventually("a new stream", || async {
            let story = client.story();
            (story.is_open && !story.cuts.is_empty()).then_some(())
        })
        .await;
    }
    let newest = ada.board("after").await;
    for client in &clients {
        eventually("the events", || async {
            (client.story().seen.last() == Some(&newest)).then_some(())
        })
        .await;
        let story = client.story();
        assert_eq!((&story.seen, &story.gave_up), (&vec![1, newest], &None));
    }
}
