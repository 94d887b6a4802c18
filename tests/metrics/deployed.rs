//! The alerts and the dashboard of `deploy/`: what they ask for exists.

use std::{collections::BTreeSet, fs};

use regex::Regex;
use serde_json::Value;
use tokio::process::Command;

use super::page::documented;
use crate::harness::{Server, run};

/// The metrics of ours that a text names.
fn named(text: &str) -> BTreeSet<String> {
    let name = Regex::new(r"\b(?:dotcast|process)_[a-z_]+\b").expect("a pattern");
    let names = name.find_iter(text).map(|it| it.as_str());
    let of_histogram = |name: &str| {
        let name = name.strip_suffix("_bucket").unwrap_or(name);
        name.to_owned()
    };
    names.map(of_histogram).collect()
}

#[test]
fn alerts_and_dashboard_ask_for_documented_metrics() {
    let documented: BTreeSet<_> = documented().into_keys().collect();
    for (file, least) in [
        ("deploy/prometheus/alerts.yml", 7),
        ("deploy/grafana/dotcast.json", 20),
    ] {
        let text = fs::read_to_string(file).expect(file);
        let named = named(&text);
        assert!(named.len() >= least, "{file} names {named:?}");
        let unknown: Vec<_> = named.difference(&documented).collect();
        assert!(unknown.is_empty(), "{file} asks for {unknown:?}");
    }
}

/// Runs Prometheus's own checks, with this input. Needs promtool, of the Debian package prometheus.
async fn promtool(arguments: &[&str], input: &str) {
    let ended = run(Command::new("promtool").args(arguments), input).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

#[tokio::test]
async fn prometheus_takes_the_alerts() {
    promtool(&["check", "rules", "deploy/prometheus/alerts.yml"], "").await;
}

#[tokio::test]
async fn prometheus_has_nothing_against_the_metrics() {
    let server = Server::start().await;
    let mut stream = server.stream(None).await;
    server.user("ada").await.board("first").await;
    stream.ids(1).await;
    let page = server.client().get("/metrics").await.expect(200);
    promtool(&["check", "metrics"], page.body.as_str().expect("a text")).await;
}

/// The parts of Grafana's schema that every dashboard needs, without which it is not loaded or shows nothing.
#[test]
fn the_dashboard_is_whole() {
    let text = fs::read_to_string("deploy/grafana/dotcast.json").expect("the dashboard");
    let dashboard: Value = serde_json::from_str(&text).expect("JSON");
    assert!(dashboard["schemaVersion"].as_i64() >= Some(36));
    let panels = dashboard["panels"].as_array().expect("panels");
    let mut places = BTreeSet::new();
    for panel in panels {
        let place = &panel["gridPos"];
        let (x, y, width) = (&place["x"], &place["y"], &place["w"]);
        assert!(x.as_u64() < Some(24) && width.as_u64() <= Some(24));
        assert!(places.insert((x.to_string(), y.to_string())), "{panel}");
        let targets = panel["targets"].as_array().expect("targets");
        assert!(!targets.is_empty(), "{panel}");
        for target in targets {
            assert!(target["expr"].as_str().is_some_and(|it| !it.is_empty()));
        }
    }
    assert!(panels.len() > 10);
}
