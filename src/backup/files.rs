//! Files that are there as a whole or not at all.

use std::{
    ffi::OsString,
    fs::{self, File},
    io,
    os::unix::fs::{MetadataExt as _, chown},
    path::{Path, PathBuf},
};

use tempfile::TempPath;

/// What SQLite puts beside a database, by the ends of their names.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// A file under way to another name in its directory. Dropped before it is there, it is deleted.
#[derive(Debug)]
pub(super) struct Partial {
    file: TempPath,
    beside: Beside,
}

/// What SQLite may have left beside a file; deleted when this is dropped.
#[derive(Debug)]
struct Beside(PathBuf);

impl Drop for Beside {
    fn drop(&mut self) {
        // What stays is of no use to anybody, and in nobody's way.
        let _ = remove_beside(&self.0);
    }
}

impl Partial {
    /// An empty file, its owner's alone, in the directory of `path`.
    pub(super) fn beside(path: &Path) -> io::Result<Self> {
        let mut prefix = path.file_name().unwrap_or_default().to_owned();
        prefix.push(".partial-");
        // Closed at once: SQLite's locks would go with a descriptor that is closed later.
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

    /// Gives it to whom `path` belongs.
    pub(super) fn give_to_owner_of(&self, path: &Path) -> io::Result<()> {
        let (ours, theirs) = (fs::metadata(&self.file)?, fs::metadata(path)?);
        if (ours.uid(), ours.gid()) == (theirs.uid(), theirs.gid()) {
            return Ok(());
        }
        chown(&self.file, Some(theirs.uid()), Some(theirs.gid()))
    }

    /// Waits until all that is in it is on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        File::open(&self.file)?.sync_all()
    }

    /// Moves it to `path`, where nothing is.
    ///
    /// # Errors
    /// Also when there is something.
    pub(super) fn become_new(self, path: &Path) -> io::Result<()> {
        let Self { file, beside } = self;
        file.persist_noclobber(path)
            .map_err(|failed| failed.error)?;
        drop(beside);
        sync_directory(path)
    }

    /// Moves it to `path`, in the place of what is there.
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

/// Deletes them.
pub(super) fn remove_beside(path: &Path) -> io::Result<()> {
    for file in beside(path) {
        match fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Waits until it is on the disk which names are in the directory of `path`.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(directory(path))?.sync_all()
}

/// Where `path` is, or would be, behind all links: a name there is the file's own.
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
