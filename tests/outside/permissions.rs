//! The database holds password hashes and sessions: whatever the umask, only its owner may read it.

use std::{fs::Permissions, os::unix::fs::PermissionsExt as _, path::Path};

use tokio::process::Command;

use crate::harness::{Database, Launch, Server, run};

const UMASKS: [&str; 3] = ["000", "022", "077"];

/// A shell that sets this umask and then executes what follows.
fn with_umask(umask: &str) -> [String; 4] {
    let script = format!("umask {umask}; exec \"$@\"");
    ["sh".to_owned(), "-c".to_owned(), script, "sh".to_owned()]
}

/// The files of a directory, and their permissions.
fn modes(directory: &Path) -> Vec<(String, u32)> {
    let entries = directory.read_dir().expect("a directory");
    let mut modes: Vec<_> = entries
        .map(|entry| {
            let entry = entry.expect("an entry");
            let mode = entry.metadata().expect("a file").permissions().mode();
            let name = entry.file_name().into_string().expect("a name");
            (name, mode & 0o7777)
        })
        .collect();
    modes.sort();
    modes
}

#[tokio::test]
async fn a_new_database_is_for_its_owner_only() {
    for umask in UMASKS {
        let database = Database::sqlite();
        let wrapper = with_umask(umask);
        let launch = Launch::default().by(&wrapper.each_ref().map(|it| &**it));
        let server = Server::launch(&database, launch).await;
        server.user("ada").await.board("one").await;
        let expected = ["dotcast.db", "dotcast.db-shm", "dotcast.db-wal"];
        let expected = expected.map(|name| (name.to_owned(), 0o600));
        assert_eq!(modes(database.directory()), expected, "umask {umask}");
    }
}

#[tokio::test]
async fn so_is_one_that_is_migrated_restored_or_backed_up() {
    for umask in UMASKS {
        let database = Database::sqlite();
        let directory = database.directory();
        for (arguments, file) in [
            (&["migrate", "up"][..], "dotcast.db"),
            (&["backup", "copy.db"], "copy.db"),
            (&["restore", "copy.db"], "dotcast.db"),
        ] {
            let [shell, flag, script, name] = with_umask(umask);
            let mut command = Command::new(shell);
            command
                .args([&flag, &script, &name, env!("CARGO_BIN_EXE_dotcast")])
                .args(arguments)
                .current_dir(directory)
                .env("DATABASE_URL", database.url());
            run(&mut command, "").await.printed();
            let modes = modes(directory);
            assert!(modes.iter().all(|(_, mode)| *mode == 0o600), "{modes:?}");
            assert!(modes.iter().any(|(name, _)| name == file), "{modes:?}");
        }
    }
}

/// Even if it replaces one that others may read, or none.
#[tokio::test]
async fn a_restored_database_is_for_its_owner_only_whatever_it_takes_the_place_of() {
    let database = Database::sqlite();
    let directory = database.directory();
    let dotcast = |arguments: &'static [&'static str]| {
        let mut command = crate::harness::program();
        command
            .args(arguments)
            .current_dir(directory)
            .env("DATABASE_URL", database.url());
        command
    };
    run(&mut dotcast(&["migrate"]), "").await.printed();
    run(&mut dotcast(&["backup", "copy.db"]), "")
        .await
        .printed();
    for mode in [Some(0o644), Some(0o600), None] {
        std::fs::set_permissions(directory.join("copy.db"), Permissions::from_mode(0o644))
            .expect("chmod");
        match mode {
            Some(mode) => {
                std::fs::set_permissions(database.file(), Permissions::from_mode(mode))
                    .expect("chmod");
            }
            None => std::fs::remove_file(database.file()).expect("rm"),
        }
        run(&mut dotcast(&["restore", "copy.db"]), "")
            .await
            .printed();
        let modes = modes(directory);
        let expected = [("copy.db", 0o644), ("dotcast.db", 0o600)];
        assert_eq!(modes, expected.map(|(name, mode)| (name.to_owned(), mode)));
    }
}
