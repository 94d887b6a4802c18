//! Placeholder.

use std::ops::RangeInclusive;

use sea_orm::DbErr;

use super::EventId;
use crate::db::Db;

/// Placeholder.
pub async fn record(
    _db: &Db,
    _first: Option<EventId>,
    _through: Option<EventId>,
) -> Result<RangeInclusive<EventId>, DbErr> {
    Err(DbErr::Custom("placeholder".to_owned()))
}
