//! What the simulation found, as a table and as a chart.

use std::{fmt::Write as _, path::Path};

use super::{
    charts::{self, Labels, Line},
    tables::{decimals, value},
};
use crate::{
    error::Result,
    results::{Figures, Results, Row},
};

/// The table, and the assumptions.
pub fn table(results: &Results) -> String {
    let mut text = String::from(
        "\n| servers | lost by | clients to each survivor | 99 % back, s | all back, s | CPU at most, % | longest delay, s | SYNs refused |\n",
    );
    text += "| ---: | --- |";
    text += &" ---: |".repeat(6);
    text += "\n";
    for row in &results.rows {
        let cell = |figures: &Figures, name: &str, places| {
            let value = value(figures, name);
            value.map_or_else(|| "never".to_owned(), |value| decimals(value, places))
        };
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            cell(&row.point, "instances", 0),
            row.server,
            cell(&row.point, "clients", 0),
            cell(&row.median, "most_back_s", 2),
            cell(&row.median, "all_back_s", 2),
            cell(&row.median, "peak_cpu_percent", 0),
            cell(&row.median, "longest_delay_s", 2),
            cell(&row.median, "refused", 0),
        );
    }
    if let Some(row) = results.rows.first() {
        text += &assumptions(row);
    }
    text
}

fn assumptions(row: &Row) -> String {
    let point = |name: &str, places| {
        let value = value(&row.point, name);
        value.map_or_else(String::new, |value| decimals(value, places))
    };
    format!(
        "\nComputed for {} streams, {} events/s, {} missed events; servers of {} cores; {} µs of CPU per \
         opening, {} per delivery, {} per missed event; `retry` {} s, clients {} s apart, {} places to wait \
         for being accepted, {} s until a client gives up connecting.\n\n",
        point("streams", 0),
        point("events_per_s", 1),
        point("missed_events", 0),
        point("cores", 0),
        point("opening_us", 1),
        point("delivery_us", 2),
        point("catch_up_us", 3),
        point("retry_s", 1),
        point("spread_s", 3),
        point("accept_queue", 0),
        point("patience_s", 0),
    )
}

/// How long until all clients are back, by the number of servers.
pub fn draw(results: &Results, file: &Path) -> Result<()> {
    let mut lines: Vec<Line> = Vec::new();
    for row in &results.rows {
        for (name, what) in [("all_back_s", "all"), ("most_back_s", "99 %")] {
            let server = format!("{}, {what}", row.server);
            let point = value(&row.point, "instances").zip(value(&row.median, name));
            let Some(point) = point else { continue };
            if let Some(line) = lines.iter_mut().find(|line| line.server == server) {
                line.points.push(point);
            } else {
                lines.push(Line {
                    server,
                    points: vec![point],
                });
            }
        }
    }
    let streams = results
        .rows
        .first()
        .and_then(|row| value(&row.point, "streams"));
    let labels = Labels {
        title: &format!(
            "One of N servers is lost, {} streams (computed)",
            decimals(streams.unwrap_or(0.0), 0)
        ),
        x: "servers before",
        y: "until clients are back (s)",
    };
    charts::by_streams(file, &labels, &lines)
}
