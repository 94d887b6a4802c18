//! Each block of commands is run by a test, or it is said here why not; and each command and option that a page names
//! exists.

use std::{collections::BTreeSet, fs};

use clap::{Command, CommandFactory as _};
use dotcast::cli::Cli;

use super::{
    markdown::{Page, Piece, all, page, root},
    runbook,
    shown::{FOLLOWED, TRY_IT},
};

/// Blocks that no test runs: the page, how the block begins, and why.
pub const NOT_RUN: &[(&str, &str, &str)] = &[
    (
        "docs/BENCHMARKS.md",
        "$ make bench ",
        "takes an hour of an idle machine",
    ),
    (
        "docs/BENCHMARKS.md",
        "$ target/release/dotcast-load",
        "compares with an older program",
    ),
    (
        "docs/BENCHMARKS.md",
        "$ make bench-postgres",
        "takes a quarter of an hour of an idle machine",
    ),
    (
        "benches/README.md",
        "$ cargo build --release",
        "takes minutes of an idle machine",
    ),
    (
        "docs/SCALING.md",
        "$ make bench ",
        "takes a quarter of an hour of an idle machine",
    ),
    (
        "docs/RELEASING.md",
        "$ git worktree add",
        "needs the tag of the last release",
    ),
    (
        "docs/ADMINISTRATION.md",
        "systemd-run",
        "needs systemd as the first process",
    ),
    (
        "docs/ADMINISTRATION.md",
        "docker compose",
        "needs a container engine",
    ),
    ("docs/INSTALL.md", "make page", "builds what is tested here"),
    (
        "docs/INSTALL.md",
        "systemctl",
        "needs systemd as the first process; `make dist-check` starts one",
    ),
    (
        "README.md",
        "$ sudo tar",
        "`make dist-check` runs it in a clean system",
    ),
    (
        "README.md",
        "$ sudo dpkg",
        "`make dist-check` runs it in a clean system",
    ),
    (
        "README.md",
        "$ docker",
        "needs a container engine; `make dist-check` builds and runs the image",
    ),
    (
        "docs/UPGRADING.md",
        "systemctl",
        "needs systemd; deploy::rolling_restart restarts servers one after the other",
    ),
    (
        "docs/UPGRADING.md",
        "docker compose",
        "needs a container engine",
    ),
];

/// Why a block is not run.
pub fn not_run(path: &str, text: &str) -> Option<&'static str> {
    let mut known = NOT_RUN.iter();
    let entry = known.find(|(page, begin, _)| *page == path && text.starts_with(begin));
    entry.map(|(_, _, why)| *why)
}

#[test]
fn each_block_of_commands_is_run_or_says_why_not() {
    let mut used = BTreeSet::new();
    for path in all() {
        let page = page(&path);
        let shown: Vec<usize> = match path.as_str() {
            "README.md" => lines(page.section(TRY_IT)),
            path if FOLLOWED.contains(&path) => lines(&page.pieces),
            _ => Vec::new(),
        };
        for (block, comment) in page.blocks() {
            if !block.is_typed() {
                continue;
            }
            let excused = not_run(&path, &block.text);
            used.extend(excused.map(|why| (path.clone(), why)));
            let named = comment.is_some_and(|it| it.starts_with("test: "));
            let is_run = shown.contains(&block.line) || (path == runbook::PAGE && named);
            assert!(
                is_run || excused.is_some(),
                "{path}, line {}: no test runs this",
                block.line
            );
        }
    }
    for (page, begin, why) in NOT_RUN {
        let is_used = used.contains(&((*page).to_owned(), *why));
        assert!(is_used, "{page} has no block that begins with {begin}");
    }
}

fn lines(pieces: &[Piece]) -> Vec<usize> {
    let lines = pieces.iter().filter_map(|piece| match piece {
        Piece::Block(block) => Some(block.line),
        _ => None,
    });
    lines.collect()
}

