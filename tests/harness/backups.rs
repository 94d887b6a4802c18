//! Backups and restores as an operator makes them: with the program's own commands on SQLite, and with PostgreSQL's.

use std::path::Path;

use url::Url;

use super::{Database, dotcast_on, postgres::program, run};

impl Database {
    /// Makes a backup, with or without a running server.
    pub async fn back_up(&self, file: &Path) {
        let file = file.to_str().expect("text");
        if self.is_postgres() {
            let mut dump = program("pg_dump");
            dump.args(["-Fc", "-f", file, &self.url()]);
            run(&mut dump, "").await.printed();
        } else {
            dotcast_on(self, &["backup", file]).await.printed();
        }
    }

    /// Replaces the database with a backup; its server must have ended. On PostgreSQL nothing says which ids were
    /// given out since, so `log_break` does: the arguments of `dotcast log break`.
    pub async fn restore(&self, file: &Path, log_break: &[&str]) {
        let file = file.to_str().expect("text");
        if self.is_postgres() {
            self.make_anew().await;
            let mut restore = program("pg_restore");
            restore.args(["--exit-on-error", "-d", &self.url(), file]);
            run(&mut restore, "").await.printed();
            let log_break = [&["log", "break"], log_break].concat();
            let told = dotcast_on(self, &log_break).await.printed();
            assert!(told.contains(" are gone"), "{told}");
        } else {
            dotcast_on(self, &["restore", file]).await.printed();
        }
    }

    /// Destroys the data; on SQLite with the file.
    pub async fn make_anew(&self) {
        if !self.is_postgres() {
            for suffix in ["", "-wal", "-shm"] {
                let file = format!("{}{suffix}", self.file().display());
                // Not all of them need to exist.
                let _ = std::fs::remove_file(file);
            }
            return;
        }
        let mut server = Url::parse(&self.url()).expect("a URL");
        let name = server.path()[1..].to_owned();
        server.set_path("postgres");
        for sql in [
            format!("DROP DATABASE {name} WITH (FORCE)"),
            format!("CREATE DATABASE {name} TEMPLATE template0"),
        ] {
            let mut psql = program("psql");
            psql.args(["-qX", "-c", &sql, server.as_str()]);
            run(&mut psql, "").await.printed();
        }
    }
}
