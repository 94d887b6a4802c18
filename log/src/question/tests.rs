use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::{
    sync::{Semaphore, oneshot},
    task::{JoinSet, yield_now},
};

use super::*;

/// A database that answers one query for each permit.
#[derive(Clone)]
struct Asked {
    question: Question<usize>,
    queries: Arc<AtomicUsize>,
    answers: Arc<Semaphore>,
    is_away: bool,
}

impl Asked {
    fn new(is_away: bool) -> Self {
        Self {
            question: Question::default(),
            queries: Arc::default(),
            answers: Arc::new(Semaphore::new(0)),
            is_away,
        }
    }

    /// Asks as the extent of the log is asked for; the answer says which query it came from.
    async fn ask(self) -> Result<usize, DbErr> {
        let turn = self.question.turn().await;
        if let Some(shared) = turn.shared() {
            return shared;
        }
        turn.put(async move {
            let number = self.queries.fetch_add(1, Ordering::SeqCst) + 1;
            self.answers.acquire().await.expect("open").forget();
            if self.is_away {
                Err(DbErr::Custom(format!("query {number}")))
            } else {
                Ok(number)
            }
        })
        .await
    }

    async fn until_queries(&self, count: usize) {
        while self.queries.load(Ordering::SeqCst) < count {
            yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_thousand_who_ask_together_share_one_query_also_when_it_fails() {
    for is_away in [false, true] {
        let asked = Asked::new(is_away);
        let first = tokio::spawn(asked.clone().ask());
        asked.until_queries(1).await;
        let mut others: JoinSet<_> = (0..1000).map(|_| asked.clone().ask()).collect();
        // On one thread, each of them has asked when the last has.
        let (sender, all) = oneshot::channel();
        others.spawn(async move {
            let _ = sender.send(());
            Ok(2)
        });
        all.await.expect("a sign");
        // Nobody is told what was so before: the second query is for those who came during the first.
        asked.answers.add_permits(2);
        let told = first.await.expect("no panic");
        assert_eq!(told.is_err(), is_away, "{told:?}");
        for told in others.join_all().await {
            match told {
                Ok(number) => assert_eq!(number, 2),
                Err(error) => assert!(error.to_string().ends_with("query 2"), "{error}"),
            }
        }
        assert_eq!(asked.queries.load(Ordering::SeqCst), 2);
    }
}

#[tokio::test]
async fn a_query_goes_on_when_whoever_asked_goes_away() {
    let asked = Asked::new(false);
    let first = tokio::spawn(asked.clone().ask());
    asked.until_queries(1).await;
    first.abort();
    assert!(first.await.is_err_and(|error| error.is_cancelled()));
    let turn = tokio::spawn({
        let question = asked.question.clone();
        async move { question.turn().await.answer().copied() }
    });
    yield_now().await;
    assert!(!turn.is_finished(), "its query is under way");
    asked.answers.add_permits(1);
    assert_eq!(turn.await.expect("no panic"), Some(1));
}

#[tokio::test]
async fn who_goes_away_before_a_query_leaves_none_behind() {
    let asked = Asked::new(false);
    let first = tokio::spawn(asked.clone().ask());
    asked.until_queries(1).await;
    let mut others: JoinSet<_> = (0..1000).map(|_| asked.clone().ask()).collect();
    yield_now().await;
    others.shutdown().await;
    asked.answers.add_permits(2);
    assert_eq!(first.await.expect("no panic"), Ok(1));
    assert_eq!(asked.clone().ask().await, Ok(2));
}

#[tokio::test]
async fn a_query_that_panics_is_an_error_and_the_next_is_asked_anew() {
    let question = Question::<usize>::default();
    let turn = question.turn().await;
    let told = turn.put(async { panic!("a defect") }).await;
    assert!(matches!(told, Err(DbErr::Conn(_))), "{told:?}");
    assert_eq!(question.turn().await.put(async { Ok(1) }).await, Ok(1));
}
