//! Which tables there are, and which figures each shows.

/// A table: its scenario, and its columns after the server's.
pub(super) struct Table {
    pub scenario: &'static str,
    pub columns: &'static [Column],
}

pub(super) struct Column {
    pub heading: &'static str,
    pub content: Content,
}

pub(super) enum Content {
    /// A value of the point.
    Point(&'static str),
    /// The median of a figure, with this many decimal places.
    Median(&'static str, usize),
    /// The lowest and highest of a figure, with this many decimal places.
    Range(&'static str, usize),
    /// The median of a figure relative to the first server's at the same point.
    Ratio(&'static str),
    /// The sum of a figure over all runs.
    Sum(&'static str),
}

const fn column(heading: &'static str, content: Content) -> Column {
    Column { heading, content }
}

use Content::{Median, Point, Range, Ratio, Sum};

const STREAMS: Column = column("streams", Point("streams"));
const RATE: Column = column("events/s", Point("events_per_s"));
const DELIVERIES: Column = column("deliveries/s", Median("deliveries_per_s", 0));
const CPU: Column = column(
    "CPU per delivery (min–max), µs",
    Range("cpu_us_per_delivery", 2),
);
const CPU_RATIO: Column = column("of the first", Ratio("cpu_us_per_delivery"));
const P50: Column = column("p50, ms", Median("from_sent_p50_ms", 1));
const P99: Column = column("p99, ms", Median("from_sent_p99_ms", 1));
const ANSWER_P99: Column = column("p99 from the answer, ms", Median("from_answer_p99_ms", 1));
const DUE_P99: Column = column("p99 from when it was due, ms", Median("from_due_p99_ms", 1));
const MEDIAN_CLIENT: Column = column("half of the clients, ms", Median("median_client_p50_ms", 1));
const MEMORY: Column = column("memory per stream, KB", Median("memory_per_stream_kb", 2));

const POLLS: &[Column] = &[
    column("requests", Point("requests")),
    column(
        "memory per idle connection, KB",
        Median("memory_per_connection_kb", 2),
    ),
    column(
        "more while its request waits, KB",
        Median("memory_per_request_kb", 2),
    ),
    column("CPU per request, µs", Median("cpu_us_per_request", 0)),
    column("CPU per answer, µs", Median("cpu_us_per_answer", 0)),
];

const FANOUT: &[Column] = &[
    STREAMS,
    RATE,
    DELIVERIES,
    CPU,
    CPU_RATIO,
    P50,
    P99,
    ANSWER_P99,
    DUE_P99,
    MEDIAN_CLIENT,
];
const IDLE: &[Column] = &[
    STREAMS,
    column("on each connection", Point("streams_per_connection")),
    MEMORY,
    column("per connection, KB", Median("memory_per_connection_kb", 2)),
    column("server before, MB", Median("memory_before_mb", 1)),
    column("CPU, % of a core", Median("cpu_percent", 2)),
    column("dropped", Sum("dropped")),
];
const STORM: &[Column] = &[
    STREAMS,
    column("missed events", Point("missed_events")),
    column("all caught up (min–max), s", Range("caught_up_s", 2)),
    DELIVERIES,
    column("live streams' p99, ms", Median("live_p99_ms", 0)),
    column("server before, MB", Median("memory_before_mb", 0)),
    column("at most, MB", Median("memory_peak_mb", 0)),
    column("lost", Sum("lost")),
    column("doubled", Sum("doubled")),
    column("queries of the log", Median("queries_of_the_log", 0)),
];
const RESUME: &[Column] = &[
    STREAMS,
    RATE,
    column("deliveries expected", Sum("expected")),
    column("cuts", Sum("cuts")),
    column("lost", Sum("lost")),
    column("doubled", Sum("doubled")),
];
const SLOW: &[Column] = &[
    STREAMS,
    RATE,
    column("p99 alone, ms", Median("alone_p99_ms", 1)),
    column("p99 beside slow ones, ms", Median("beside_slow_p99_ms", 1)),
    column("ratio (min–max)", Range("p99_ratio", 2)),
    column(
        "server at start, MB",
        Median("beside_slow_memory_start_mb", 1),
    ),
    column("at end, MB", Median("beside_slow_memory_end_mb", 1)),
];
const WRITES: &[Column] = &[
    column("clients", Point("clients")),
    column("boards/s (min–max)", Range("writes_per_s", 0)),
    column("of the first", Ratio("writes_per_s")),
    column("p50, ms", Median("p50_ms", 1)),
    column("p99, ms", Median("p99_ms", 1)),
    column("CPU per board, µs", Median("cpu_us_per_write", 0)),
];
const PGBENCH: &[Column] = &[
    column("clients", Point("clients")),
    column("boards/s (min–max)", Range("writes_per_s", 0)),
    column("pgbench, transactions/s", Median("pgbench_per_s", 0)),
    column("of pgbench (min–max)", Range("of_pgbench", 2)),
    column("p50, ms", Median("p50_ms", 1)),
    column("CPU per board, µs", Median("cpu_us_per_write", 0)),
    column("PostgreSQL's, µs", Median("database_cpu_us_per_write", 0)),
    column(
        "PostgreSQL's with pgbench, µs",
        Median("pgbench_database_cpu_us", 0),
    ),
];
const CRASH: &[Column] = &[
    column("clients", Point("clients")),
    column("boards answered", Sum("answered")),
    column("boards missing", Sum("boards_missing")),
    column("events missing", Sum("events_missing")),
    column("events doubled", Sum("events_doubled")),
    column("start again, ms", Median("restart_ms", 0)),
];

const EVENTS: Column = column("events in the log", Point("events"));
const GROWN_WRITES: &[Column] = &[
    EVENTS,
    column("boards/s, empty log", Median("empty_writes_per_s", 0)),
    column("boards/s", Median("full_writes_per_s", 0)),
    column("ratio (min–max)", Range("ratio", 2)),
    column("p99, empty log, ms", Median("empty_p99_ms", 1)),
    column("p99, ms", Median("full_p99_ms", 1)),
    column("bytes per event, on the disk", Median("bytes_per_event", 0)),
];
const GROWN_RETENTION: &[Column] = &[
    EVENTS,
    column("deleted", Median("deleted", 0)),
    column("in, s (min–max)", Range("took_s", 1)),
    column("deleted/s", Median("deleted_per_s", 0)),
    column("p50 before, ms", Median("before_p50_ms", 1)),
    column("p50 meanwhile, ms", Median("during_p50_ms", 1)),
    column("ratio (min–max)", Range("p50_ratio", 2)),
    column("p99 meanwhile, ms", Median("during_p99_ms", 1)),
    column("boards/s before", Median("before_writes_per_s", 0)),
    column("meanwhile", Median("during_writes_per_s", 0)),
    column("WAL at most, MB", Median("wal_mb", 1)),
];
const GROWN_HISTORY: &[Column] = &[
    EVENTS,
    column("clients", Median("readers", 0)),
    column("events read by each", Median("history_events", 0)),
    column(
        "CPU per delivery, same cursor, µs",
        Median("same_cpu_us_per_delivery", 2),
    ),
    column(
        "different cursors, µs",
        Median("spread_cpu_us_per_delivery", 2),
    ),
    column("ratio (min–max)", Range("cpu_ratio", 2)),
    column("same cursor, s", Median("same_took_s", 1)),
    column("different cursors, s", Median("spread_took_s", 1)),
    column("memory at most, MB", Median("spread_memory_peak_mb", 0)),
];
const GROWN_PAGES: &[Column] = &[
    EVENTS,
    column("requests for a rare board", Median("board_requests", 0)),
    column("ms (min–max)", Range("board_ms", 1)),
    column("requests for a rare type", Median("type_requests", 0)),
    column("ms (min–max)", Range("type_ms", 1)),
];
const GROWN_FILTERED: &[Column] = &[
    column("streams", Median("streams", 0)),
    column("rounds/s", Median("rounds_per_s", 0)),
    column(
        "CPU per stream and round (min–max), ns",
        Range("cpu_ns_per_stream_round", 0),
    ),
    column("CPU per round, µs", Median("cpu_us_per_round", 0)),
    column("with one stream, µs", Median("alone_cpu_us_per_round", 0)),
];
const PROXIES: &[Column] = &[
    column("events", Point("events")),
    column("ms apart", Point("apart_ms")),
    column("added p50, ms", Median("added_p50_ms", 2)),
    column("added p99, ms", Median("added_p99_ms", 1)),
    column(
        "added, longest of a run (min–max), ms",
        Range("added_max_ms", 1),
    ),
];

/// All tables.
pub(super) const TABLES: &[Table] = &[
    Table {
        scenario: "fanout",
        columns: FANOUT,
    },
    Table {
        scenario: "appended",
        columns: FANOUT,
    },
    Table {
        scenario: "burst",
        columns: FANOUT,
    },
    Table {
        scenario: "growth",
        columns: &[STREAMS, RATE, CPU, CPU_RATIO, P50, P99, MEMORY],
    },
    Table {
        scenario: "idle",
        columns: IDLE,
    },
    Table {
        scenario: "storm",
        columns: STORM,
    },
    Table {
        scenario: "storm-restart",
        columns: STORM,
    },
    Table {
        scenario: "storm-queries",
        columns: STORM,
    },
    Table {
        scenario: "storm-restart-queries",
        columns: STORM,
    },
    Table {
        scenario: "slow",
        columns: SLOW,
    },
    Table {
        scenario: "writes",
        columns: WRITES,
    },
    Table {
        scenario: "writes-alone",
        columns: WRITES,
    },
    Table {
        scenario: "pgbench",
        columns: PGBENCH,
    },
    Table {
        scenario: "grown-writes",
        columns: GROWN_WRITES,
    },
    Table {
        scenario: "grown-retention",
        columns: GROWN_RETENTION,
    },
    Table {
        scenario: "grown-history",
        columns: GROWN_HISTORY,
    },
    Table {
        scenario: "grown-pages",
        columns: GROWN_PAGES,
    },
    Table {
        scenario: "grown-filtered",
        columns: GROWN_FILTERED,
    },
    Table {
        scenario: "tls-fanout",
        columns: FANOUT,
    },
    Table {
        scenario: "tls-idle",
        columns: IDLE,
    },
    Table {
        scenario: "h2-idle",
        columns: IDLE,
    },
    Table {
        scenario: "polls",
        columns: POLLS,
    },
    Table {
        scenario: "durable-fanout",
        columns: &[STREAMS, RATE, DELIVERIES, CPU, CPU_RATIO, P50, P99, MEMORY],
    },
    Table {
        scenario: "crash",
        columns: CRASH,
    },
    Table {
        scenario: "resume",
        columns: RESUME,
    },
    Table {
        scenario: "proxies",
        columns: PROXIES,
    },
    Table {
        scenario: "peers-fanout",
        columns: FANOUT,
    },
    Table {
        scenario: "peers-idle",
        columns: IDLE,
    },
    Table {
        scenario: "peers-resume",
        columns: RESUME,
    },
];
