//! Pictures as pixels, for clients that show no SVG: most link previews.

use entity::board;
use tiny_skia::{Color, FillRule, Paint, PathBuilder, Pixmap, Rect, Stroke, Transform};

use super::{GRID, GROUND, HEIGHT, LINE, Layout, WIDTH, color};
use crate::error::Error;

/// A board as a PNG. Takes some milliseconds of CPU, a few dozen for the largest board.
///
/// # Errors
/// None that a board can cause.
pub fn png(board: &board::Model) -> Result<Vec<u8>, Error> {
    let layout = Layout::of(board);
    let failed = |what: &str| Error::Internal(format!("a picture of a board: {what}"));
    let mut picture =
        Pixmap::new(WIDTH.into(), HEIGHT.into()).ok_or_else(|| failed("it has no size"))?;
    picture.fill(shade(GROUND));
    let grid = Rect::from_xywh(layout.left, layout.top, layout.width(), layout.height());
    let grid = grid.ok_or_else(|| failed("its grid has no size"))?;
    picture.fill_rect(grid, &paint(GRID), Transform::identity(), None);
    let mut lines = PathBuilder::new();
    for [(x1, y1), (x2, y2)] in layout.lines() {
        lines.move_to(x1, y1);
        lines.line_to(x2, y2);
    }
    if let Some(lines) = lines.finish() {
        picture.stroke_path(
            &lines,
            &paint(LINE),
            &Stroke::default(),
            Transform::identity(),
            None,
        );
    }
    for dot in &board.dots.0 {
        let (x, y) = layout.middle(dot.row, dot.col);
        if let Some(circle) = PathBuilder::from_circle(x, y, layout.radius()) {
            let paint = paint(&dot.color);
            picture.fill_path(
                &circle,
                &paint,
                FillRule::Winding,
                Transform::identity(),
                None,
            );
        }
    }
    picture
        .encode_png()
        .map_err(|error| failed(&error.to_string()))
}

fn paint(text: &str) -> Paint<'static> {
    let mut paint = Paint {
        anti_alias: true,
        ..Paint::default()
    };
    paint.set_color(shade(text));
    paint
}

fn shade(text: &str) -> Color {
    let [_, red, green, blue] = color(text).to_be_bytes();
    Color::from_rgba8(red, green, blue, 255)
}
