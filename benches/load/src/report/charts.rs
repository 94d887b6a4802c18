//! Charts as SVG, on a white background so that they can be read on a dark page, too.

use std::{fs, path::Path};

use plotters::{
    chart::{ChartBuilder, ChartContext, SeriesLabelPosition},
    coord::{
        Shift,
        ranged1d::{Ranged, ValueFormatter},
    },
    prelude::*,
};

use super::first_of;
use crate::{
    error::{Context as _, Error, Result},
    results::{Figures, Results, Row},
};

const SIZE: (u32, u32) = (800, 450);
/// Wide enough for half of the last label.
const MARGIN: u32 = 25;
const FONT: &str = "sans-serif";
/// Colours that people who are colour-blind can tell apart, too (Okabe and Ito).
const COLORS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(230, 159, 0),
    RGBColor(0, 0, 0),
];

/// One server's line.
pub(super) struct Line {
    pub server: String,
    pub points: Vec<(f64, f64)>,
}

pub(super) struct Labels<'a> {
    pub title: &'a str,
    pub x: &'a str,
    pub y: &'a str,
}

/// Draws what has been measured.
pub(super) fn draw(results: &Path, charts: &Path) -> Result<()> {
    fs::create_dir_all(charts).context(charts.display().to_string())?;
    if let Some(growth) = Results::read(results, "growth")? {
        for (file, figure, title, y) in [
            (
                "growth-cpu.svg",
                "cpu_us_per_delivery",
                "CPU per delivery",
                "CPU time of the server per delivery (µs)",
            ),
            (
                "growth-memory.svg",
                "memory_per_stream_kb",
                "Memory per stream",
                "resident memory of the server per stream (KB)",
            ),
        ] {
            let rate = growth
                .rows
                .first()
                .and_then(|row| value(&row.point, "events_per_s"));
            let labels = Labels {
                title: &format!("{title}, at {} events/s", rate.unwrap_or(0.0)),
                x: "open streams",
                y,
            };
            by_streams(&charts.join(file), &labels, &lines(&growth, figure))?;
        }
    }
    if let Some(fanout) = first_of(results, &["peers-fanout", "fanout"])? {
        // All servers at one point: the first.
        let at = fanout
            .rows
            .first()
            .map(|row| row.point.clone())
            .unwrap_or_default();
        let rows: Vec<_> = fanout.rows.iter().filter(|row| row.point == at).collect();
        let number = |name| value(&at, name).unwrap_or(0.0);
        let (streams, rate) = (number("streams"), number("events_per_s"));
        let point = format!("{streams} streams, {rate} events/s");
        bars(&charts.join("cpu-by-server.svg"), &point, &rows)?;
        distribution(&charts.join("latency.svg"), &point, &rows)?;
    }
    Ok(())
}

fn lines(results: &Results, figure: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for row in &results.rows {
        let (Some(x), Some(y)) = (value(&row.point, "streams"), value(&row.median, figure)) else {
            continue;
        };
        let known = lines.iter().position(|line| line.server == row.server);
        let index = known.unwrap_or_else(|| {
            lines.push(Line {
                server: row.server.clone(),
                points: Vec::new(),
            });
            lines.len() - 1
        });
        lines[index].points.push((x, y));
    }
    lines
}

fn highest(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.001, f64::max)
}

pub(super) fn by_streams(file: &Path, labels: &Labels<'_>, lines: &[Line]) -> Result<()> {
    let points = || lines.iter().flat_map(|line| line.points.iter());
    let widest = highest(points().map(|&(x, _)| x));
    let tallest = highest(points().map(|&(_, y)| y));
    canvas(file, |area| {
        let mut chart = builder(area, labels.title)
            // The legend is above the lines.
            .build_cartesian_2d(0.0..widest * 1.05, 0.0..tallest * 1.4)
            .map_err(failed)?;
        mesh(&mut chart, labels)?;
        series(&mut chart, lines)
    })
}

/// The distribution of latencies, by percentile.
fn distribution(file: &Path, point: &str, rows: &[&Row]) -> Result<()> {
    let line = |row: &&Row| Line {
        server: row.server.clone(),
        points: [1.0, 5.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.9]
            .into_iter()
            .filter_map(|quantile| {
                // On the logarithmic axis no time is below a tenth of a millisecond.
                let latency = value(&row.median, &format!("latency_p{quantile}"))?;
                Some((quantile, latency.max(0.1)))
            })
            .collect(),
    };
    let lines: Vec<_> = rows
        .iter()
        .map(line)
        .filter(|it| !it.points.is_empty())
        .collect();
    let tallest = highest(
        lines
            .iter()
            .flat_map(|it| it.points.iter().map(|&(_, y)| y)),
    );
    let labels = Labels {
        title: &format!("Latency, {point}"),
        x: "deliveries that took no longer (%)",
        y: "from POST to client (ms, logarithmic)",
    };
    canvas(file, |area| {
        let mut chart = builder(area, labels.title)
            .build_cartesian_2d(0.0..100.0, (0.1..tallest * 2.0).log_scale())
            .map_err(failed)?;
        mesh(&mut chart, &labels)?;
        series(&mut chart, &lines)
    })
}

