//! Files that appear as a whole or not at all.

use std::{
    ffi::OsString,
    fs::{self, File, TryLockError},
    io,
    os::unix::fs::{MetadataExt as _, chown},
    path::{Path, PathBuf},
};

use tempfile::TempPath;

/// Suffixes of the files that SQLite puts beside a database.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// A file that will be moved to another name in its directory. Dropped before that, it is deleted.
#[derive(Debug)]
pub(super) struct Partial {
    file: TempPath,
    beside: Beside,
}

/// Whatever SQLite leaves beside a file; deleted when this is dropped.
#[derive(Debug)]
struct Beside(PathBuf);

impl Drop for Beside {
    fn drop(&mut self) {
        // Leftovers are of no use, and do no harm.
        let _ = remove_beside(&self.0);
    }
}

impl Partial {
    /// An empty file in the directory of `path` that only its owner can read.
    pub(super) fn beside(path: &Path) -> io::Result<Self> {
        let mut prefix = path.file_name().unwrap_or_default().to_owned();
        prefix.push(".partial-");
        // Closed at once: closing the descriptor later would release SQLite's locks.
        let file = tempfile::Builder::new()
            .prefix(&prefix)
            .tempfile_in(directory(path))?
            .into_temp_path();
        let beside = Beside(file.to_path_buf());
        Ok(Self { file, beside })
    }

    pub(super) fn path(&self) -> &Path {
        &self.file
    }

    /// Makes the owner of `path` its owner.
    pub(super) fn give_to_owner_of(&self, path: &Path) -> io::Result<()> {
        let (ours, theirs) = (fs::metadata(&self.file)?, fs::metadata(path)?);
        if (ours.uid(), ours.gid()) == (theirs.uid(), theirs.gid()) {
            return Ok(());
        }
        chown(&self.file, Some(theirs.uid()), Some(theirs.gid()))
    }

    /// Waits until its content is on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        File::open(&self.file)?.sync_all()
    }

    /// Moves it to `path`, which must not exist.
    ///
    /// # Errors
    /// Also if `path` exists.
    pub(super) fn become_new(self, path: &Path) -> io::Result<()> {
        let Self { file, beside } = self;
        file.persist_noclobber(path)
            .map_err(|failed| failed.error)?;
        drop(beside);
        sync_directory(path)
    }

    /// Moves it to `path`, replacing what is there.
    pub(super) fn replace(self, path: &Path) -> io::Result<()> {
        let Self { file, beside } = self;
        file.persist(path).map_err(|failed| failed.error)?;
        drop(beside);
        sync_directory(path)
    }
}

/// The files that SQLite puts beside a database.
pub(super) fn beside(path: &Path) -> impl Iterator<Item = PathBuf> + '_ {
    BESIDE.iter().map(move |end| {
        let mut name = OsString::from(path);
        name.push(end);
        name.into()
    })
}

/// Deletes the files that SQLite puts beside a database.
pub(super) fn remove_beside(path: &Path) -> io::Result<()> {
    for file in beside(path) {
        match fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Waits until the names in the directory of `path` are on the disk.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(directory(path))?.sync_all()
}

/// The only one, among those that ask for it, to exchange files in the directory of `path`, until this is dropped or
/// the process ends; `None` while somebody else is.
///
/// It is an `flock` of the directory, so nothing stays behind, and SQLite's locks have nothing to do with it. A file system
/// that cannot do this, as some in a network, gives it to everybody: who may have the database is for SQLite's locks to say.
///
/// # Errors
/// If there is no such directory.
pub(super) fn take_directory(path: &Path) -> io::Result<Option<File>> {
    let directory = File::open(directory(path))?;
    match directory.try_lock() {
        Err(TryLockError::WouldBlock) => Ok(None),
        Ok(()) | Err(TryLockError::Error(_)) => Ok(Some(directory)),
    }
}

/// The location of `path` with all links resolved, whether it exists or not.
pub(super) fn resolve(path: &Path) -> io::Result<PathBuf> {
    match fs::canonicalize(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let directory = fs::canonicalize(directory(path))?;
            Ok(directory.join(path.file_name().ok_or(error)?))
        }
        resolved => resolved,
    }
}

fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}
