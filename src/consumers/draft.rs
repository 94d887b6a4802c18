//! What a client asks of a consumer.

use chrono::{DateTime, Utc};
use dotcast_log::{EventId, filter::MAX_TOPICS};

use crate::error::{Error, Result, Violation};

/// What a consumer should be like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// Only events of these types.
    pub types: Option<Vec<String>>,
    /// Only events about these boards, a hundred at most.
    pub board_ids: Option<Vec<i64>>,
    /// Where to put the cursor; by default it stays where it is, and begins at the present.
    pub start: Option<Start>,
}

/// Where a consumer starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// Behind this event; with 0 before the oldest that is kept.
    After(EventId),
    /// At the first event that is kept and not older than this.
    Since(DateTime<Utc>),
    /// At the present.
    Now,
}

impl Draft {
    /// The same with sorted lists, in which each value is there once.
    ///
    /// # Errors
    /// [`Error::Invalid`]
    pub(super) fn checked(mut self) -> Result<Self> {
        let mut violations = Vec::new();
        if self.types.as_ref().is_some_and(Vec::is_empty) {
            violations.push(Violation::new("types", "must be left out or name a type"));
        }
        let boards = self.board_ids.as_ref().map(Vec::len);
        if boards.is_some_and(|number| !(1..=MAX_TOPICS).contains(&number)) {
            violations.push(Violation::new(
                "board_ids",
                format!("must be left out or have 1 to {MAX_TOPICS} ids"),
            ));
        }
        Error::check(violations)?;
        if let Some(types) = &mut self.types {
            types.sort_unstable();
            types.dedup();
        }
        if let Some(ids) = &mut self.board_ids {
            ids.sort_unstable();
            ids.dedup();
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_filters_become_the_same() {
        let draft = Draft {
            types: Some(vec!["newPath".to_owned(), "newBoard".to_owned()]),
            board_ids: Some(vec![7, 3, 7]),
            start: None,
        };
        let checked = draft.checked().expect("good");
        assert_eq!(checked.types.expect("types"), ["newBoard", "newPath"]);
        assert_eq!(checked.board_ids.expect("ids"), [3, 7]);
    }

    #[test]
    fn a_filter_that_lets_nothing_through_is_refused_and_so_is_a_long_one() {
        for (types, board_ids) in [
            (Some(vec![]), None),
            (None, Some(vec![])),
            (None, Some((0..101).collect())),
        ] {
            let draft = Draft {
                types,
                board_ids,
                start: None,
            };
            assert!(draft.checked().is_err());
        }
    }
}
