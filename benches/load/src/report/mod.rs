//! Turns results into the tables of a document, and into charts.

mod charts;
mod tables;

use std::{fs, path::Path};

use crate::{
    error::{Context as _, Error, Result},
    results::Results,
};

const END: &str = "<!-- end -->";

/// Fills each table of the document that has been measured, and draws each chart that can be.
pub fn write(results: &Path, document: &Path, charts: &Path) -> Result<()> {
    let what = document.display().to_string();
    let text = fs::read_to_string(document).context(&what)?;
    let filled = fill(&text, |name| tables::render(results, name))?;
    fs::write(document, filled).context(what)?;
    charts::draw(results, charts)
}

/// Replaces what is between `<!-- table: NAME -->` and `<!-- end -->`. What has no result stays as it is.
fn fill(text: &str, mut render: impl FnMut(&str) -> Result<Option<String>>) -> Result<String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("<!-- table: ") {
        let unfinished = || Error::Server("a table's comment has no end".to_owned());
        let (opening, behind) = rest[at..].split_once("-->").ok_or_else(unfinished)?;
        let (old, behind) = behind.split_once(END).ok_or_else(unfinished)?;
        let name = opening.trim_start_matches("<!-- table: ").trim();
        filled += &rest[..at];
        filled += opening;
        filled += "-->";
        match render(name)? {
            Some(table) => filled.extend(["\n", &table]),
            None => filled += old,
        }
        filled += END;
        rest = behind;
    }
    Ok(filled + rest)
}

/// The results of the first of these scenarios that was measured.
fn first_of(folder: &Path, scenarios: &[&str]) -> Result<Option<Results>> {
    for scenario in scenarios {
        if let Some(results) = Results::read(folder, scenario)? {
            return Ok(Some(results));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tables_with_results_are_replaced() {
        let text =
            "a\n<!-- table: x -->\nold\n<!-- end -->\nb\n<!-- table: y -->\nold\n<!-- end -->\nc";
        let filled = fill(text, |name| Ok((name == "x").then(|| "new\n".to_owned())));
        assert_eq!(
            filled.expect("well-formed"),
            "a\n<!-- table: x -->\nnew\n<!-- end -->\nb\n<!-- table: y -->\nold\n<!-- end -->\nc"
        );
        assert!(fill("<!-- table: x -->\n", |_| Ok(None)).is_err());
    }
}
