//! Log lines, whatever they contain.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use tracing_subscriber::fmt::MakeWriter;

/// Longest line, in bytes, including its end.
const MAX_LINE: usize = 1024;
/// The end of a line that was cut off.
const CUT: &str = "…\n";

/// Writes the log to standard error. Nothing that a client sends makes a line longer than 1 KiB, or turns it into
/// two.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lines;

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line
    }
}

/// Writes one line at a time.
#[derive(Clone, Copy, Debug)]
pub struct Line;

impl Write for Line {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        io::stderr().write_all(bounded(&text).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// One line of at most 1 KiB. Control characters are escaped, except ESC, which colours lines on a terminal: in
/// logged values it is already escaped.
fn bounded(line: &str) -> Cow<'_, str> {
    let text = line.strip_suffix('\n').unwrap_or(line);
    let is_plain = |character: char| !character.is_control() || character == '\x1b';
    if line.len() <= MAX_LINE && text.chars().all(is_plain) {
        return Cow::Borrowed(line);
    }
    let mut bounded = String::with_capacity(MAX_LINE);
    for character in text.chars() {
        let before = bounded.len();
        if is_plain(character) {
            bounded.push(character);
        } else {
            bounded.extend(character.escape_default());
        }
        if bounded.len() > MAX_LINE - CUT.len() {
            bounded.truncate(before);
            return Cow::Owned(bounded + CUT);
        }
    }
    Cow::Owned(bounded + "\n")
}

/// A text cut off after this many of its bytes, with a sign that there were more.
pub fn shortened(text: &str, max: usize) -> Cow<'_, str> {
    if text.len() <= max {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{}…", &text[..text.floor_char_boundary(max)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_short_and_plain_stays_as_it_is() {
        for line in ["", "\n", "status=200 grün\n", "\x1b[2mtime\x1b[0m\n"] {
            assert_eq!(bounded(line), line);
        }
    }

    #[test]
    fn a_line_stays_one_line() {
        assert_eq!(bounded("a\nb\r\tc\u{85}\n"), "a\\nb\\r\\tc\\u{85}\n");
    }

    #[test]
    fn a_long_line_is_cut_between_characters() {
        for character in ["x", "ü", "…", "😀", "\n"] {
            let line = bounded(&character.repeat(2000)).into_owned();
            assert!(line.len() <= MAX_LINE && line.len() > MAX_LINE - 10);
            assert!(line.ends_with(CUT), "{line}");
        }
        assert_eq!(shortened("größe", 3), "gr…");
        assert_eq!(shortened("größe", 7), "größe");
    }
}
