//! `dotcast user`.

use std::io::{self, IsTerminal as _, Write as _};

use dotcast::{
    cli::user::{Named, SessionsCommand, Sure, UserCommand},
    config::DatabaseOptions,
    db::{Db, Purged},
    error::Error,
    users::{
        Credentials, Users,
        accounts::{Account, Accounts, Change, Last},
        erasure::{self, Erased},
    },
};
use serde_json::json;

use super::open;
use crate::{Failure, print};

/// Users that are read at a time.
const PAGE: u64 = 500;

pub(crate) async fn run(command: UserCommand) -> Result<(), Failure> {
    match command {
        UserCommand::Add {
            name,
            admin,
            database,
        } => add(name, admin, &database).await,
        UserCommand::List { json, database } => list(json, &database).await,
        UserCommand::Passwd(named) => set_password(&named).await,
        UserCommand::Promote(named) => {
            let name = set(&named, admin(true), Last::Kept).await?;
            print(&format!("{name} is an administrator now\n"))
        }
        UserCommand::Demote { named, sure } => {
            let name = set(&named, admin(false), last(sure)).await?;
            print(&format!("{name} is no administrator any more\n"))
        }
        UserCommand::Disable { named, sure } => {
            let name = set(&named, disabled(true), last(sure)).await?;
            print(&format!(
                "{name} cannot log in any more; their sessions are ended\n"
            ))
        }
        UserCommand::Enable(named) => {
            let name = set(&named, disabled(false), Last::Kept).await?;
            print(&format!("{name} can log in again\n"))
        }
        UserCommand::Delete {
            named,
            with_boards,
            sure,
        } => delete(&named, with_boards, sure).await,
        UserCommand::Erase { named, sure } => erase(&named, sure).await,
        UserCommand::Sessions(SessionsCommand::End(named)) => end_sessions(&named).await,
    }
}

async fn add(name: String, admin: bool, database: &DatabaseOptions) -> Result<(), Failure> {
    let db = open(database).await?;
    let credentials = Credentials {
        username: name,
        password: read_password()?,
    };
    let user = Users::new(db.clone())
        .register(credentials, admin, None)
        .await?;
    db.close().await?;
    let kind = if admin { "administrator" } else { "user" };
    print(&format!("registered the {kind} {}\n", user.username))
}

async fn set_password(Named { name, database }: &Named) -> Result<(), Failure> {
    let db = open(database).await?;
    let password = read_password()?;
    Users::new(db.clone()).set_password(name, password).await?;
    db.close().await?;
    print(&format!(
        "set a new password for {name} and ended their sessions\n"
    ))
}

async fn list(json: bool, database: &DatabaseOptions) -> Result<(), Failure> {
    let db = open(database).await?;
    let accounts = Accounts::new(db.clone());
    if !json {
        print(&row(
            "NAME",
            "ID",
            "ADMINISTRATOR",
            "DISABLED",
            "BOARDS",
            "CREATED",
        ))?;
    }
    let mut after = 0;
    loop {
        let page = accounts.list(after, PAGE).await?;
        let Some(last) = page.last() else {
            break;
        };
        after = last.user.id;
        let lines = page.iter().map(if json { as_json } else { as_text });
        print(&lines.collect::<String>())?;
    }
    Ok(db.close().await?)
}

fn as_json(account: &Account) -> String {
    let user = &account.user;
    let line = json!({
        "id": user.id,
        "username": user.username,
        "is_admin": user.is_admin,
        "disabled": user.disabled,
        "boards": account.boards,
        "created_at": user.created_at,
    });
    format!("{line}\n")
}

fn as_text(account: &Account) -> String {
    let user = &account.user;
    let yes = |it: bool| if it { "yes" } else { "no" };
    row(
        &user.username,
        &user.id.to_string(),
        yes(user.is_admin),
        yes(user.disabled),
        &account.boards.to_string(),
        &user.created_at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
    )
}

fn row(name: &str, id: &str, admin: &str, disabled: &str, boards: &str, created: &str) -> String {
    format!("{name:<32} {id:>8} {admin:<13} {disabled:<8} {boards:>6} {created}\n")
}

fn admin(is_admin: bool) -> Change {
    Change {
        is_admin: Some(is_admin),
        ..Change::default()
    }
}

fn disabled(disabled: bool) -> Change {
    Change {
        disabled: Some(disabled),
        ..Change::default()
    }
}

