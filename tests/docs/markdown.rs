//! A page, as far as these tests read it: headings, fenced blocks, comments, links and code in its text.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The folder of the project.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A page by its path in the project.
#[derive(Clone, Debug)]
pub struct Page {
    pub path: String,
    pub pieces: Vec<Piece>,
}

/// What a page consists of, in order.
#[derive(Clone, Debug)]
pub enum Piece {
    /// A heading: its level and its text.
    Heading(usize, String),
    /// A comment on a line of its own, without its marks.
    Comment(String),
    /// A fenced block.
    Block(Block),
    /// A line of text. It is empty between paragraphs.
    Text(String),
}

/// A fenced block.
#[derive(Clone, Debug)]
pub struct Block {
    /// What stands behind the fence.
    pub language: String,
    /// With a line break at its end.
    pub text: String,
    /// The line of its fence, from 1 on.
    pub line: usize,
}

impl Block {
    /// Whether it holds commands.
    pub fn is_typed(&self) -> bool {
        matches!(self.language.as_str(), "sh" | "console")
    }

    /// The commands, with the output that is shown for each. In `sh` the whole block is one, and no output is shown. In
    /// `console` a command begins with `$ `, and goes on while its lines end with a backslash.
    pub fn commands(&self) -> Vec<(String, Option<String>)> {
        if self.language == "sh" {
            return vec![(self.text.clone(), None)];
        }
        let mut commands: Vec<(String, Option<String>)> = Vec::new();
        let mut goes_on = false;
        for line in self.text.lines() {
            if let Some(command) = line.strip_prefix("$ ") {
                commands.push((format!("{command}\n"), Some(String::new())));
            } else {
                let (command, output) = commands.last_mut().expect("a command comes first");
                let text = if goes_on {
                    command
                } else {
                    output.get_or_insert_default()
                };
                text.push_str(line);
                text.push('\n');
            }
            let is_command = goes_on || line.starts_with("$ ");
            goes_on = is_command && line.ends_with('\\');
        }
        commands
    }
}

/// The page at this path.
pub fn page(path: &str) -> Page {
    let text = fs::read_to_string(root().join(path));
    let text = text.unwrap_or_else(|error| panic!("{path}: {error}"));
    Page {
        path: path.to_owned(),
        pieces: pieces(&text.replace("\r\n", "\n")),
    }
}

/// The paths of all pages that are for readers: those at the root, in `docs`, and the others of the site.
pub fn all() -> Vec<String> {
    let mut paths = Vec::new();
    for folder in ["", "docs"] {
        for entry in fs::read_dir(root().join(folder)).expect("a folder") {
            let name = entry.expect("an entry").file_name();
            let name = name.into_string().expect("text");
            if is_page(&name) {
                paths.push(join(folder, &name).display().to_string());
            }
        }
    }
    let others = page("docs/SUMMARY.md").links().into_iter();
    paths.extend(others.map(|link| resolve("docs/SUMMARY.md", &link)));
    paths.sort();
    paths.dedup();
    paths
}

/// Whether a path is that of a page.
pub fn is_page(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|it| it == "md")
}

/// The path in the project to which a link of this page leads, without its anchor.
pub fn resolve(page: &str, link: &str) -> String {
    let target = link.split('#').next().unwrap_or_default();
    if target.is_empty() {
        return page.to_owned();
    }
    let folder = Path::new(page).parent().expect("a folder");
    let mut path = PathBuf::new();
    for part in folder.join(target).components() {
        if part.as_os_str() == ".." {
            assert!(path.pop(), "{page}: {link} leads out of the project");
        } else {
            path.push(part);
        }
    }
    path.display().to_string()
}

fn join(folder: &str, name: &str) -> PathBuf {
    Path::new(folder).join(name)
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let plain = line.trim();
        let indent = line.len() - line.trim_start().len();
        if let Some(language) = plain.strip_prefix("```") {
            let mut block = Block {
                language: language.to_owned(),
                text: String::new(),
                line: number + 1,
            };
            loop {
                let (_, line) = lines.next().expect("the end of a block");
                if line.trim() == "```" {
                    break;
                }
                // In a list, it is indented as its fence is.
                block.text.push_str(line.get(indent..).unwrap_or_default());
                block.text.push('\n');
            }
            pieces.push(Piece::Block(block));
        } else if let Some(comment) = plain
            .strip_prefix("<!-- ")
            .and_then(|it| it.strip_suffix(" -->"))
        {
            pieces.push(Piece::Comment(comment.to_owned()));
        } else if let Some((marks, heading)) = line
            .split_once(' ')
            .filter(|(marks, _)| !marks.is_empty() && marks.bytes().all(|it| it == b'#'))
        {
            pieces.push(Piece::Heading(marks.len(), heading.to_owned()));
        } else {
            pieces.push(Piece::Text(line.to_owned()));
        }
    }
    pieces
}

