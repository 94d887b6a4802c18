//! Values that several of the document's examples show.

use chrono::{DateTime, TimeZone as _, Utc};

/// When things happen in examples.
pub(super) fn time() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 1, 12, 0, 0)
        .single()
        .unwrap_or(DateTime::UNIX_EPOCH)
}
