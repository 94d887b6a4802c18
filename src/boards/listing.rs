//! Lists of boards, read step by step: filtered, and in one order or another.

use std::collections::{HashMap, VecDeque};

use entity::{board, solved_count, user};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, ExprTrait, Order, Query, SelectStatement},
};

use super::{
    folded::fold,
    shown::{self, Board},
};
use crate::{db::Reader, error::Result};

/// Upper bound on the boards that a filtered list scans. Those that do not match still cost time, and an empty page
/// must not be a slow one.
const SCAN: u64 = 20_000;
/// Boards in the first step of a scan, and at most in a later one.
const FIRST_STEP: u64 = 64;
const LONGEST_STEP: u64 = 4096;

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Newest first.
    #[default]
    Newest,
    /// Boards that most users have solved first; among equals, the newest first.
    MostSolved,
}

/// Which boards a list has, and in which order.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// The creator's username.
    pub creator: Option<String>,
    /// What their names contain, ignoring case and accents.
    pub name: Option<String>,
    /// Whether the user who asks has solved them. A guest has solved nothing.
    pub solved: Option<bool>,
    /// Their order.
    pub sort: Sort,
}

/// The place of a board in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In [`Sort::Newest`].
    Newest {
        /// The board.
        id: i64,
    },
    /// In [`Sort::MostSolved`].
    MostSolved {
        /// How many users had solved it when it was listed.
        solved_count: i64,
        /// The board.
        id: i64,
    },
}

impl Place {
    /// The order that it is a place in.
    pub fn sort(self) -> Sort {
        match self {
            Self::Newest { .. } => Sort::Newest,
            Self::MostSolved { .. } => Sort::MostSolved,
        }
    }
}

/// What a scan reads of a board.
#[derive(Debug, FromQueryResult)]
struct Candidate {
    id: i64,
    name: String,
    creator_id: i64,
    solved_count: i64,
    own: i64,
}

/// A list that is being read.
///
/// It ends where the boards end, or after a scan of 20,000 boards, and goes on from [`Listing::rest`]. A board that
/// keeps its place meanwhile is listed exactly once.
#[derive(Debug)]
pub struct Listing {
    db: Reader,
    sort: Sort,
    creator_id: Option<i64>,
    /// Folded.
    name: Option<String>,
    solved: Option<bool>,
    viewer: Option<i64>,
    /// Everything up to and including this place has been read.
    place: Option<Place>,
    /// Whether the scan is among the boards that were solved, in the order of their counts. Those that nobody has solved
    /// follow, newest first.
    among_solved: bool,
    /// Found by the scan, but not yet listed.
    found: VecDeque<Place>,
    /// How many boards may still be scanned.
    left: u64,
    step: u64,
    is_end: bool,
}

impl Listing {
    /// What `search` finds behind `place`, as the user `viewer` sees it, or a guest if there is none.
    pub(super) async fn begin(
        db: Reader,
        search: Search,
        place: Option<Place>,
        viewer: Option<i64>,
    ) -> Result<Self> {
        let is_behind_solved = matches!(
            place,
            Some(Place::MostSolved {
                solved_count: 0,
                ..
            })
        );
        let mut listing = Self {
            db,
            sort: search.sort,
            creator_id: None,
            name: search.name.as_deref().map(fold),
            solved: search.solved,
            viewer,
            place,
            among_solved: search.sort == Sort::MostSolved && !is_behind_solved,
            found: VecDeque::new(),
            left: SCAN,
            step: FIRST_STEP,
            is_end: false,
        };
        if let Some(creator) = search.creator {
            // Looked up first, so that the index on creator and id gives the list its order.
            listing.creator_id = user::Entity::find()
                .select_only()
                .column(user::Column::Id)
                .filter(user::is_named(&creator))
                .into_tuple()
                .one(&listing.db)
                .await?;
            listing.is_end = listing.creator_id.is_none();
        }
        Ok(listing)
    }

    /// The next `limit` boards at most with their places, perhaps none; or `None` at the end.
    ///
    /// # Errors
    /// If the database cannot be queried.
    pub async fn next(&mut self, limit: u64) -> Result<Option<Vec<(Place, Board)>>> {
        if self.is_plain() {
            return self.next_plain(limit).await;
        }
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        while self.found.len() < wanted && !self.is_end && self.left > 0 {
            self.scan().await?;
        }
        if self.found.is_empty() {
            return Ok(None);
        }
        let places: Vec<_> = self.found.drain(..wanted.min(self.found.len())).collect();
        let ids = places.iter().map(|it| id_of(*it));
        let query = board::Entity::find().filter(board::Column::Id.is_in(ids));
        let boards = shown::all(&self.db, query, self.viewer).await?;
        let mut boards: HashMap<_, _> = boards.into_iter().map(|it| (it.row.id, it)).collect();
        let listed = places.into_iter().filter_map(|place| {
            // Boards that were changed or deleted since the scan may no longer match.
            let board = boards.remove(&id_of(place))?;
            self.matches(&board.row.name, board.row.creator_id, board.solved)
                .then_some((place, board))
        });
        Ok(Some(listed.collect()))
    }

    /// Where to go on, if the list has ended before the boards do.
    pub fn rest(&self) -> Option<Place> {
        self.place.filter(|_| !self.is_end)
    }

