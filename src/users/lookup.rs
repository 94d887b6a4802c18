//! Session lookups that come at the same time are one query.
//!
//! Every request with a token looks up its session. Finding the row costs least; the round trip to the database costs
//! most. So callers that arrive while a query is running are answered together by the next one. It begins after each of
//! them has asked, so nobody gets an outdated answer. Nobody waits long for another's query: its connection may have
//! died.

use std::{collections::HashMap, mem, time::Duration};

use dotcast_log::vital::{self, Vital};
use entity::{session, user};
use futures_util::{StreamExt as _, stream::FuturesUnordered};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, RuntimeErr};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use crate::db::Db;

/// Upper bound on the callers that one query answers.
const BATCH: usize = 64;
/// How long callers wait for the end of an earlier query.
const PATIENCE: Duration = Duration::from_millis(20);
/// Upper bound on the queries that are under way.
const AT_ONCE: usize = 8;

/// A session and its user.
pub(super) type Found = (session::Model, user::Model);

struct Question {
    token_hash: Vec<u8>,
    answer: oneshot::Sender<Result<Option<Found>, DbErr>>,
}

/// A handle to the lookup task, which ends with the last of its clones.
#[derive(Clone)]
pub(super) struct Lookup {
    questions: mpsc::UnboundedSender<Question>,
}

impl Lookup {
    pub(super) fn open(db: Db, vital: &Vital) -> Self {
        let (questions, asked) = mpsc::unbounded_channel();
        vital.spawn("the session look-up", answer(db, asked));
        Self { questions }
    }

    /// The session whose token has this hash.
    pub(super) async fn find(&self, token_hash: Vec<u8>) -> Result<Option<Found>, DbErr> {
        let ended = || DbErr::Conn(RuntimeErr::Internal("nobody looks sessions up".to_owned()));
        let (answer, found) = oneshot::channel();
        self.questions
            .send(Question { token_hash, answer })
            .map_err(|_| ended())?;
        found.await.map_err(|_| ended())?
    }
}

async fn answer(db: Db, mut asked: mpsc::UnboundedReceiver<Question>) {
    let mut under_way = FuturesUnordered::new();
    let mut batch = Vec::new();
    loop {
        tokio::select! {
            biased;
            Some(()) = under_way.next() => continue,
            count = asked.recv_many(&mut batch, BATCH) => if count == 0 {
                break;
            },
        }
        vital::test_panic("session look-up");
        let _ = timeout(PATIENCE, ended(&mut under_way, 0)).await;
        ended(&mut under_way, AT_ONCE - 1).await;
        while batch.len() < BATCH
            && let Ok(question) = asked.try_recv()
        {
            batch.push(question);
        }
        under_way.push(answer_all(&db, mem::take(&mut batch)));
    }
    ended(&mut under_way, 0).await;
}

/// Waits until no more than this many queries are left.
async fn ended(under_way: &mut FuturesUnordered<impl Future<Output = ()>>, left: usize) {
    while under_way.len() > left {
        under_way.next().await;
    }
}

async fn answer_all(db: &Db, batch: Vec<Question>) {
    let found = find_all(db, &batch).await;
    for Question { token_hash, answer } in batch {
        let one = match &found {
            Ok(found) => Ok(found.get(&token_hash).cloned()),
            Err(error) => Err(error.clone()),
        };
        // Callers that are gone get no answer.
        let _ = answer.send(one);
    }
}

async fn find_all(db: &Db, batch: &[Question]) -> Result<HashMap<Vec<u8>, Found>, DbErr> {
    let mut hashes: Vec<_> = batch.iter().map(|it| it.token_hash.clone()).collect();
    hashes.sort();
    hashes.dedup();
    // Padded to a power of two, so that few statements have to be kept prepared.
    if let Some(last) = hashes.last().cloned() {
        hashes.resize(hashes.len().next_power_of_two(), last);
    }
    let rows = session::Entity::find()
        .filter(session::Column::TokenHash.is_in(hashes))
        .find_also_related(user::Entity)
        .all(db.reader())
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(session, user)| Some((session.token_hash.clone(), (session, user?))))
        .collect())
}
