//! A real browser: Chromium, driven by `chromedriver`.

use std::process::Stdio;

use fantoccini::{Client, ClientBuilder};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

use super::within;

/// A browser with one page.
pub struct Browser {
    pub page: Client,
    driver: Child,
}

impl Browser {
    /// Starts a browser; its profile is new.
    pub async fn start() -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("chromedriver is installed: apt-get install chromium-driver");
        let port = port_of(&mut driver).await;
        let options = json!({
            "goog:chromeOptions": { "args": [
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--window-size=1200,1000",
            ] },
            // Record the page's requests, to see which hosts it contacts.
            "goog:loggingPrefs": { "performance": "ALL" },
        });
        let Value::Object(capabilities) = options else {
            unreachable!("an object");
        };
        let page = ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("chromium is installed: apt-get install chromium");
        Self { page, driver }
    }

    /// The result of a script.
    pub async fn run(&self, script: &str) -> Value {
        within(script, self.page.execute(script, Vec::new()))
            .await
            .expect(script)
    }

    /// Ends the browser, which a killed driver would leave behind.
    pub async fn close(mut self) {
        self.page.close().await.expect("the browser closes");
        self.driver.kill().await.expect("the driver ends");
    }
}

async fn port_of(driver: &mut Child) -> u16 {
    let output = driver.stdout.take().expect("stdout");
    let mut lines = BufReader::new(output).lines();
    let port = within("the driver's start", async {
        while let Some(line) = lines.next_line().await.expect("output") {
            let port = line.split_once("started successfully on port ");
            if let Some((_, port)) = port {
                return port.trim_end_matches('.').parse().expect("a port");
            }
        }
        panic!("chromedriver does not start");
    })
    .await;
    // The pipe must still be drained.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    port
}
