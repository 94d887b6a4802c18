//! Which media type a client prefers (RFC 9110, 12.5.1).

use poem::{FromRequest as _, Request, web::Accept};

/// The one of these media types that the client likes best; of those that it likes alike, or if it accepts none, the
/// first. A client that accepts none gets an answer all the same, as section 12.5.1 allows.
pub async fn preferred(request: &Request, offered: &[&'static str]) -> &'static str {
    let Ok(Accept(accepted)) = Accept::from_request_without_body(request).await else {
        return offered[0];
    };
    let quality = |offered: &str| {
        let (kind, _) = offered.split_once('/').unwrap_or_default();
        // The most specific range decides.
        let ranges = [offered.to_owned(), format!("{kind}/*"), "*/*".to_owned()];
        let found = ranges.iter().find_map(|range| {
            let mut matching = accepted.iter();
            matching.find(|it| it.essence_str() == range)
        });
        found.map_or(0.0, |it| {
            let weight = it.get_param("q").and_then(|q| q.as_str().parse().ok());
            weight.unwrap_or(1.0_f32)
        })
    };
    let mut best = (offered[0], quality(offered[0]));
    for &other in &offered[1..] {
        let quality = quality(other);
        if quality > best.1 {
            best = (other, quality);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_best_of_what_a_client_accepts_is_sent() {
        let offered = [
            "application/json",
            "application/x-ndjson",
            "text/event-stream",
        ];
        for (accept, expected) in [
            (None, 0),
            (Some("*/*"), 0),
            (Some("application/x-ndjson"), 1),
            (Some("Application/X-NDJSON; charset=utf-8"), 1),
            (Some("application/x-ndjson, */*;q=0.1"), 1),
            (Some("*/*, application/x-ndjson"), 0),
            (Some("application/json;q=0.5, application/x-ndjson"), 1),
            (Some("application/json;q=0, */*"), 1),
            (
                Some("application/json;q=0.5, application/x-ndjson;q=0.4"),
                0,
            ),
            (Some("text/*"), 2),
            (Some("image/png"), 0),
            (Some("!"), 0),
        ] {
            let mut request = Request::builder();
            if let Some(accept) = accept {
                request = request.header("Accept", accept);
            }
            let preferred = preferred(&request.finish(), &offered).await;
            assert_eq!(preferred, offered[expected], "{accept:?}");
        }
    }
}
