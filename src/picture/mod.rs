//! Pictures of boards, for previews of shared links (<https://ogp.me>) and for programs that cannot draw.
//!
//! Both forms draw the same [`Layout`]: a grid on a ground, and its dots.

mod png;
mod svg;

use entity::board;

pub use self::{png::png, svg::svg};

/// Width in pixels, as link previews crop it.
pub const WIDTH: u16 = 1200;
/// Height in pixels.
pub const HEIGHT: u16 = 630;
/// Free space around the grid, in pixels.
const MARGIN: f32 = 40.0;
/// The radius of a dot, in cells.
const RADIUS: f32 = 0.34;

/// Colours, as dots have them.
const GROUND: &str = "#f4f4f7";
const GRID: &str = "#ffffff";
const LINE: &str = "#d8d9e2";

/// The number of a colour, `0xrrggbb`; black for a colour that the rules of boards do not allow.
fn color(text: &str) -> u32 {
    let digits = text.strip_prefix('#').filter(|it| it.len() == 6);
    let number = digits.and_then(|it| u32::from_str_radix(it, 16).ok());
    number.unwrap_or_default()
}

/// Where a board lies in its picture, in pixels.
struct Layout {
    rows: u16,
    cols: u16,
    cell: f32,
    left: f32,
    top: f32,
}

impl Layout {
    fn of(board: &board::Model) -> Self {
        // The rules of boards keep both between 2 and 50.
        let side = |count: i32| u16::try_from(count).unwrap_or_default().max(1);
        let (rows, cols) = (side(board.rows), side(board.cols));
        let fit = |size: u16, count: u16| (f32::from(size) - 2.0 * MARGIN) / f32::from(count);
        let cell = fit(WIDTH, cols).min(fit(HEIGHT, rows));
        let center = |size: u16, count: u16| (f32::from(size) - f32::from(count) * cell) / 2.0;
        Self {
            rows,
            cols,
            cell,
            left: center(WIDTH, cols),
            top: center(HEIGHT, rows),
        }
    }

    fn width(&self) -> f32 {
        f32::from(self.cols) * self.cell
    }

    fn height(&self) -> f32 {
        f32::from(self.rows) * self.cell
    }

    /// The inner lines of the grid, as pairs of end points.
    fn lines(&self) -> impl Iterator<Item = [(f32, f32); 2]> {
        let (left, top, cell) = (self.left, self.top, self.cell);
        let (right, bottom) = (left + self.width(), top + self.height());
        let across = (1..self.rows).map(move |row| top + f32::from(row) * cell);
        let down = (1..self.cols).map(move |col| left + f32::from(col) * cell);
        across
            .map(move |y| [(left, y), (right, y)])
            .chain(down.map(move |x| [(x, top), (x, bottom)]))
    }

    /// The centre of a cell.
    fn middle(&self, row: i32, col: i32) -> (f32, f32) {
        let at = |start: f32, index: i32| {
            start + (f32::from(u16::try_from(index).unwrap_or_default()) + 0.5) * self.cell
        };
        (at(self.left, col), at(self.top, row))
    }

    fn radius(&self) -> f32 {
        self.cell * RADIUS
    }
}

#[cfg(test)]
mod tests {
    use entity::board::{Dot, Dots};

    use super::*;

    fn board(rows: i32, cols: i32, dots: &[(i32, i32, &str)]) -> board::Model {
        let dot = |&(row, col, color): &(i32, i32, &str)| Dot {
            row,
            col,
            color: color.to_owned(),
        };
        board::Model {
            id: 1,
            creator_id: 1,
            updated_by_id: 1,
            name: "A < B".to_owned(),
            rows,
            cols,
            dots: Dots(dots.iter().map(dot).collect()),
            version: 1,
            created_at: chrono::DateTime::UNIX_EPOCH,
            updated_at: chrono::DateTime::UNIX_EPOCH,
        }
    }

    /// The colour of a pixel, as dots have it.
    fn pixel(picture: &tiny_skia::Pixmap, (x, y): (f32, f32)) -> String {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "within the picture"
        )]
        let pixel = picture.pixel(x as u32, y as u32).expect("a pixel");
        format!(
            "#{:02x}{:02x}{:02x}",
            pixel.red(),
            pixel.green(),
            pixel.blue()
        )
    }

    #[test]
    fn every_dot_is_where_it_is_on_the_board() {
        for (rows, cols) in [(2, 2), (2, 50), (50, 2), (50, 50), (3, 7)] {
            let dots = [
                (0, 0, "#112233"),
                (rows - 1, cols - 1, "#112233"),
                (0, cols - 1, "#00ff80"),
                (rows - 1, 0, "#00ff80"),
            ];
            let board = board(rows, cols, &dots);
            let layout = Layout::of(&board);
            let png = png(&board).expect("a picture");
            let drawn = tiny_skia::Pixmap::decode_png(&png).expect("a PNG");
            assert_eq!((drawn.width(), drawn.height()), (1200, 630));
            let svg = svg(&board);
            for (row, col, color) in dots {
                let (x, y) = layout.middle(row, col);
                assert_eq!(
                    pixel(&drawn, (x, y)),
                    color,
                    "{rows} × {cols}: {row}, {col}"
                );
                let circle = format!("cx=\"{x}\" cy=\"{y}\"");
                assert!(svg.contains(&circle), "{circle} in {svg}");
            }
            assert_eq!(pixel(&drawn, (1.0, 1.0)), GROUND);
            assert!(layout.left >= MARGIN - 0.01 && layout.top >= MARGIN - 0.01);
        }
    }

    #[test]
    fn a_board_without_dots_has_a_picture() {
        let board = board(5, 5, &[]);
        let drawn = tiny_skia::Pixmap::decode_png(&png(&board).expect("a picture"));
        let layout = Layout::of(&board);
        assert_eq!(pixel(&drawn.expect("a PNG"), layout.middle(2, 2)), GRID);
        assert!(!svg(&board).contains("circle"));
    }
}
