//! The program's allocator. glibc's keeps the memory of a burst of requests or streams for good; jemalloc returns it
//! to the system once it has not been used for a second. SQLite allocates through it as well.

use tikv_jemalloc_ctl::{Access as _, AsName as _, Error, arenas, background_thread};
use tikv_jemallocator::Jemalloc;

#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

/// How long freed memory is kept for reuse, in milliseconds.
const DECAY: isize = 1000;

/// Makes jemalloc return freed memory after a second, from a thread of its own. Otherwise only a thread that
/// allocates would return it, and after a burst none does. Call it before other threads start and create arenas of
/// their own.
///
/// # Errors
/// If the system has no such threads. Memory is then returned only as the server goes on working.
pub fn give_memory_back() -> Result<(), Error> {
    // What is freed is first kept as `dirty`, and then, where the system can take it back lazily, as `muzzy`.
    for kind in ["dirty", "muzzy"] {
        set(&format!("arenas.{kind}_decay_ms"), DECAY)?;
    }
    // This applies to arenas yet to come. One that does not exist yet refuses, and will be created with the new
    // setting.
    for arena in 0..arenas::narenas::read()? {
        for kind in ["dirty", "muzzy"] {
            let _ = set(&format!("arena.{arena}.{kind}_decay_ms"), DECAY);
        }
    }
    background_thread::write(true)
}

fn set(name: &str, value: isize) -> Result<(), Error> {
    format!("{name}\0").as_bytes().name().write(value)
}
