//! What the page's head says about the board at an address, for programs that preview links (<https://ogp.me>).

use std::fmt::Write as _;

use crate::{boards::Board, picture, remote::Remote};

/// The placeholder in the page that this replaces.
pub const PLACE: &str = "<title>dotcast</title>";

/// The title of a board's page, and what previews show of it. Previews need absolute URLs, so they begin as the
/// request's own did.
pub fn of_board(board: &Board, remote: &Remote) -> String {
    let (row, maker) = (&board.row, &board.creator_username);
    let name = escape(&row.name);
    let pairs = row.dots.0.len() / 2;
    let description = format!(
        "{} × {}, {pairs} {}, by {maker}. Connect the dots, live with everybody else.",
        row.rows,
        row.cols,
        if pairs == 1 { "pair" } else { "pairs" },
    );
    let scheme = if remote.is_secure { "https" } else { "http" };
    let authority = remote.authority.as_deref().unwrap_or_default();
    let origin = escape(&format!("{scheme}://{authority}"));
    let id = row.id;
    let picture = format!("{origin}/api/v1/boards/{id}/picture.png");
    let (width, height) = (picture::WIDTH, picture::HEIGHT);
    let mut head = format!("<title>{name} · dotcast</title>");
    for (property, content) in [
        ("og:title", name.as_str()),
        ("og:description", &description),
        ("og:type", "website"),
        ("og:site_name", "dotcast"),
        ("og:url", &format!("{origin}/boards/{id}")),
        ("og:image", &picture),
        ("og:image:type", "image/png"),
        ("og:image:width", &width.to_string()),
        ("og:image:height", &height.to_string()),
        ("og:image:alt", &format!("The board {name}")),
    ] {
        // Writing to a string cannot fail.
        let _ = write!(
            head,
            "<meta property=\"{property}\" content=\"{content}\"/>"
        );
    }
    head.push_str("<meta name=\"twitter:card\" content=\"summary_large_image\"/>");
    head
}

/// Escapes text so that it may stand in an element or a quoted attribute (WHATWG HTML, 13.1).
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_name_is_markup() {
        assert_eq!(
            escape("</title><script>alert('a' & \"b\")</script>"),
            "&lt;/title&gt;&lt;script&gt;alert(&#39;a&#39; &amp; &quot;b&quot;)&lt;/script&gt;"
        );
        assert_eq!(escape("Łódź 🙂"), "Łódź 🙂");
    }
}
