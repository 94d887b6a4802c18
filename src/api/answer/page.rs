//! Pages of lists: bounded in items and in bytes, and read and written a piece at a time.
//!
//! A board weighs 50 bytes or 100,000, so a number of items bounds nothing. Rows are read in steps. Each step has as
//! many rows as would fit if all were as heavy as the heaviest so far, and a page ends before the first item that does
//! not fit.
//!
//! Few pages are made at a time; the others wait. A large page keeps a thread busy for milliseconds, and a small
//! request would otherwise wait for all large ones, again and again.

use std::{fmt::Display, num::NonZero, sync::Arc, thread};

use poem::http::Uri;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::form_urlencoded;

use super::written::{Written, write};
use crate::api::problem::Failure;

/// Largest body of a page, in bytes. Only a single item that is larger makes a larger page.
const MAX_BYTES: usize = 1 << 20;
/// How much of that is reserved for everything but the items, in bytes.
const RESERVED: usize = 512;
/// Rows in the first step. Sixteen of the largest boards are 1.6 MB.
const FIRST_ROWS: u64 = 16;

/// Pages that are made at a time, per processor. More than one, because they wait for the database.
const PER_CORE: usize = 2;

/// Lets a few pages be made at a time, in the order in which they were asked for.
#[derive(Clone, Debug)]
pub struct PageQueue(Arc<Semaphore>);

impl Default for PageQueue {
    fn default() -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        Self(Arc::new(Semaphore::new(cores * PER_CORE)))
    }
}

impl PageQueue {
    /// Waits for a turn, and begins a page of at most `limit` items, whose rows are read at most `step` at a time.
    pub async fn begin(&self, limit: u64, step: u64) -> PageWriter {
        self.begin_with(OBJECT, limit, step).await
    }

    /// The same with something else around the items than an object.
    pub async fn begin_with(&self, around: Around, limit: u64, step: u64) -> PageWriter {
        PageWriter {
            _turn: self.turn().await,
            ..PageWriter::new(around, limit, step)
        }
    }

    /// Waits for a turn for other work that keeps a thread busy for milliseconds.
    pub async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        // It is never closed.
        Arc::clone(&self.0).acquire_owned().await.ok()
    }
}

/// What stands around the items of a page.
#[derive(Clone, Copy, Debug)]
pub struct Around {
    /// Before the first.
    pub begin: &'static str,
    /// Between two.
    pub between: &'static str,
}

/// An object with the items and other members.
const OBJECT: Around = Around {
    begin: r#"{"items":["#,
    between: ",",
};

/// A page that is being written.
#[derive(Debug)]
pub struct PageWriter {
    /// Passed on when this is dropped.
    _turn: Option<OwnedSemaphorePermit>,
    body: Vec<u8>,
    between: &'static str,
    /// Upper bound on the items.
    limit: u64,
    /// Upper bound on the rows of a step.
    step: u64,
    items: u64,
    /// The largest item so far, in bytes.
    heaviest: usize,
    last: Option<i64>,
    is_full: bool,
}

impl PageWriter {
    fn new(around: Around, limit: u64, step: u64) -> Self {
        Self {
            _turn: None,
            body: around.begin.as_bytes().to_vec(),
            between: around.between,
            limit,
            step,
            items: 0,
            heaviest: 1,
            last: None,
            is_full: false,
        }
    }

    /// How many rows to read next; `None` when the page is full. The last step has one row too many, which tells
    /// whether there is a next page.
    pub fn wants(&self) -> Option<u64> {
        if self.is_full {
            return None;
        }
        let step = if self.items == 0 {
            FIRST_ROWS
        } else {
            let room = (MAX_BYTES - RESERVED).saturating_sub(self.body.len());
            (room / self.heaviest) as u64 + 1
        };
        Some(step.min(self.step).min(self.limit + 1 - self.items))
    }

    /// Adds an item, unless the page is full; then returns false.
    ///
    /// # Errors
    /// None that the types of the API can cause.
    pub fn push(&mut self, id: i64, item: &impl Serialize) -> Result<bool, Failure> {
        if self.is_full || self.items == self.limit {
            self.is_full = true;
            return Ok(false);
        }
        let before = self.body.len();
        if self.items > 0 {
            self.body.extend_from_slice(self.between.as_bytes());
        }
        write(&mut self.body, item)?;
        if self.items > 0 && self.body.len() > MAX_BYTES - RESERVED {
            self.body.truncate(before);
            self.is_full = true;
            return Ok(false);
        }
        self.heaviest = self.heaviest.max(self.body.len() - before);
        self.items += 1;
        self.last = Some(id);
        Ok(true)
    }

    /// The id of the last item, if more items follow it.
    pub fn next(&self) -> Option<i64> {
        self.last.filter(|_| self.is_full)
    }

    /// Ends a page that lists the newest first. Also returns the link to the next page.
    ///
    /// # Errors
    /// None that the types of the API can cause.
    pub fn finish_newest_first<T>(
        self,
        uri: &Uri,
    ) -> Result<(Written<T>, Option<String>), Failure> {
        let next_before = self.next();
        let link = next_before.map(|id| next_link(uri, "before", id));
        Ok((self.finish(&NewestFirst { next_before })?, link))
    }

