//! The program's allocator. glibc's keeps what a burst of requests or streams took, for good; jemalloc gives
//! it back to the system once it has not been used for a second. SQLite allocates by it as well.

use tikv_jemalloc_ctl::{Access as _, AsName as _, Error, arenas, background_thread};
use tikv_jemallocator::Jemalloc;

#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

/// How long freed memory is kept for the next who needs some, in milliseconds.
const DECAY: isize = 1000;

/// Has freed memory given back after a second, and by a thread of its own: otherwise it would be given back
/// only by somebody who allocates, and after a burst nobody does. To be called before other threads are
/// started, which make arenas for themselves.
///
/// # Errors
/// The system has no such threads; without them memory comes back as the server goes on working.
pub fn give_memory_back() -> Result<(), Error> {
    // What is freed is first kept as `dirty`, and then, where the system can take it back lazily, as `muzzy`.
    for kind in ["dirty", "muzzy"] {
        set(&format!("arenas.{kind}_decay_ms"), DECAY)?;
    }
    // That is for arenas to come. One that is not there yet refuses, and will be made with the new setting.
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
