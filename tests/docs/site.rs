//! The table of contents of the site, and `llms.txt`, which tells programs what there is to read.

use std::{collections::BTreeSet, fs};

use super::markdown::{Page, Piece, is_page, page, resolve, root};

/// The pages that the site has.
fn contents() -> BTreeSet<String> {
    let summary = page("docs/SUMMARY.md");
    let links = summary.links();
    let pages: BTreeSet<_> = links.iter().map(|it| resolve(&summary.path, it)).collect();
    assert_eq!(pages.len(), links.len(), "a page is there twice");
    pages
}

#[test]
fn each_page_is_in_the_table_of_contents() {
    let contents = contents();
    for entry in fs::read_dir(root().join("docs")).expect("the documents") {
        let name = entry.expect("an entry").file_name();
        let path = format!("docs/{}", name.to_string_lossy());
        let is_one = is_page(&path) && path != "docs/SUMMARY.md";
        assert!(!is_one || contents.contains(&path), "{path} is missing");
    }
    // A page of the site that leads to another leads to it on the site: pages have their links rewritten, and what is no
    // page is copied. A document is only ever a page.
    for path in &contents {
        for link in page(path).links() {
            let is_one = !link.contains("://") && is_page(&resolve(path, &link));
            assert!(
                !is_one || contents.contains(&resolve(path, &link)),
                "{path} leads to {link}, which is not on the site"
            );
        }
    }
}

/// As <https://llmstxt.org> has it: a heading, a summary in a quotation, and sections with lists of links, each with a
/// description.
#[test]
fn programs_are_told_of_each_page() {
    let list: Page = page("llms.txt");
    let mut pieces = list
        .pieces
        .iter()
        .filter(|it| !matches!(it, Piece::Text(text) if text.is_empty()));
    assert!(matches!(pieces.next(), Some(Piece::Heading(1, _))));
    assert!(matches!(pieces.next(), Some(Piece::Text(text)) if text.starts_with("> ")));
    let mut sections = 0;
    for piece in pieces {
        match piece {
            Piece::Heading(level, _) => {
                assert_eq!(*level, 2);
                sections += 1;
            }
            Piece::Text(text) if sections > 0 => {
                assert!(text.starts_with("- [") && text.contains("): "), "{text}");
            }
            Piece::Text(_) => {}
            other => panic!("{other:?}"),
        }
    }
    let links: BTreeSet<_> = list.links().into_iter().collect();
    for link in &links {
        assert!(root().join(link).exists(), "{link}");
    }
    let missing: Vec<_> = contents().difference(&links).cloned().collect();
    assert!(missing.is_empty(), "{missing:?}");
}
