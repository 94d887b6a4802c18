//! A real browser's `EventSource` behind each proxy.

use rustix::process::Signal;
use serde_json::{Value, json};

use super::Deployment;
use crate::harness::{browser::Browser, eventually, proxy::Kind};

behind_each_proxy!(an_event_source_lives_through_a_rolling_restart_and_an_outage);

const FOLLOW: &str = "
    window.seen = [];
    window.openings = 0;
    window.errors = 0;
    window.stream = new EventSource('/sse/notifications/');
    stream.addEventListener('cursor', () => { openings += 1; });
    stream.addEventListener('error', () => { errors += 1; });
    stream.addEventListener('newBoard', (event) => seen.push(Number(event.lastEventId)));
    stream.addEventListener('reset', () => seen.push('reset'));
";

async fn an_event_source_lives_through_a_rolling_restart_and_an_outage(kind: Kind) {
    let options = ["--retry", "100ms", "--poll-interval", "20ms"];
    let mut deployment = Deployment::start(kind, &options).await;
    let ada = deployment.user("ada").await;
    let browser = Browser::start().await;
    let page = format!("{}/docs", deployment.proxy.url);
    browser.page.goto(&page).await.expect("the page");
    browser.run(FOLLOW).await;
    until(&browser, "openings === 1").await;
    let mut newest = ada.board("before").await;
    until(&browser, &format!("seen.includes({newest})")).await;

    for number in [0, 1] {
        deployment.stop(number, Signal::TERM).await;
        newest = ada.board("meanwhile").await;
        until(&browser, &format!("seen.includes({newest})")).await;
        deployment.start_again(number).await;
    }
    // It had its stream from one of them.
    until(&browser, "openings > 1").await;

    for number in [0, 1] {
        deployment.stop(number, Signal::TERM).await;
    }
    let errors = browser.run("return errors").await;
    until(&browser, &format!("errors > {errors} + 2")).await;
    assert_eq!(
        browser.run("return stream.readyState").await,
        0,
        "it is connecting, and has not given up"
    );
    for number in [0, 1] {
        deployment.start_again(number).await;
    }
    newest = ada.board("after").await;
    until(&browser, &format!("seen.includes({newest})")).await;
    let expected: Vec<_> = (1..=newest).collect();
    assert_eq!(browser.run("return seen").await, json!(expected));
    browser.close().await;
}

async fn until(browser: &Browser, what: &str) {
    let script = format!("return {what}");
    eventually(what, || async {
        (browser.run(&script).await == Value::Bool(true)).then_some(())
    })
    .await;
}
