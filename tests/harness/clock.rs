//! A wall clock that a test sets while a program runs, by `libfaketime`. The speed of time is left alone; only the
//! date changes.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use super::postgres::readable_directory;

/// The file that the programs keep reading the time from.
pub struct Clock {
    directory: TempDir,
}

impl Clock {
    /// A clock that is right.
    pub fn new() -> Self {
        let clock = Self {
            directory: readable_directory(),
        };
        clock.set("+0");
        clock.compile_early_malloc();
        clock
    }

    /// A clock that is wrong from the start.
    pub fn ahead(offset: &str) -> Self {
        let clock = Self::new();
        clock.set(offset);
        clock
    }

    /// Sets it, as an offset to the true time: `+10y`, `-1d`.
    pub fn set(&self, offset: &str) {
        // Renamed into place, so that nobody reads half of it.
        let next = self.directory.path().join("next");
        std::fs::write(&next, format!("{offset}\n")).expect("write");
        std::fs::rename(next, self.file()).expect("rename");
    }

    fn file(&self) -> PathBuf {
        self.directory.path().join("time")
    }

    fn early_malloc(&self) -> PathBuf {
        self.directory.path().join("early_malloc.so")
    }

    fn compile_early_malloc(&self) {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/harness/early_malloc.c");
        // The compiler that built jemalloc.
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-fno-builtin", "-Wl,-z,initfirst", "-o"])
            .arg(self.early_malloc())
            .arg(source)
            .status();
        assert!(compiled.expect("a C compiler as `cc`").success());
    }

    /// The environment of a program that uses this clock.
    pub fn environment(&self) -> Vec<(String, String)> {
        let file = self.file().display().to_string();
        [
            (
                "LD_PRELOAD",
                format!("{} {}", self.early_malloc().display(), library()),
            ),
            ("FAKETIME_TIMESTAMP_FILE", file),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }
}

/// The variant for programs with threads.
fn library() -> String {
    const NAME: &str = "faketime/libfaketimeMT.so.1";
    let parents = ["/usr/lib", "/usr/lib64", "/usr/local/lib"].map(Path::new);
    let below = Path::new("/usr/lib").read_dir().into_iter().flatten();
    let below = below.flatten().map(|entry| entry.path());
    parents
        .into_iter()
        .map(Path::to_owned)
        .chain(below)
        .map(|parent| parent.join(NAME))
        .find(|it| it.exists())
        .expect("libfaketime is missing: apt-get install faketime")
        .display()
        .to_string()
}