fn bars(file: &Path, point: &str, rows: &[&Row]) -> Result<()> {
    let cost = |row: &&Row| {
        Some((
            row.server.clone(),
            value(&row.median, "cpu_us_per_delivery")?,
        ))
    };
    let mut costs: Vec<_> = rows.iter().filter_map(cost).collect();
    costs.sort_by(|left, right| left.1.total_cmp(&right.1));
    let most = highest(costs.iter().map(|&(_, cost)| cost));
    #[allow(clippy::cast_precision_loss, reason = "a handful of servers")]
    let count = costs.len() as f64;
    canvas(file, |area| {
        let mut chart = ChartBuilder::on(area)
            .caption(format!("CPU per delivery, {point}"), (FONT, 20))
            .margin(MARGIN)
            .x_label_area_size(45)
            .build_cartesian_2d((1.0..most * 4.0).log_scale(), 0.0..count)
            .map_err(failed)?;
        chart
            .configure_mesh()
            .disable_y_mesh()
            .disable_y_axis()
            .light_line_style(WHITE)
            .x_labels(4)
            .x_label_formatter(&tick)
            .x_desc("CPU time of the server per delivery (µs, logarithmic)")
            .label_style((FONT, 14))
            .draw()
            .map_err(failed)?;
        let mut top = count;
        for ((server, cost), color) in costs.iter().zip(COLORS.iter().cycle()) {
            let corners = [(1.0, top - 0.15), (*cost, top - 0.55)];
            chart
                .draw_series([Rectangle::new(corners, color.filled())])
                .map_err(failed)?;
            let label = format!("{server}: {cost:.1} µs");
            chart
                .draw_series([Text::new(label, (1.02, top - 0.6), (FONT, 15))])
                .map_err(failed)?;
            top -= 1.0;
        }
        Ok(())
    })
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

fn canvas(file: &Path, draw: impl FnOnce(&Area<'_>) -> Result<()>) -> Result<()> {
    let area = SVGBackend::new(file, SIZE).into_drawing_area();
    area.fill(&WHITE).map_err(failed)?;
    draw(&area)?;
    area.present().map_err(failed)
}

fn builder<'a, 'b>(area: &'a Area<'b>, title: &str) -> ChartBuilder<'a, 'b, SVGBackend<'b>> {
    let mut builder = ChartBuilder::on(area);
    builder
        .caption(title, (FONT, 20))
        .margin(MARGIN)
        .x_label_area_size(45)
        .y_label_area_size(65);
    builder
}

fn mesh<'a, X, Y>(
    chart: &mut ChartContext<'a, SVGBackend<'a>, Cartesian2d<X, Y>>,
    labels: &Labels<'_>,
) -> Result<()>
where
    X: Ranged<ValueType = f64> + ValueFormatter<f64>,
    Y: Ranged<ValueType = f64> + ValueFormatter<f64>,
{
    chart
        .configure_mesh()
        .x_desc(labels.x)
        .y_desc(labels.y)
        .label_style((FONT, 14))
        .light_line_style(WHITE)
        .x_label_formatter(&tick)
        .y_label_formatter(&tick)
        .draw()
        .map_err(failed)
}

/// Without superfluous decimal places.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "what plotters calls")]
fn tick(value: &f64) -> String {
    format!("{}", (value * 100.0).round() / 100.0)
}

fn series<'a, X, Y>(
    chart: &mut ChartContext<'a, SVGBackend<'a>, Cartesian2d<X, Y>>,
    lines: &[Line],
) -> Result<()>
where
    X: Ranged<ValueType = f64>,
    Y: Ranged<ValueType = f64>,
{
    for (line, &color) in lines.iter().zip(COLORS.iter().cycle()) {
        let points = line.points.iter().copied();
        chart
            .draw_series(LineSeries::new(points.clone(), color.stroke_width(2)))
            .map_err(failed)?
            .label(&line.server)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], color.stroke_width(2)));
        chart
            .draw_series(points.map(|point| Circle::new(point, 3, color.filled())))
            .map_err(failed)?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE)
        .border_style(BLACK)
        .label_font((FONT, 14))
        .draw()
        .map_err(failed)
}

fn value(figures: &Figures, name: &str) -> Option<f64> {
    figures.get(name)?.as_f64()
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Chart(error.to_string())
}
