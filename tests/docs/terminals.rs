//! Shells in which the commands of a page are typed, in one folder.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::Path,
    process::Stdio,
    sync::{Arc, Mutex},
};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use super::markdown::{Block, Piece};
use crate::harness::{
    PATIENCE,
    postgres::binaries,
    server::{lines_of, without_settings},
    within,
};

/// The address that the pages use.
const SHOWN: &str = "127.0.0.1:8000";

/// The version that the pages show, whichever it is.
const VERSION: &str = "0.1.0";

/// Printed when a command has ended, around its exit code.
const MARK: char = '\u{1e}';

/// The terminals of somebody who follows a page.
///
/// A comment before a block says where it is typed: `<!-- terminal: NAME -->`, or `<!-- terminal: NAME; runs on -->` if its
/// last command does not end by itself. Blocks without a comment are typed in the first terminal. A block that is no
/// shell's is what the terminal prints further on. `<!-- ctrl-c: NAME -->` ends what runs there.
pub struct Terminals<'a> {
    folder: &'a Path,
    address: SocketAddr,
    open: BTreeMap<String, Terminal>,
}

impl<'a> Terminals<'a> {
    /// In this folder. What the page says of `127.0.0.1:8000` holds for this address.
    pub fn new(folder: &'a Path, address: SocketAddr) -> Self {
        Self {
            folder,
            address,
            open: BTreeMap::new(),
        }
    }

    /// Starts a server in the terminal `server`, and waits until it is ready.
    pub async fn start_server(&mut self) {
        for (line, terminal) in [
            ("dotcast serve", "server; runs on"),
            ("dotcast healthcheck --wait 1m", ""),
        ] {
            let block = Block {
                language: "sh".to_owned(),
                text: format!("{line}\n"),
                line: 0,
            };
            self.block(&block, Place::read(terminal)).await;
        }
    }

    /// Does what the pieces say, in order. Returns how many blocks there were.
    pub async fn follow(&mut self, pieces: &[Piece]) -> usize {
        let mut place = Place::default();
        let mut blocks = 0;
        for piece in pieces {
            match piece {
                Piece::Comment(text) => match text.split_once(": ") {
                    Some(("terminal", name)) => place = Place::read(name),
                    Some(("ctrl-c", name)) => {
                        let terminal = self.open.get_mut(name);
                        terminal.expect("an open terminal").interrupt().await;
                    }
                    _ => panic!("an unknown comment: {text}"),
                },
                Piece::Block(block) => {
                    self.block(block, std::mem::take(&mut place)).await;
                    blocks += 1;
                }
                Piece::Heading(..) | Piece::Text(_) => {}
            }
        }
        blocks
    }

    async fn block(&mut self, block: &Block, place: Place) {
        let here = |text: &str| text.replace(SHOWN, &self.address.to_string());
        if !block.is_typed() {
            let terminal = self.open.get_mut(&place.name);
            let terminal = terminal.expect("an open terminal prints this");
            return terminal.prints(&here(&block.text)).await;
        }
        let commands: Vec<_> = block
            .commands()
            .into_iter()
            .map(|(command, output)| (here(&command), output.as_deref().map(here)))
            .collect();
        if !self.open.contains_key(&place.name) {
            let terminal = Terminal::open(self.folder, self.address).await;
            self.open.insert(place.name.clone(), terminal);
        }
        let terminal = self.open.get_mut(&place.name).expect("it is open");
        let count = commands.len();
        for (number, (command, output)) in commands.iter().enumerate() {
            let runs_on = place.runs_on && number + 1 == count;
            terminal.type_in(command, output.as_deref(), runs_on).await;
        }
    }
}

/// Where a block is typed.
#[derive(Default)]
struct Place {
    name: String,
    runs_on: bool,
}

impl Place {
    fn read(text: &str) -> Self {
        let name = text.strip_suffix("; runs on");
        Self {
            name: name.unwrap_or(text).to_owned(),
            runs_on: name.is_some(),
        }
    }
}

/// A shell.
struct Terminal {
    shell: Child,
    keyboard: ChildStdin,
    screen: ChildStdout,
    /// What it printed and nobody has looked at.
    printed: Vec<u8>,
    /// What went to standard error, which pages do not show: curl's progress, the server's log.
    errors: Arc<Mutex<String>>,
}

impl Terminal {
    async fn open(folder: &Path, address: SocketAddr) -> Self {
        let mut shell = Command::new("bash");
        without_settings(&mut shell);
        let shell = shell
            .args(["--noprofile", "--norc"])
            .current_dir(folder)
            .env("PATH", path())
            .env("HOME", folder)
            .env("DOTCAST_LISTEN", address.to_string())
            .env("DOTCAST_URL", format!("http://{address}"))
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut shell = shell.expect("bash is installed: apt-get install bash");
        let errors = Arc::<Mutex<String>>::default();
        lines_of(
            shell.stderr.take().expect("stderr"),
            Some(Arc::clone(&errors)),
        );
        let mut terminal = Self {
            keyboard: shell.stdin.take().expect("stdin"),
            screen: shell.stdout.take().expect("stdout"),
            shell,
            printed: Vec::new(),
            errors,
        };
        // Ctrl-C ends the command and not the shell, as on a terminal. A command that fails is remembered.
        let set_up = "trap : INT; trap 'failed=$?' ERR; set -o pipefail\n";
        terminal.send(set_up).await;
        terminal
    }