/// Also what no test runs, and what stands in a sentence.
#[test]
fn commands_that_are_named_exist() {
    let cli = Cli::command();
    let targets = targets();
    let (mut count, mut wrong) = (0, Vec::new());
    for path in all() {
        for text in typed(&page(&path)) {
            let words: Vec<_> = text.split_whitespace().collect();
            // Programs of the project that are no commands of the server.
            if words
                .first()
                .is_some_and(|it| *it == "cargo" || it.contains("release/dotcast-"))
            {
                continue;
            }
            for (place, word) in words.iter().enumerate() {
                let rest = &words[place + 1..];
                let fault = match *word {
                    "make" if place == 0 && !rest.is_empty() => {
                        let is_name = rest[0]
                            .bytes()
                            .all(|it| it.is_ascii_lowercase() || it == b'-');
                        (is_name && !targets.contains(rest[0])).then(|| "no such target".to_owned())
                    }
                    word if word.starts_with("deploy/") => {
                        let is_there = root().join(word).exists();
                        (!is_there).then(|| "no such file".to_owned())
                    }
                    // In the container, too, which has the program as its entry point.
                    word if word.ends_with("/dotcast")
                        || word == "dotcast-1"
                        || (word == "dotcast" && begins(&words[..place])) =>
                    {
                        count += 1;
                        check(&cli, rest).err()
                    }
                    _ => None,
                };
                wrong.extend(fault.map(|what| format!("{path}: {text}: {what}")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 50, "{count}");
}

/// Whether a command begins behind these words.
fn begins(words: &[&str]) -> bool {
    let before = words.last();
    before.is_none_or(|it| ["|", "&&", "sudo", "dotcast-1"].contains(it))
}

/// What a page says to type: lines of blocks, and code in its text.
fn typed(page: &Page) -> Vec<String> {
    let mut typed = page.code();
    for (block, _) in page.blocks() {
        if block.is_typed() {
            let commands = block.commands().into_iter();
            let lines = commands.flat_map(|(command, _)| {
                let command = command.replace("\\\n", " ");
                command.lines().map(str::to_owned).collect::<Vec<_>>()
            });
            typed.extend(lines);
        }
    }
    typed
}

/// Checks the words behind the program's name, as far as they are a command of it.
fn check(cli: &Command, words: &[&str]) -> Result<(), String> {
    let mut command = cli;
    for word in words {
        // The end of the command.
        if ["|", ">", "&&", "&", ";", "dotcast"].contains(word) {
            break;
        }
        let word = word.trim_matches(['[', ']', '"', '\'', ';', ',', '…']);
        if let Some(option) = word.strip_prefix("--") {
            let name = option.split('=').next().unwrap_or_default();
            let is_known = command
                .get_arguments()
                .chain(cli.get_arguments())
                .any(|it| it.get_long() == Some(name));
            if !is_known && !["help", "version"].contains(&name) {
                return Err(format!("{} has no --{name}", command.get_name()));
            }
        } else if command.has_subcommands()
            && word.bytes().all(|it| it.is_ascii_lowercase())
            && !word.is_empty()
        {
            // `[up|status]`
            let found = command.find_subcommand(word);
            command = found.ok_or_else(|| format!("there is no command {word}"))?;
        }
    }
    Ok(())
}

/// Options that a page names by themselves are options of the program, or of another that is named here.
#[test]
fn options_that_are_named_exist() {
    fn options(command: &Command, names: &mut BTreeSet<String>) {
        names.extend(
            command
                .get_arguments()
                .filter_map(|it| it.get_long())
                .map(str::to_owned),
        );
        for it in command.get_subcommands() {
            options(it, names);
        }
    }
    const OF_OTHERS: [(&str, &str); 4] = [
        ("data-only", "pg_restore"),
        ("disable-triggers", "pg_restore"),
        ("help", "every program"),
        ("ulimit", "docker"),
    ];
    let mut known = BTreeSet::new();
    options(&Cli::command(), &mut known);
    known.extend(OF_OTHERS.map(|(name, _)| name.to_owned()));
    let mut wrong = Vec::new();
    for path in all() {
        for code in page(&path).code() {
            if !code.starts_with("--") || path.starts_with("benches/") {
                continue;
            }
            for word in code.split_whitespace() {
                let Some(option) = word.strip_prefix("--") else {
                    continue;
                };
                let name = option
                    .split(['=', ',', ']', ';'])
                    .next()
                    .unwrap_or_default();
                if !known.contains(name) {
                    wrong.push(format!("{path}: {code}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn metrics_that_are_named_exist() {
    let metrics = fs::read_to_string(root().join("docs/METRICS.md")).expect("the metrics");
    for path in all() {
        for code in page(&path).code() {
            let end = code.find(|it: char| !(it.is_ascii_lowercase() || it == '_'));
            let name = &code[..end.unwrap_or(code.len())];
            let is_known = metrics.contains(&format!("| `{name}` |"));
            // Crates have such names, too.
            let is_crate = ["dotcast_client", "dotcast_log"].contains(&name);
            assert!(
                !name.starts_with("dotcast_") || is_known || is_crate,
                "{path}: {code}"
            );
        }
    }
}

fn targets() -> BTreeSet<String> {
    let makefile = fs::read_to_string(root().join("Makefile")).expect("the Makefile");
    let rules = makefile
        .lines()
        .filter(|it| !it.starts_with(['\t', '#', ' ']));
    let names = rules.filter_map(|line| line.split_once(':'));
    names.map(|(name, _)| name.to_owned()).collect()
}
