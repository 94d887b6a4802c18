//! Turns results into the tables of a document, and into charts.

mod charts;
mod columns;
mod scaling;
pub mod storms;
mod tables;

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    error::{Context as _, Error, Result},
    measured::Measured,
    results::Results,
};

const END: &str = "<!-- end -->";

/// The results of [`Simulate`](crate::simulate::Simulate), and their charts.
const STORMS: [(&str, &str); 2] = [
    ("simulate", "reconnect.svg"),
    ("simulate-million", "reconnect-million.svg"),
];

/// Fills every table in the documents that has results, and draws every chart that has.
pub fn write(results: &Path, documents: &[PathBuf], charts: &Path) -> Result<()> {
    for document in documents {
        let what = document.display().to_string();
        let text = fs::read_to_string(document).context(&what)?;
        let filled = fill(&text, |name| render(results, name))?;
        fs::write(document, filled).context(what)?;
    }
    charts::draw(results, charts)?;
    for (name, chart) in STORMS {
        if let Some(simulated) = Results::read(results, name)? {
            storms::draw(&simulated, &charts.join(chart))?;
        }
    }
    Ok(())
}

/// The table of that name, if there are results for it.
fn render(results: &Path, name: &str) -> Result<Option<String>> {
    if STORMS.iter().any(|(storm, _)| *storm == name) {
        return Ok(Results::read(results, name)?.map(|it| storms::table(&it)));
    }
    let table = match name {
        "scaling-measured" => scaling::measured,
        "scaling-needs" => scaling::needs,
        "scaling-limits" => scaling::limits,
        name => return tables::render(results, name),
    };
    let measured = Measured::read(results)?;
    // A table without results stays as it is.
    Ok(measured.environment.is_some().then(|| table(&measured)))
}

/// Replaces what is between `<!-- table: NAME -->` and `<!-- end -->`. A table without results stays as it is.
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

/// The results of the first of these scenarios that has any.
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
