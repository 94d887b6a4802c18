//! The page of metrics, read as Prometheus reads it.

use std::{collections::BTreeMap, fs};

use reqwest::{Method, header};

use crate::harness::{Client, Server, client, eventually, within};

/// The page in the older text format: the value of each series, by its name and labels as they are written.
#[derive(Clone, Debug)]
pub struct Page {
    /// The values.
    pub series: BTreeMap<String, f64>,
    /// The types, by the name of the metric.
    pub types: BTreeMap<String, String>,
}

/// How often this limit was hit, whatever certificate the server has.
pub async fn hits(server: &Server, limit: &str) -> u64 {
    let http = client::builder().tls_danger_accept_invalid_certs(true);
    let http = http.build().expect("an HTTP client");
    // A limit may have no room for this request yet.
    let text = eventually("metrics", || async {
        let answer = http.get(format!("{}/metrics", server.url)).send().await;
        let answer = answer.ok().filter(|it| it.status() == 200)?;
        answer.text().await.ok()
    });
    let page = Page::read(&text.await);
    let series = format!("dotcast_limits_hit_total{{limit=\"{limit}\"}}");
    let hits = page.value(&series);
    let hits = hits.unwrap_or_else(|| panic!("{series} is not there"));
    hits.to_string().parse().expect("a whole number")
}

impl Page {
    /// The page of this server.
    pub async fn of(client: &Client) -> Self {
        let request = client.http().get(format!("{}/metrics", client.url));
        let answer = within("metrics", request.send()).await.expect("an answer");
        assert_eq!(answer.status(), 200);
        let content_type = &answer.headers()[header::CONTENT_TYPE];
        assert_eq!(content_type, "text/plain; version=0.0.4; charset=utf-8");
        Self::read(&answer.text().await.expect("a text"))
    }

    fn read(text: &str) -> Self {
        let mut page = Self {
            series: BTreeMap::new(),
            types: BTreeMap::new(),
        };
        for line in text.lines() {
            if let Some(line) = line.strip_prefix("# TYPE ") {
                let (name, kind) = line.split_once(' ').expect("a type");
                let before = page.types.insert(name.to_owned(), kind.to_owned());
                assert_eq!(before, None, "{name} is there twice");
            } else if !line.starts_with('#') {
                let (series, value) = line.rsplit_once(' ').expect("a value");
                let value = value.parse().expect("a number");
                let before = page.series.insert(series.to_owned(), value);
                assert_eq!(before, None, "{series} is there twice");
            }
        }
        page
    }

    /// The value of a series, if it is there.
    pub fn value(&self, series: &str) -> Option<f64> {
        self.series.get(series).copied()
    }

    /// What the series of a metric add up to; `None` if it is not there.
    pub fn sum(&self, metric: &str) -> Option<f64> {
        let series = self.series.iter().filter(|(series, _)| {
            let name = series.split('{').next().unwrap_or_default();
            // How often something was measured stands for a histogram.
            name == metric || name.strip_suffix("_count") == Some(metric)
        });
        let values: Vec<_> = series.map(|(_, value)| value).collect();
        (!values.is_empty()).then(|| values.into_iter().sum())
    }
}

/// The metrics that `docs/METRICS.md` lists, with their types.
pub fn documented() -> BTreeMap<String, String> {
    let text = fs::read_to_string("docs/METRICS.md").expect("the documentation");
    let rows = text.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split('|').map(str::trim);
        let name = cells.next()?.trim_end_matches('`');
        Some((name.to_owned(), cells.next()?.to_owned()))
    });
    rows.collect()
}

#[tokio::test]
async fn readers_of_open_metrics_get_that() {
    let server = crate::harness::Server::start().await;
    let answer = server
        .client()
        .call(Method::GET, "/metrics")
        .header(
            "Accept",
            "application/openmetrics-text;version=1.0.0,text/plain;q=0.5",
        )
        .send()
        .await
        .expect(200);
    let content_type = answer.header("content-type");
    assert_eq!(
        content_type,
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    let text = answer.body.as_str().expect("a text");
    assert!(text.ends_with("# EOF\n"), "{text}");
    assert!(
        text.contains("# UNIT dotcast_stream_bytes bytes\n"),
        "{text}"
    );
}
