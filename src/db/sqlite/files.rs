//! Whether the open files are still the ones that their paths name. SQLite carries on with a file that was deleted or
//! replaced, and what it writes there is gone with the last connection.

use std::{
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

/// The suffixes that SQLite adds to the name of a database in WAL mode.
const SUFFIXES: [&str; 3] = ["", "-wal", "-shm"];

/// The files of a database, as they were when it was opened.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    files: Vec<(PathBuf, Option<FileId>)>,
}

/// Device and inode.
type FileId = (u64, u64);

impl Files {
    /// The files of the database at `path`, which is open.
    pub(super) fn of(path: &Path) -> Self {
        let with = |suffix| {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            let path = PathBuf::from(name);
            let identity = identity(&path).ok();
            (path, identity)
        };
        Self {
            files: SUFFIXES.map(with).into(),
        }
    }

    /// The first file that is no longer the one that was opened, if any.
    pub(crate) fn strange(&self) -> Option<&Path> {
        let strange = self
            .files
            .iter()
            .find(|(path, opened)| match identity(path) {
                Ok(now) => opened.is_some_and(|opened| opened != now),
                Err(error) => opened.is_some() && error.kind() == io::ErrorKind::NotFound,
            });
        strange.map(|(path, _)| path.as_path())
    }
}

fn identity(path: &Path) -> io::Result<FileId> {
    let data = fs::metadata(path)?;
    Ok((data.dev(), data.ino()))
}
