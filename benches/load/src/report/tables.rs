//! Tables in Markdown.

use std::{fmt::Write as _, path::Path};

use super::columns::{
    Column,
    Content::{Median, Point, Range, Ratio, Sum},
    TABLES,
};
use crate::{
    error::{Error, Result},
    results::{Figures, Results, Row},
};
/// The table of that name, if there are results for it.
pub(super) fn render(folder: &Path, name: &str) -> Result<Option<String>> {
    let table = TABLES.iter().find(|table| table.scenario == name);
    let table = table.ok_or_else(|| Error::Server(format!("there is no table `{name}`")))?;
    Ok(Results::read(folder, name)?.map(|results| markdown(&results, table.columns)))
}

fn markdown(results: &Results, columns: &[Column]) -> String {
    let measured = |column: &&Column| {
        let mut cells = results.rows.iter().filter(|row| !row.runs.is_empty());
        results.rows.is_empty() || cells.any(|row| !cell(results, row, column).is_empty())
    };
    // A figure that was not counted in these runs has no column.
    let columns: Vec<_> = columns.iter().filter(measured).collect();
    let mut text = String::from("\n| server |");
    for column in &columns {
        let _ = write!(text, " {} |", column.heading);
    }
    text += "\n| --- |";
    text += &" ---: |".repeat(columns.len());
    text += "\n";
    for row in &results.rows {
        let _ = write!(text, "| {} |", row.server);
        for column in &columns {
            let _ = write!(text, " {} |", cell(results, row, column));
        }
        text += "\n";
    }
    let environment = &results.environment;
    let runs = results
        .rows
        .iter()
        .map(|row| row.runs.len())
        .max()
        .unwrap_or(0);
    let _ = write!(
        text,
        "\n{}; {}, {} cores, {} GiB, Linux {}; {} ({}); medians of {runs}",
        environment.date,
        environment.cpu,
        environment.cores,
        environment.memory_gib,
        environment.kernel,
        environment.dotcast,
        environment.commit,
    );
    text += ".\n\n";
    text
}

fn cell(results: &Results, row: &Row, column: &Column) -> String {
    if let Point(name) = column.content {
        return value(&row.point, name).map_or_else(String::new, |it| decimals(it, 0));
    }
    if row.runs.is_empty() {
        return "failed".to_owned();
    }
    let cell = match column.content {
        Point(_) => None,
        Median(name, places) => value(&row.median, name).map(|it| decimals(it, places)),
        Range(name, places) => value(&row.median, name).map(|median| {
            let values = || row.runs.iter().filter_map(|run| value(run, name));
            let (lowest, highest) = (
                values().fold(f64::INFINITY, f64::min),
                values().fold(f64::NEG_INFINITY, f64::max),
            );
            let [median, lowest, highest] =
                [median, lowest, highest].map(|it| decimals(it, places));
            format!("{median} ({lowest}–{highest})")
        }),
        Ratio(name) => ratio(results, row, name).map(|it| decimals(it, 2)),
        Sum(name) => {
            let values: Vec<_> = row.runs.iter().filter_map(|run| value(run, name)).collect();
            (!values.is_empty()).then(|| decimals(values.iter().sum(), 0))
        }
    };
    let failed = match row.failures.len() {
        0 => String::new(),
        count => format!(" ({count} failed)"),
    };
    cell.map_or_else(String::new, |cell| cell + &failed)
}

fn ratio(results: &Results, row: &Row, name: &str) -> Option<f64> {
    let first = results.rows.iter().find(|it| it.point == row.point)?;
    Some(value(&row.median, name)? / value(&first.median, name)?)
}

pub(super) fn value(figures: &Figures, name: &str) -> Option<f64> {
    figures.get(name)?.as_f64()
}

/// With a comma between thousands.
pub(super) fn decimals(value: f64, places: usize) -> String {
    let text = format!("{value:.places$}");
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        let left = whole.len() - index;
        if index > 0 && left % 3 == 0 && !grouped.ends_with('-') {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_can_be_read() {
        assert_eq!(decimals(1_234_567.8, 0), "1,234,568");
        assert_eq!(decimals(999.0, 0), "999");
        assert_eq!(decimals(-1234.5, 1), "-1,234.5");
        assert_eq!(decimals(0.25, 2), "0.25");
    }
}
