//! When leases end: by the clock of the database, which is one for all servers. On SQLite it is that of the machine, which
//! all of them share.

use std::time::Duration;

use sea_orm::{DbBackend, sea_query::Expr};

/// An expression for how many milliseconds of a consumer's lease are left, rounded up; at most 0 when it has ended, and
/// null without one.
pub(super) fn left(backend: DbBackend) -> Expr {
    Expr::cust(match backend {
        DbBackend::Postgres => {
            "CAST(CEIL(EXTRACT(EPOCH FROM lease_until - clock_timestamp()) * 1000) AS bigint)"
        }
        _ => "CAST(ROUND((julianday(lease_until) - julianday('now')) * 86400000 + 0.5) AS INTEGER)",
    })
}

/// An expression for the time after this duration.
pub(super) fn after(backend: DbBackend, duration: Duration) -> Expr {
    let seconds = duration.as_secs_f64();
    match backend {
        DbBackend::Postgres => {
            Expr::cust_with_values("clock_timestamp() + make_interval(secs => $1)", [seconds])
        }
        // Written as the driver writes times.
        _ => Expr::cust_with_values(
            "strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now', '+' || ? || ' seconds')",
            [seconds],
        ),
    }
}