    /// Whether an index contains exactly the wanted boards, in the wanted order.
    fn is_plain(&self) -> bool {
        self.sort == Sort::Newest && self.name.is_none() && self.solved.is_none()
    }

    async fn next_plain(&mut self, limit: u64) -> Result<Option<Vec<(Place, Board)>>> {
        if self.is_end {
            return Ok(None);
        }
        let mut query = board::Entity::find();
        if let Some(creator) = self.creator_id {
            query = query.filter(board::Column::CreatorId.eq(creator));
        }
        if let Some(place) = self.place {
            query = query.filter(board::Column::Id.lt(id_of(place)));
        }
        let query = query.order_by_desc(board::Column::Id).limit(limit);
        let boards = shown::all(&self.db, query, self.viewer).await?;
        self.is_end = (boards.len() as u64) < limit;
        let listed: Vec<_> = boards
            .into_iter()
            .map(|board| (Place::Newest { id: board.row.id }, board))
            .collect();
        if let Some((place, _)) = listed.last() {
            self.place = Some(*place);
        }
        Ok(Some(listed))
    }

    /// Scans some more boards.
    async fn scan(&mut self) -> Result<(), DbErr> {
        let step = Ord::min(self.step, self.left);
        let rows = self.db.query_all(&self.candidates(step)).await?;
        for row in &rows {
            let candidate = Candidate::from_query_result(row, "")?;
            let place = self.place_of(&candidate);
            let was_listed = self.is_among_rest() && candidate.solved_count > 0;
            let solved = self.viewer.map(|_| candidate.own > 0);
            if !was_listed && self.matches(&candidate.name, candidate.creator_id, solved) {
                self.found.push_back(place);
            }
            self.place = Some(place);
        }
        let read = rows.len() as u64;
        self.left -= read;
        if read == step {
            self.step = Ord::min(self.step * 4, LONGEST_STEP);
        } else {
            self.is_end = !self.among_solved;
            self.among_solved = false;
        }
        Ok(())
    }

    /// Selects boards in the order of the list. An index gives the order, so no more are read than are looked at.
    fn candidates(&self, limit: u64) -> SelectStatement {
        let board = |column| Expr::col((board::Entity, column));
        let count = |column| Expr::col((solved_count::Entity, column));
        let same = count(solved_count::Column::BoardId).equals((board::Entity, board::Column::Id));
        let number = || count(solved_count::Column::Number);
        let mut query = Query::select();
        query
            .expr_as(board(board::Column::Id), "id")
            .expr_as(board(board::Column::Name), "name")
            .expr_as(board(board::Column::CreatorId), "creator_id")
            .expr_as(number().if_null(0), "solved_count")
            .expr_as(
                shown::own(self.viewer.filter(|_| self.solved.is_some())),
                "own",
            )
            .limit(limit);
        // A left join, so that SQLite begins with the table that has the order, although each count has a board.
        if self.among_solved {
            query
                .from(solved_count::Entity)
                .left_join(board::Entity, same)
                .and_where(number().gt(0))
                .order_by(
                    (solved_count::Entity, solved_count::Column::Number),
                    Order::Desc,
                )
                .order_by(
                    (solved_count::Entity, solved_count::Column::BoardId),
                    Order::Desc,
                );
        } else {
            query
                .from(board::Entity)
                .left_join(solved_count::Entity, same)
                .and_where_option(
                    self.creator_id
                        .map(|it| board(board::Column::CreatorId).eq(it)),
                )
                .order_by((board::Entity, board::Column::Id), Order::Desc);
        }
        query.and_where_option(match self.place {
            Some(Place::MostSolved { solved_count, id }) if self.among_solved => {
                let place = Expr::tuple([number(), count(solved_count::Column::BoardId)]);
                Some(place.lt(Expr::tuple([Expr::val(solved_count), Expr::val(id)])))
            }
            Some(
                Place::Newest { id }
                | Place::MostSolved {
                    solved_count: 0,
                    id,
                },
            ) => Some(board(board::Column::Id).lt(id)),
            // All boards that were solved have been read, and none of the others.
            Some(Place::MostSolved { .. }) | None => None,
        });
        query
    }

    /// Whether the scan is among the boards that nobody has solved, and passes over those that it had before.
    fn is_among_rest(&self) -> bool {
        self.sort == Sort::MostSolved && !self.among_solved
    }

    fn place_of(&self, candidate: &Candidate) -> Place {
        let &Candidate {
            id, solved_count, ..
        } = candidate;
        match self.sort {
            Sort::Newest => Place::Newest { id },
            Sort::MostSolved => Place::MostSolved {
                solved_count: if self.among_solved { solved_count } else { 0 },
                id,
            },
        }
    }

    fn matches(&self, name: &str, creator_id: i64, solved: Option<bool>) -> bool {
        self.creator_id.is_none_or(|wanted| wanted == creator_id)
            && self
                .solved
                .is_none_or(|wanted| wanted == solved.unwrap_or(false))
            && self
                .name
                .as_deref()
                .is_none_or(|wanted| fold(name).contains(wanted))
    }
}

fn id_of(place: Place) -> i64 {
    match place {
        Place::Newest { id } | Place::MostSolved { id, .. } => id,
    }
}