    async fn send(&mut self, text: &str) {
        let written = self.keyboard.write_all(text.as_bytes()).await;
        written.unwrap_or_else(|error| panic!("{error}: {}", self.told()));
    }

    /// Types a command, which prints this and succeeds; unless it runs on, until it ends.
    async fn type_in(&mut self, command: &str, output: Option<&str>, runs_on: bool) {
        let command = command.trim_end();
        self.send(&format!(
            "failed=0\n{command}\nprintf '{MARK}%s{MARK}' $failed\n"
        ))
        .await;
        if runs_on {
            self.prints(output.unwrap_or_default()).await;
            return;
        }
        let (printed, code) = self.read_to_mark(command).await;
        assert_eq!(code, "0", "{command}\n{printed}\n{}", self.told());
        if let Some(output) = output {
            assert!(
                matches(&printed, output),
                "{command}\nprints\n{printed}\nand the page shows\n{output}\n{}",
                self.told()
            );
        }
    }

    /// Waits until exactly this has been printed.
    async fn prints(&mut self, expected: &str) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let printed = String::from_utf8_lossy(&self.printed);
            if matches(&printed, expected) {
                break;
            }
            let message = format!("expected\n{expected}\nand got\n{printed}\n{}", self.told());
            let more = tokio::time::timeout_at(deadline, self.read()).await;
            more.expect(&message);
        }
        self.printed.clear();
    }

    /// What is printed up to the next mark, and the exit code in it.
    async fn read_to_mark(&mut self, command: &str) -> (String, String) {
        within(command, async {
            loop {
                let text = String::from_utf8_lossy(&self.printed).into_owned();
                let mut parts = text.split(MARK);
                if let (Some(printed), Some(code), Some(_)) =
                    (parts.next(), parts.next(), parts.next())
                {
                    self.printed.clear();
                    return (printed.to_owned(), code.to_owned());
                }
                self.read().await;
            }
        })
        .await
    }

    async fn read(&mut self) {
        let count = self.screen.read_buf(&mut self.printed).await;
        let count = count.expect("output");
        assert!(count > 0, "the shell has ended: {}", self.told());
    }

    /// Presses Ctrl-C and waits for the end of the command.
    async fn interrupt(&mut self) {
        let id = self.shell.id().expect("a running shell");
        let id = Pid::from_raw(i32::try_from(id).expect("a process id")).expect("a process id");
        kill_process_group(id, Signal::INT).expect("kill");
        self.read_to_mark("Ctrl-C").await;
    }

    fn told(&self) -> String {
        self.errors.lock().expect("a log").clone()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // With what runs in it.
        if let Some(id) = self.shell.id()
            && let Some(id) = i32::try_from(id).ok().and_then(Pid::from_raw)
        {
            let _ = kill_process_group(id, Signal::KILL);
        }
    }
}

/// The program and PostgreSQL's can be typed by their names.
pub fn path() -> std::ffi::OsString {
    let programs = Path::new(env!("CARGO_BIN_EXE_dotcast")).parent();
    let mut path = vec![programs.expect("a directory").to_owned(), binaries()];
    path.extend(std::env::split_paths(
        &std::env::var_os("PATH").expect("PATH"),
    ));
    std::env::join_paths(path).expect("a path")
}

/// Whether this is what a page shows. Times may differ, and `…` stands for anything.
fn matches(printed: &str, shown: &str) -> bool {
    let printed = printed.replace(env!("CARGO_PKG_VERSION"), VERSION);
    let printed = without_times(printed.trim_matches('\n'));
    let shown = without_times(shown.trim_matches('\n'));
    let mut parts = shown.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = printed.strip_prefix(first) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        let Some((_, behind)) = rest.split_once(part) else {
            return false;
        };
        rest = behind;
        last = Some(part);
    }
    // Behind a `…` at the end there may be anything.
    rest.is_empty() || last.is_some_and(|part| part.is_empty() || printed.ends_with(part))
}

/// `2026-11-22T05:01:12.283945+00:00` and `2026-11-22T05:01:12Z` become `TIME`.
fn without_times(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("20") {
        plain.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest
            .find(|it: char| !(it.is_ascii_digit() || "-:.+TZ".contains(it)))
            .unwrap_or(rest.len());
        let is_time = chrono::DateTime::parse_from_rfc3339(&rest[..end]).is_ok();
        // Not only a part of another word.
        let (word, behind) = rest.split_at(if is_time { end } else { 2 });
        plain.push_str(if is_time { "TIME" } else { word });
        rest = behind;
    }
    plain + rest
}

#[test]
fn only_what_is_shown_matches() {
    let time = "{\"id\":1,\"at\":\"2026-11-22T05:01:12.283945+00:00\"}";
    for (printed, shown, is_match) in [
        ("a\n", "a", true),
        ("a", "b", false),
        ("a\nb", "a", false),
        ("", "a", false),
        ("token abc.", "token ….", true),
        ("token abc", "token ….", false),
        ("a b c d", "a … c …", true),
        ("20 a 2026", "20 a 2026", true),
        ("20 a 2026", "20 a 2027", false),
        (time, &time.replace("05:01", "06:02"), true),
        (time, &time.replace("1,", "2,"), false),
    ] {
        assert_eq!(matches(printed, shown), is_match, "{printed} {shown}");
    }
}
