//! "Try it" in the README does what the README shows.

use std::process::Stdio;

use tokio::{
    io::AsyncReadExt as _,
    process::{Child, Command},
};

use crate::harness::{Server, within};

/// A fenced block of the README.
struct Block {
    is_console: bool,
    text: String,
}

#[tokio::test]
async fn what_the_readme_shows_is_what_happens() {
    let server = Server::start().await;
    let mut variables = String::new();
    let mut stream = None;
    for block in blocks_of_try_it() {
        let text = block.text.replace("http://127.0.0.1:8000", &server.url);
        if !block.is_console {
            // The open stream continues with this; afterwards the reader is told to cut it.
            let mut open: Child = stream.take().expect("an open stream");
            read(&mut open, &text).await;
            continue;
        }
        let (commands, output) = split(&text);
        if commands.starts_with("curl -N") {
            let mut opened = shell(&commands);
            read(&mut opened, &output).await;
            stream = Some(opened);
        } else {
            // Each block uses the variables of the earlier ones.
            let mut child = shell(&format!("{variables}\n{commands}"));
            read(&mut child, &output).await;
            assert!(
                within("the end of the commands", child.wait())
                    .await
                    .expect("wait")
                    .success()
            );
            let assignments = commands.lines().filter(|line| is_assignment(line));
            for line in assignments {
                variables.push_str(line);
                variables.push('\n');
            }
        }
    }
}

fn blocks_of_try_it() -> Vec<Block> {
    let readme = include_str!("../README.md");
    let (_, section) = readme.split_once("## Try it").expect("the section");
    let (section, _) = section.split_once("\n## ").expect("its end");
    let mut blocks = Vec::new();
    let mut parts = section.split("\n```");
    parts.next();
    while let Some(block) = parts.next() {
        let (language, text) = block.split_once('\n').expect("a block");
        blocks.push(Block {
            is_console: language == "console",
            text: format!("{text}\n"),
        });
        parts.next();
    }
    assert_eq!(blocks.len(), 6, "the README has changed; look at this test");
    blocks
}

/// Commands (after `$`, each on one line) and what they print.
fn split(text: &str) -> (String, String) {
    let text = text.replace("\\\n", "");
    let (commands, output): (Vec<_>, Vec<_>) =
        text.lines().partition(|line| line.starts_with("$ "));
    let commands: Vec<_> = commands.into_iter().map(|line| &line[2..]).collect();
    let mut output = output.join("\n");
    output.push('\n');
    (commands.join("\n"), output)
}

fn is_assignment(line: &str) -> bool {
    line.split_once('=')
        .is_some_and(|(name, _)| name.bytes().all(|byte| byte.is_ascii_uppercase()))
}

fn shell(commands: &str) -> Child {
    Command::new("bash")
        .args(["-c", commands])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("bash and curl are installed: apt-get install bash curl")
}

/// Reads exactly the expected output. Only times may differ.
async fn read(child: &mut Child, expected: &str) {
    let expected = without_times(expected.trim_end_matches('\n'));
    let output = child.stdout.as_mut().expect("stdout");
    let mut bytes = Vec::new();
    within(&expected, async {
        let mut seen = String::new();
        while seen != expected {
            let mut buffer = [0; 4096];
            let count = output.read(&mut buffer).await.expect("output");
            assert!(count > 0, "expected {expected:?}, got {seen:?} and no more");
            bytes.extend_from_slice(&buffer[..count]);
            seen = without_times(String::from_utf8_lossy(&bytes).trim_end_matches('\n'));
            // More output than expected is as wrong as less.
            assert!(
                expected.starts_with(&seen) || seen.len() < expected.len(),
                "{seen:?}"
            );
        }
    })
    .await;
}

/// `2026-11-22T05:01:12.283945+00:00` becomes `TIME`.
fn without_times(text: &str) -> String {
    let mut parts = text.split("\"20");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('"') {
            Some((time, rest)) if time.ends_with("+00:00") => {
                plain.push_str("\"TIME\"");
                plain.push_str(rest);
            }
            _ => {
                plain.push_str("\"20");
                plain.push_str(part);
            }
        }
    }
    plain
}
