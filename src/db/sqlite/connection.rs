//! The connection that writes, and what runs before its next statement. Each round trip to the connection's thread
//! costs more than a short statement, so `BEGIN` and the like travel with the statement that follows them, and so do
//! statements for whose result nobody waits.

use std::mem;

use sea_orm::{DbBackend, DbErr, Statement, sea_query::Values, sqlx::Sqlite};

use super::{Opening, Threaded};
use crate::db::{
    condition::Condition,
    driver::{Command, Driver as _, Reply, connection_error, statement_error},
};

/// Statements without values or results, each ended by a semicolon.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Preamble(pub(super) &'static str);

impl Preamble {
    fn statements(&self) -> usize {
        self.0.matches(';').count()
    }
}

/// An open connection.
#[derive(Debug)]
pub(super) struct Connection {
    sqlite: Threaded,
    condition: Condition,
    /// What to run before the next statement. It is kept until it has run.
    pub(super) preamble: Option<&'static Preamble>,
    /// A statement, or several, to run before the next one. There is none while there is a preamble.
    kept: Option<Statement>,
    /// Whether something that was kept may not have run, so that the turn must not be committed.
    lacks_kept: bool,
    /// Whether a statement has failed, or was cut off, since this was last reset.
    pub(super) failed: bool,
}

impl Connection {
    pub(super) async fn open(opening: &Opening, condition: &Condition) -> Result<Self, DbErr> {
        Ok(Self {
            sqlite: Sqlite::open(opening).await.map_err(connection_error)?,
            condition: condition.clone(),
            preamble: None,
            kept: None,
            lacks_kept: false,
            failed: false,
        })
    }

    /// Waits for statements under way.
    pub(super) async fn close(self) -> Result<(), DbErr> {
        Sqlite::close(self.sqlite).await.map_err(connection_error)
    }

    /// Begins a turn, with this before its first statement.
    pub(super) fn begin(&mut self, preamble: &'static Preamble) {
        self.preamble = Some(preamble);
        self.kept = None;
        self.lacks_kept = false;
        self.failed = false;
    }

    /// Ends a turn. Returns whether it has begun, or may have. What it has kept is part of it only if it is to be
    /// committed.
    pub(super) fn end(&mut self, commits: bool) -> bool {
        if !commits {
            self.kept = None;
        }
        self.preamble.take().is_none()
    }

    /// Whether the turn may be committed: everything that was kept in it has run, or will with the commit.
    pub(super) fn is_whole(&self) -> bool {
        !self.lacks_kept
    }

    /// Keeps a statement until the next one. Only behind one that has succeeded is it certain that a transaction is open
    /// then; otherwise the statement is returned.
    pub(super) fn keep(&mut self, statement: Statement) -> Result<(), Statement> {
        if self.preamble.is_some() || self.failed {
            return Err(statement);
        }
        self.kept = Some(match self.kept.take() {
            Some(kept) => both(kept, statement),
            None => statement,
        });
        Ok(())
    }

    /// Runs what was kept now.
    pub(super) async fn run_kept(&mut self) -> Result<(), DbErr> {
        if let Some(kept) = self.kept.take() {
            self.run(Command::all_of(kept)).await?;
        }
        Ok(())
    }

    /// Runs a command, after the preamble or what was kept.
    pub(super) async fn run(&mut self, command: Command) -> Result<Reply, DbErr> {
        let (mut statement, enough) = match command {
            Command::Prepared { statement, enough } => (statement, enough),
            // SQLite's driver prepares several statements as one.
            Command::Unprepared(sql) => {
                let statement = Statement::from_string(DbBackend::Sqlite, sql);
                (statement, usize::MAX)
            }
        };
        let preamble = self.preamble.take();
        if let Some(preamble) = preamble {
            statement.sql.insert_str(0, preamble.0);
        }
        let had_lacked = self.lacks_kept;
        let mut carried = 0;
        if let Some(kept) = self.kept.take() {
            carried = kept.sql.matches(';').count() + 1;
            statement = both(kept, statement);
            self.lacks_kept = true;
        }
        let command = Command::Prepared { statement, enough };
        let had_failed = mem::replace(&mut self.failed, true);
        let (reply, outcome) = Sqlite::run(&mut self.sqlite, command).await;
        // The transaction did not begin. A caller that goes on all the same must not run outside of one.
        if outcome.is_err() && preamble.is_some_and(|it| reply.ended < it.statements()) {
            self.preamble = preamble;
        }
        if outcome.is_ok() || reply.ended >= carried {
            self.lacks_kept = had_lacked;
        }
        match outcome {
            Ok(()) => {
                self.failed = had_failed;
                Ok(reply)
            }
            Err(error) => {
                self.condition.note(&error);
                Err(statement_error(error))
            }
        }
    }
}

/// Two statements as one that is prepared.
fn both(mut first: Statement, second: Statement) -> Statement {
    first.sql += "; ";
    first.sql += &second.sql;
    let values = [first.values, second.values];
    let values = values.into_iter().flatten().flat_map(|values| values.0);
    first.values = Some(Values(values.collect()));
    first
}
