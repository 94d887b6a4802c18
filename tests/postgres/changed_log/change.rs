//! What may happen to the log.

use sea_orm::ConnectionTrait as _;
use tempfile::TempDir;

use super::scene::Scene;
use crate::harness::{Cluster, Database, eventually, postgres, program, run};

/// A change to the log.
#[derive(Clone, Copy, Debug)]
pub enum Change {
    /// Statements of another program. The database may refuse them.
    Sql(&'static str),
    /// The same, after everything was trimmed.
    TrimAnd(&'static str),
    /// A standby that lacks the newest events takes over.
    FailOver,
    /// An earlier dump is restored.
    Restore,
    /// The database is dropped, and a new one created under its name.
    Replace,
}

impl Scene {
    /// Carries it out.
    pub async fn change(&mut self) {
        match self.change {
            Change::Sql(sql) => try_execute(&self.database, sql).await,
            Change::TrimAnd(sql) => {
                self.server.run(&["trim", "--older-than", "0s"]).await;
                try_execute(&self.database, sql).await;
            }
            Change::FailOver => self.fail_over().await,
            Change::Restore => self.restore().await,
            Change::Replace => replace(&self.database, &self.primary).await,
        }
    }

    async fn fail_over(&mut self) {
        let standby = self.standby.as_ref().expect("a standby");
        let copy = self.database.on(standby);
        let all = "SELECT id FROM events ORDER BY id";
        let expected: Vec<i64> = self.database.column(all).await;
        eventually("replication", || async {
            (copy.column::<i64>(all).await == expected).then_some(())
        })
        .await;
        standby.stop_receiving().await;
        // More than the ids that PostgreSQL skips when it recovers.
        self.post(20).await;
        self.until_all_is_shown().await;
        self.standby.as_ref().expect("a standby").promote().await;
        self.network.lead_to(&copy);
        self.network.cut();
        self.database = copy;
    }

    async fn restore(&mut self) {
        let directory = TempDir::new().expect("a temporary directory");
        let file = directory.path().join("dump");
        let url = self.database.url();
        let mut dump = postgres::program("pg_dump");
        dump.args(["--format=custom", "--file"])
            .args([file.as_os_str(), url.as_ref()]);
        run(&mut dump, "").await.printed();
        self.post(5).await;
        self.until_all_is_shown().await;
        let mut restore = postgres::program("pg_restore");
        restore
            .args(["--clean", "--if-exists", "--single-transaction", "--dbname"])
            .args([url.as_ref(), file.as_os_str()]);
        run(&mut restore, "").await.printed();
    }
}

/// Drops the database, and lets the program create it again.
async fn replace(database: &Database, cluster: &Cluster) {
    let administration = cluster.url("postgres");
    for sql in ["DROP DATABASE {} WITH (FORCE)", "CREATE DATABASE {}"] {
        let sql = sql.replace("{}", &database.name());
        let mut psql = postgres::program("psql");
        psql.args(["-qc", &sql, &administration]);
        run(&mut psql, "").await.printed();
    }
    for arguments in [&["migrate"][..], &["user", "add", "ada"]] {
        let mut command = program();
        command.args(arguments).env("DATABASE_URL", database.url());
        run(&mut command, "correct horse\n").await.printed();
    }
}

async fn try_execute(database: &Database, sql: &str) {
    let connection = database.connect().await;
    let _ = connection.execute_unprepared(sql).await;
    connection.close().await.expect("close");
}