/// Changes a user; returns the name as it was registered.
async fn set(
    Named { name, database }: &Named,
    change: Change,
    last: Last,
) -> Result<String, Failure> {
    let db = open(database).await?;
    let changed = Accounts::new(db.clone()).set(name, change, last).await;
    db.close().await?;
    Ok(changed.map_err(|error| refused(&error))?.username)
}

async fn end_sessions(Named { name, database }: &Named) -> Result<(), Failure> {
    let db = open(database).await?;
    let user = Accounts::new(db.clone()).end_sessions(name).await?;
    db.close().await?;
    print(&format!("ended the sessions of {}\n", user.username))
}

async fn delete(
    Named { name, database }: &Named,
    with_boards: bool,
    sure: Sure,
) -> Result<(), Failure> {
    let db = open(database).await?;
    let deleted = delete_from(&db, name, with_boards, sure).await;
    db.close().await?;
    deleted
}

async fn delete_from(db: &Db, name: &str, with_boards: bool, sure: Sure) -> Result<(), Failure> {
    let accounts = Accounts::new(db.clone());
    let Account { user, boards } = accounts.get(name).await?;
    let boards = boards.unsigned_abs();
    if boards > 0 && !with_boards {
        let name = user.username;
        return Err(refused(&Error::HasBoards { name, boards }));
    }
    ask(
        sure,
        &format!(
            "delete {}, with {}",
            user.username,
            counted(boards, "board")
        ),
    )?;
    let deleted = accounts.delete(name, with_boards, last(sure)).await;
    let deleted = deleted.map_err(|error| refused(&error))?;
    print(&format!(
        "deleted {}, with {}, and {} on boards of others\n",
        deleted.user.username,
        counted(deleted.boards, "board"),
        counted(deleted.paths, "path")
    ))
}

async fn erase(Named { name, database }: &Named, sure: Sure) -> Result<(), Failure> {
    let db = open(database).await?;
    let erased = erase_from(&db, name, sure).await;
    db.close().await?;
    erased
}

async fn erase_from(db: &Db, name: &str, sure: Sure) -> Result<(), Failure> {
    let Account { user, .. } = Accounts::new(db.clone()).get(name).await?;
    ask(sure, &format!("erase the name {}", user.username))?;
    let erased = erasure::erase(db, name, last(sure)).await;
    let Erased { pseudonym, events } = erased.map_err(|error| refused(&error))?;
    let events = counted(events as u64, "kept event");
    print(&format!(
        "{name} is {pseudonym} from now on, and so in {events}\n"
    ))?;
    let purged = db.purge().await.map_err(|error| Failure {
        code: 1,
        message: format!(
            "the name may still be in parts of the file that are not in use: {error}; \
             run `dotcast user erase {pseudonym}` to try again"
        ),
    })?;
    print(match purged {
        Purged::All => "the database file has been rewritten without it\n",
        Purged::Not => {
            "PostgreSQL keeps old versions of rows: `VACUUM FULL users, events` removes them; \
             see docs/ADMINISTRATION.md\n"
        }
    })?;
    Ok(())
}

fn counted(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

/// What to do about a refusal.
fn refused(error: &Error) -> Failure {
    let hint = match error {
        Error::LastAdministrator(_) => "; --yes does it all the same",
        Error::HasBoards { .. } => "; --with-boards deletes them, too",
        _ => "",
    };
    Failure {
        code: 1,
        message: format!("{error}{hint}"),
    }
}

/// Asks on the terminal whether to do this, unless that was said beforehand.
fn ask(sure: Sure, deed: &str) -> Result<(), Failure> {
    if sure.yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(Failure {
            code: 2,
            message: format!("nobody can be asked whether to {deed}; --yes does it"),
        });
    }
    let mut error = io::stderr();
    write!(error, "Really {deed}? [y/N] ")?;
    error.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    if ["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str()) {
        return Ok(());
    }
    Err(Failure {
        code: 1,
        message: "nothing was changed".to_owned(),
    })
}

/// Whether the last administrator may go.
fn last(sure: Sure) -> Last {
    if sure.yes { Last::MayGo } else { Last::Kept }
}

/// Reads a password: twice from the terminal without echo, or one line from standard input.
fn read_password() -> Result<String, Failure> {
    if io::stdin().is_terminal() {
        let password = rpassword::prompt_password("Password: ")?;
        if password != rpassword::prompt_password("Again: ")? {
            return Err(Failure {
                code: 1,
                message: "the two passwords differ".to_owned(),
            });
        }
        return Ok(password);
    }
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}
