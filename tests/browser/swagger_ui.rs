//! Swagger UI: "Authorize" and "Try it out" work, the stream included.

use fantoccini::{Locator, elements::Element};

use crate::harness::{PATIENCE, Server, browser::Browser};

#[tokio::test]
async fn a_newcomer_can_try_everything_out() {
    let server = Server::start().await;
    let browser = Browser::start().await;
    browser
        .page
        .goto(&format!("{}/docs", server.url))
        .await
        .expect("the page");

    browser
        .run(
            "window.violations = [];
             addEventListener('securitypolicyviolation', (event) =>
                 violations.push([event.violatedDirective, event.blockedURI]));",
        )
        .await;
    let registered = try_out(&browser, "register").await;
    assert!(registered.starts_with("201"), "{registered}");
    let logged_in = try_out(&browser, "logIn").await;
    let token = logged_in.split("\"token\": \"").nth(1).expect("a token");
    let token = token.split('"').next().expect("its end");

    // Without the cookie of the log-in, only what "Authorize" sends gives access.
    browser.page.delete_all_cookies().await.expect("no cookies");
    let refused = try_out(&browser, "getMe").await;
    assert!(refused.contains("missing_token"), "{refused}");
    authorize(&browser, token).await;
    let created = try_out(&browser, "createBoard").await;
    assert!(created.starts_with("201"), "{created}");
    assert!(
        created.contains("\"creator_username\": \"ada\""),
        "{created}"
    );

    let stream = try_out(&browser, "followEvents").await;
    assert!(stream.starts_with("200"), "{stream}");
    assert!(stream.contains("event: cursor"), "{stream}");
    assert!(stream.contains("the stream itself goes on"), "{stream}");

    assert_eq!(
        browser.run("return violations").await,
        serde_json::json!([]),
        "the page does nothing that its policy forbids"
    );
    let hosts = browser
        .run(
            "return [...new Set(performance.getEntriesByType('resource')
                .filter((it) => it.name.startsWith('http'))
                .map((it) => new URL(it.name).origin))]",
        )
        .await;
    assert_eq!(
        hosts,
        serde_json::json!([server.url]),
        "all files come from the binary"
    );
    browser.close().await;
}

/// Opens an operation if it is closed, executes its example, and returns what is shown.
async fn try_out(browser: &Browser, operation: &str) -> String {
    let block = format!("[id$='-{operation}']");
    let button = format!("{block} .try-out__btn");
    if browser.page.find(Locator::Css(&button)).await.is_err() {
        click(browser, &format!("{block} .opblock-summary-control")).await;
        click(browser, &button).await;
    }
    click(browser, &format!("{block} button.execute")).await;
    let answer = element(browser, &format!("{block} .live-responses-table .response")).await;
    answer.text().await.expect("an answer")
}

async fn authorize(browser: &Browser, token: &str) {
    click(browser, "button.authorize").await;
    let field = element(
        browser,
        ".auth-container input[aria-label='auth-bearer-value']",
    )
    .await;
    field.send_keys(token).await.expect("typing");
    click(browser, ".auth-container button.authorize").await;
    click(browser, ".auth-container button.btn-done").await;
}

async fn element(browser: &Browser, selector: &str) -> Element {
    browser
        .page
        .wait()
        .at_most(PATIENCE)
        .for_element(Locator::Css(selector))
        .await
        .expect(selector)
}

async fn click(browser: &Browser, selector: &str) {
    let element = element(browser, selector).await;
    // By script, which also reaches what is scrolled out of sight or under a sticky bar.
    let script = "arguments[0].click()";
    let element = serde_json::to_value(element).expect("a reference");
    browser
        .page
        .execute(script, vec![element])
        .await
        .expect(selector);
}
