//! `dotcast completions` and `dotcast man`.

use std::{collections::BTreeSet, fs};

use tempfile::TempDir;
use tokio::process::Command;

use super::options::dotcast;
use crate::harness::run;

/// The pages that there are: one for the program and one for each command, and each command of a command.
const PAGES: [&str; 29] = [
    "dotcast",
    "dotcast-backup",
    "dotcast-completions",
    "dotcast-config",
    "dotcast-config-check",
    "dotcast-consumers",
    "dotcast-healthcheck",
    "dotcast-log",
    "dotcast-log-break",
    "dotcast-log-state",
    "dotcast-man",
    "dotcast-migrate",
    "dotcast-openapi",
    "dotcast-restore",
    "dotcast-serve",
    "dotcast-tail",
    "dotcast-trim",
    "dotcast-user",
    "dotcast-user-add",
    "dotcast-user-delete",
    "dotcast-user-demote",
    "dotcast-user-disable",
    "dotcast-user-enable",
    "dotcast-user-erase",
    "dotcast-user-list",
    "dotcast-user-passwd",
    "dotcast-user-promote",
    "dotcast-user-sessions",
    "dotcast-user-sessions-end",
];

#[tokio::test]
async fn each_command_has_a_page() {
    let directory = TempDir::new().expect("a directory");
    let out = directory.path().join("share/man1");
    let path = out.display().to_string();
    let printed = dotcast(&["man", "--out", &path], &[]).await.printed();
    assert_eq!(printed, "");
    let pages = fs::read_dir(&out).expect("the directory");
    let names = pages.map(|page| page.expect("a page").file_name());
    let names: BTreeSet<_> = names.map(|it| it.into_string().expect("text")).collect();
    let expected = PAGES.iter().map(|name| format!("{name}.1"));
    assert_eq!(names, expected.collect());

    let serve = fs::read_to_string(out.join("dotcast-serve.1")).expect("a page");
    for option in ["retention", "DOTCAST_RETENTION", "30d"] {
        assert!(serve.contains(option), "{option}");
    }
    let whole = dotcast(&["man"], &[]).await.printed();
    let page = fs::read_to_string(out.join("dotcast.1")).expect("a page");
    assert!(whole.starts_with(".ie") && page.starts_with(".ie"), "roff");

    // A file is no directory.
    let file = out.join("dotcast.1").display().to_string();
    let complaint = dotcast(&["man", "--out", &file], &[]).await.complaint(1);
    assert!(complaint.contains(&file), "{complaint}");
}

#[tokio::test]
async fn shells_complete_commands_and_options() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = dotcast(&["completions", shell], &[]).await.printed();
        for word in ["healthcheck", "passwd", "max-streams"] {
            assert!(script.contains(word), "{word} for {shell}");
        }
    }
    let complaint = dotcast(&["completions", "tcsh"], &[]).await.complaint(2);
    assert!(complaint.contains("zsh"), "{complaint}");
}

/// The script works in the shell that every machine for these tests has.
#[tokio::test]
async fn bash_completes_with_the_script() {
    let script = dotcast(&["completions", "bash"], &[]).await.printed();
    for (words, expected) in [
        (&["dotcast", "heal"][..], "healthcheck"),
        (&["dotcast", "user", "pas"], "passwd"),
        (&["dotcast", "serve", "--retent"], "--retention"),
        (&["dotcast", "openapi", "--format", "ya"], "yaml"),
        (&["dotcast", "openapi", "--version", "3.2"], "3.2"),
    ] {
        let [.., before, last] = words else {
            unreachable!("two words at least")
        };
        let complete = format!(
            "{script}\nCOMP_WORDS=({}); COMP_CWORD={}; _dotcast dotcast {last} {before}; echo \"${{COMPREPLY[@]}}\"",
            words.join(" "),
            words.len() - 1,
        );
        let mut bash = Command::new("bash");
        bash.args(["--norc", "-c", &complete]);
        let printed = run(&mut bash, "").await.printed();
        assert_eq!(printed.trim(), expected, "{words:?}");
    }
}