    /// Whether it has no items.
    pub fn is_empty(&self) -> bool {
        self.items == 0
    }

    /// Ends a page that has something else around its items than an object.
    pub fn end(mut self, end: &str) -> Vec<u8> {
        self.body.extend_from_slice(end.as_bytes());
        self.body
    }

    /// Ends the page with its other members, which are the fields of `rest`.
    ///
    /// # Errors
    /// None that the types of the API can cause.
    pub fn finish<T>(mut self, rest: &impl Serialize) -> Result<Written<T>, Failure> {
        self.body.push(b']');
        let members = self.body.len();
        write(&mut self.body, rest)?;
        // The members continue the object that began with the items.
        self.body[members] = b',';
        Ok(Written::from_bytes(self.body))
    }
}

#[derive(Serialize)]
struct NewestFirst {
    next_before: Option<i64>,
}

/// The `Link` to the next page (RFC 8288): the request's own URL with another cursor. Relative, so that it holds
/// behind every proxy.
pub fn next_link(uri: &Uri, cursor: &str, value: impl Display) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let given = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    query.extend_pairs(given.filter(|(name, _)| name != cursor));
    query.append_pair(cursor, &value.to_string());
    format!("<?{}>; rel=\"next\"", query.finish())
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn no_more_pages_are_made_at_a_time_than_there_are_turns() {
        let queue = PageQueue(Arc::new(Semaphore::new(2)));
        let first = queue.begin(50, 36).await;
        let _second = queue.begin(50, 36).await;
        let third = queue.begin(50, 36);
        tokio::pin!(third);
        assert!(third.as_mut().now_or_never().is_none());
        drop(first.finish::<()>(&NewestFirst { next_before: None }));
        assert!(third.now_or_never().is_some());
    }

    /// A page of items of these weights, plus two bytes each for the quotes, and how many rows each step read.
    fn page(limit: u64, weights: &[usize]) -> (PageWriter, Vec<u64>) {
        let mut page = PageWriter::new(OBJECT, limit, 36);
        let mut steps = Vec::new();
        let mut rows = weights.iter().zip(1..);
        while let Some(wanted) = page.wants() {
            steps.push(wanted);
            let step: Vec<_> = rows
                .by_ref()
                .take(usize::try_from(wanted).unwrap())
                .collect();
            let is_end = (step.len() as u64) < wanted;
            for (&weight, id) in step {
                page.push(id, &"x".repeat(weight)).expect("text");
            }
            if is_end {
                break;
            }
        }
        (page, steps)
    }

    #[test]
    fn an_ordinary_page_takes_two_steps_and_knows_whether_there_is_more() {
        for (rows, next) in [(49, None), (50, None), (51, Some(50)), (80, Some(50))] {
            let (page, steps) = page(50, &vec![100; rows]);
            assert_eq!((page.next(), steps), (next, vec![16, 35]), "{rows}");
        }
        let (page, steps) = page(1, &[100, 100]);
        assert_eq!((page.next(), steps), (Some(1), vec![2]));
        let (page, _) = self::page(5, &[]);
        assert_eq!((page.next(), page.last), (None, None));
    }

    #[test]
    fn a_page_ends_before_it_weighs_more_than_a_mebibyte() {
        let heavy = 100_000;
        let (page, steps) = page(200, &[heavy; 40]);
        assert_eq!((page.next(), steps), (Some(10), vec![16]));
        assert!(page.body.len() <= MAX_BYTES - RESERVED);
        // Heavy ones behind light ones are read a few at a time.
        let mut mixed = vec![10; 16];
        mixed.extend([heavy; 100]);
        let (page, steps) = self::page(200, &mixed);
        assert_eq!((page.next(), steps), (Some(26), vec![16, 36]));
    }

    #[test]
    fn what_does_not_fit_is_not_read_in_large_steps() {
        let (page, steps) = page(200, &[30_000; 100]);
        assert_eq!((page.next(), steps), (Some(34), vec![16, 19]));
    }

    #[test]
    fn an_item_that_is_larger_than_a_page_is_one() {
        let (page, _) = page(50, &[2 << 20, 10]);
        assert_eq!(page.next(), Some(1));
        let (page, _) = self::page(50, &[10, 2 << 20]);
        assert_eq!(page.next(), Some(1));
        let (page, _) = self::page(50, &[2 << 20]);
        assert_eq!(page.next(), None);
    }

    #[test]
    fn a_link_keeps_the_other_parameters() {
        for (uri, expected) in [
            ("/api/v1/boards", "<?before=7>; rel=\"next\""),
            ("/x?before=9&limit=2", "<?limit=2&before=7>; rel=\"next\""),
            (
                "/x?creator=a%3Eb&b%65fore=9&limit=",
                "<?creator=a%3Eb&limit=&before=7>; rel=\"next\"",
            ),
        ] {
            let uri = uri.parse().expect("a URI");
            assert_eq!(next_link(&uri, "before", 7), expected);
        }
    }
}
