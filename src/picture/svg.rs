//! Pictures as text (<https://www.w3.org/TR/SVG2/>).

use std::fmt::Write as _;

use entity::board;

use super::{GRID, GROUND, HEIGHT, LINE, Layout, WIDTH};

/// A board as an SVG document. It contains only numbers and the board's colours.
pub fn svg(board: &board::Model) -> String {
    let layout = Layout::of(board);
    let (left, top, width, height) = (layout.left, layout.top, layout.width(), layout.height());
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\">\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"{GROUND}\"/>\
         <rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" fill=\"{GRID}\"/>\
         <path stroke=\"{LINE}\" d=\""
    );
    // Writing to a string cannot fail.
    for [(x1, y1), (x2, y2)] in layout.lines() {
        let _ = write!(svg, "M{x1} {y1}L{x2} {y2}");
    }
    svg.push_str("\"/>");
    let radius = layout.radius();
    for dot in &board.dots.0 {
        let (x, y) = layout.middle(dot.row, dot.col);
        let color = super::color(&dot.color);
        let _ = write!(
            svg,
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" fill=\"#{color:06x}\"/>"
        );
    }
    svg.push_str("</svg>");
    svg
}