impl Page {
    /// Where its links lead.
    pub fn links(&self) -> Vec<String> {
        let (text, _) = self.text_and_code();
        let mut links = Vec::new();
        for part in text.split("](").skip(1) {
            let (target, _) = part.split_once(')').expect("the end of a link");
            links.push(target.to_owned());
        }
        links
    }

    /// The pieces of code in its text.
    pub fn code(&self) -> Vec<String> {
        self.text_and_code().1
    }

    /// Its text and headings without code, and the code in them.
    fn text_and_code(&self) -> (String, Vec<String>) {
        let mut text = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Heading(_, line) | Piece::Text(line) => text.push_str(line),
                // It ends a paragraph.
                Piece::Comment(_) | Piece::Block(_) => {}
            }
            text.push('\n');
        }
        split_code(&text)
    }

    /// The anchors of its headings, as GitHub and mdBook make them.
    pub fn anchors(&self) -> Vec<String> {
        let headings = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Heading(_, text) => Some(anchor(text)),
            _ => None,
        });
        headings.collect()
    }

    /// The pieces of the section with this heading, to its end.
    pub fn section(&self, heading: &str) -> &[Piece] {
        let is_it = |piece: &Piece| matches!(piece, Piece::Heading(_, text) if text == heading);
        let start = self.pieces.iter().position(is_it);
        let start = start.unwrap_or_else(|| panic!("{} has no section {heading:?}", self.path));
        let Piece::Heading(level, _) = self.pieces[start] else {
            unreachable!("it is a heading")
        };
        let rest = &self.pieces[start + 1..];
        let end = rest
            .iter()
            .position(|piece| matches!(piece, Piece::Heading(it, _) if *it <= level));
        &rest[..end.unwrap_or(rest.len())]
    }

    /// Its fenced blocks, each with the comment before it.
    pub fn blocks(&self) -> Vec<(&Block, Option<&str>)> {
        let mut blocks = Vec::new();
        let mut comment = None;
        for piece in &self.pieces {
            match piece {
                Piece::Comment(text) => comment = Some(text.as_str()),
                Piece::Text(line) if line.is_empty() => {}
                Piece::Block(block) => blocks.push((block, comment.take())),
                _ => comment = None,
            }
        }
        blocks
    }
}

/// Separates code from the text around it.
fn split_code(text: &str) -> (String, Vec<String>) {
    let mut plain = String::new();
    let mut code = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('`') {
        plain.push_str(&rest[..start]);
        let behind = &rest[start..];
        let marks = behind.len() - behind.trim_start_matches('`').len();
        let (mark, behind) = behind.split_at(marks);
        let (inside, after) = behind
            .split_once(mark)
            .unwrap_or_else(|| panic!("code without an end: {behind:.60}"));
        code.push(inside.split_whitespace().collect::<Vec<_>>().join(" "));
        rest = after;
    }
    plain.push_str(rest);
    (plain, code)
}

/// The anchor of a heading.
fn anchor(heading: &str) -> String {
    let (mut text, mut anchor) = (heading, String::new());
    // Of a link, its text.
    let unlinked: String = {
        let mut unlinked = String::new();
        while let Some((before, behind)) = text.split_once("](") {
            unlinked.push_str(before);
            text = behind.split_once(')').map_or("", |(_, rest)| rest);
        }
        unlinked + text
    };
    for letter in unlinked.chars() {
        if letter.is_alphanumeric() || "-_".contains(letter) {
            anchor.extend(letter.to_lowercase());
        } else if letter == ' ' {
            anchor.push('-');
        }
    }
    anchor
}

#[test]
fn pieces_of_a_page_are_told_apart() {
    let text = "# A `b` c?\n\n<!-- test: x -->\n\n  ```console\n  $ a \\\n    b\n  out\n  ```\nSee [`d`](e.md#f\n`g\nh`.";
    let page = Page {
        path: "x.md".to_owned(),
        pieces: pieces(&text.replace("#f\n", "#f)\n")),
    };
    assert_eq!(page.anchors(), ["a-b-c"]);
    assert_eq!(page.links(), ["e.md#f"]);
    assert_eq!(page.code(), ["b", "d", "g h"]);
    let blocks = page.blocks();
    let [(block, Some("test: x"))] = blocks[..] else {
        panic!("{blocks:?}")
    };
    let commands = [("a \\\n  b\n".to_owned(), Some("out\n".to_owned()))];
    assert_eq!(block.commands(), commands);
}
