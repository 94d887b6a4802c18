//! One thread and the streams that it owns.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap, VecDeque},
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

use mio::{Events, Interest, Poll, Token, Waker, event::Event};
use slab::Slab;
use tokio::runtime::Handle;

use super::{
    chunk::Chunks,
    mailbox::{Ask, Handed, Key, Mailbox, Message},
    slot::{Progress, Slot},
};
use crate::events::{
    EventId,
    feed::Source as _,
    history::{History, Page},
    tail::Tail,
};

/// Not the place of a stream.
const WAKE: Token = Token(usize::MAX);
/// After so long with streams that catch up, the thread looks for news for the others.
const CATCH_UP: Duration = Duration::from_millis(2);

/// Signs of life are due all the time, each for one stream. So many milliseconds of them are written
/// together, so that the thread is not woken for each.
const TICK: Duration = Duration::from_millis(50);

/// One thread's streams.
#[derive(Debug)]
pub struct Worker {
    poll: Poll,
    mailbox: Mailbox,
    messages: mpsc::Receiver<Message>,
    runtime: Handle,
    tail: Tail,
    write_timeout: Duration,
    /// How many streams all workers have.
    open: Arc<AtomicUsize>,
    slots: Slab<Slot>,
    source: Chunks,
    now: Instant,
    last_serial: u64,
    /// Streams that catch up, in turn; with a page for those that have asked for one.
    behind: VecDeque<(Key, Option<Arc<Page>>)>,
    /// Who waits for which page.
    asking: HashMap<Ask, Vec<Key>>,
    /// When to look after whom. Those that are not a stream's present timer do not count.
    timers: BinaryHeap<Reverse<(Instant, Key)>>,
    is_finishing: bool,
}

impl Worker {
    /// A worker without streams. `open` counts them for all workers.
    pub fn new(
        tail: Tail,
        write_timeout: Duration,
        open: Arc<AtomicUsize>,
        runtime: Handle,
    ) -> io::Result<Self> {
        let poll = Poll::new()?;
        let (mailbox, messages) = Mailbox::new(Waker::new(poll.registry(), WAKE)?);
        Ok(Self {
            poll,
            mailbox,
            messages,
            runtime,
            source: Chunks::new(tail.clone()),
            tail,
            write_timeout,
            open,
            slots: Slab::new(),
            now: Instant::now(),
            last_serial: 0,
            behind: VecDeque::new(),
            asking: HashMap::new(),
            timers: BinaryHeap::new(),
            is_finishing: false,
        })
    }

    /// Where it is told things.
    pub fn mailbox(&self) -> Mailbox {
        self.mailbox.clone()
    }

    /// Runs until it is told to stop.
    pub fn run(mut self) {
        let mut events = Events::with_capacity(1024);
        loop {
            match self.poll.poll(&mut events, self.patience()) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    tracing::error!(%error, "a reactor cannot wait for its streams; they are closed");
                    break;
                }
            }
            self.now = Instant::now();
            // News first: they are for everybody, the rest is for one stream each.
            if self.source.refresh() {
                self.round();
            }
            if self.receive() {
                break;
            }
            for event in &events {
                self.ready(event);
            }
            self.catch_up();
            self.look_after();
            if self.is_finishing && self.slots.is_empty() {
                break;
            }
        }
        self.open.fetch_sub(self.slots.len(), Ordering::Relaxed);
        for slot in self.slots {
            slot.1.cut();
        }
    }

    /// How long there is nothing to do unless something happens.
    fn patience(&self) -> Option<Duration> {
        if !self.behind.is_empty() {
            return Some(Duration::ZERO);
        }
        let Reverse((due, _)) = self.timers.peek()?;
        Some(due.saturating_duration_since(self.now).max(TICK))
    }

    /// Sends every stream what is new.
    fn round(&mut self) {
        let is_stopping = self.source.is_stopping();
        let mut unfinished = Vec::new();
        for (place, slot) in &mut self.slots {
            // The others notice when their socket, their turn or their page comes.
            let is_waiting = slot.is_queued || slot.is_asking;
            if slot.is_blocked() || is_waiting && !is_stopping {
                continue;
            }
            match slot.advance(self.now, &mut self.source) {
                Progress::UpToDate => {}
                progress => unfinished.push((place, progress)),
            }
        }
        for (place, progress) in unfinished {
            self.handle(place, progress);
        }
    }

    /// Does what it was told; returns whether that is to stop now.
    fn receive(&mut self) -> bool {
        while let Ok(message) = self.messages.try_recv() {
            match message {
                Message::Open(handed) => self.adopt(*handed),
                Message::Start((place, serial), start) => {
                    if let Some(slot) = self.slots.get_mut(place)
                        && slot.serial == serial
                    {
                        slot.is_asking = false;
                        slot.feed().start(start);
                        self.advance(place);
                    }
                }
                Message::Page(ask, page) => {
                    for key in self.asking.remove(&ask).unwrap_or_default() {
                        self.behind.push_back((key, Some(Arc::clone(&page))));
                    }
                }
                Message::Finish => self.is_finishing = true,
                Message::Cut => return true,
            }
        }
        false
    }

    fn adopt(&mut self, handed: Handed) {
        let Handed { socket, head, feed } = handed;
        self.last_serial += 1;
        let socket = mio::net::TcpStream::from_std(socket);
        let slot = Slot::new(self.last_serial, socket, head, feed, self.now);
        let place = self.slots.insert(slot);
        // Counted by whoever handed it over.
        let interest = Interest::READABLE | Interest::WRITABLE;
        let socket = self.slots[place].socket();
        if let Err(error) = self
            .poll
            .registry()
            .register(socket, Token(place), interest)
        {
            tracing::warn!(%error, "cannot watch a stream's socket; it is closed");
            return self.close(place);
        }
        self.advance(place);
        self.set_timer(place);
    }

    fn ready(&mut self, event: &Event) {
        let place = event.token().0;
        // Not so when it was closed in this turn; another stream that has its place does not mind.
        let Some(slot) = self.slots.get_mut(place) else {
            return;
        };
        if event.is_readable() && !slot.is_alive() {
            return self.close(place);
        }
        if event.is_writable() && slot.is_blocked() {
            self.advance(place);
        }
    }

    /// Gives streams that catch up a turn, for a while.
    fn catch_up(&mut self) {
        let started = Instant::now();
        while started.elapsed() < CATCH_UP {
            let Some(((place, serial), page)) = self.behind.pop_front() else {
                return;
            };
            let Some(slot) = self.slots.get_mut(place) else {
                continue;
            };
            if slot.serial != serial {
                continue;
            }
            slot.is_queued = false;
            if let Some(page) = page {
                slot.is_asking = false;
                slot.take_page(&page, self.now, &mut self.source);
            }
            self.advance(place);
        }
    }

    /// Looks after streams whose time has come: they get a sign of life, or are cut because they have
    /// taken nothing for too long.
    fn look_after(&mut self) {
        while let Some(Reverse((due, (place, serial)))) = self.timers.peek().copied()
            && due <= self.now
        {
            self.timers.pop();
            let Some(slot) = self.slots.get_mut(place) else {
                continue;
            };
            if slot.serial != serial || slot.timer != Some(due) {
                continue;
            }
            slot.timer = None;
            if slot.due(self.write_timeout) <= self.now {
                if slot.is_blocked() {
                    tracing::debug!("cutting a stream that takes nothing");
                    self.remove(place).cut();
                    continue;
                }
                self.advance(place);
            }
            self.set_timer(place);
        }
    }

    /// Makes sure that a stream is looked after in time. A timer that comes too early is set again then,
    /// so that nothing needs to be done about timers when something is written.
    fn set_timer(&mut self, place: usize) {
        let Some(slot) = self.slots.get_mut(place) else {
            return;
        };
        let due = slot.due(self.write_timeout);
        if slot.timer.is_none_or(|timer| due < timer) {
            slot.timer = Some(due);
            self.timers.push(Reverse((due, (place, slot.serial))));
        }
    }

    fn advance(&mut self, place: usize) {
        if let Some(slot) = self.slots.get_mut(place) {
            let progress = slot.advance(self.now, &mut self.source);
            self.handle(place, progress);
        }
    }

    /// Sees to it that a stream goes on that has got so far.
    fn handle(&mut self, place: usize, progress: Progress) {
        let Some(slot) = self.slots.get_mut(place) else {
            return;
        };
        let key = (place, slot.serial);
        match progress {
            Progress::UpToDate => {}
            Progress::Blocked => {
                // Its timer may be set for a sign of life that comes much later.
                self.set_timer(place);
            }
            Progress::More => {
                if !slot.is_queued {
                    slot.is_queued = true;
                    self.behind.push_back((key, None));
                }
            }
            Progress::Locate(requested) => {
                if !slot.is_asking {
                    slot.is_asking = true;
                    self.ask(async move |tail| {
                        Message::Start(key, tail.locate_at_last(requested).await)
                    });
                }
            }
            Progress::Read(through) => {
                if !slot.is_asking {
                    slot.is_asking = true;
                    self.ask_page(place, key, through);
                }
            }
            Progress::Closed => self.close(place),
        }
    }

    /// Asks for the page that a stream needs, unless somebody has.
    fn ask_page(&mut self, place: usize, key: Key, through: EventId) {
        let feed = self.slots[place].feed();
        let (cursor, filter) = (feed.cursor(), feed.filter().clone());
        let ask = (History::page_start(cursor, &filter), filter);
        let waiting = self.asking.entry(ask.clone()).or_default();
        waiting.push(key);
        if waiting.len() == 1 {
            self.ask(async move |tail| {
                let page = tail.page(cursor, through, &ask.1).await;
                Message::Page(ask, page)
            });
        }
    }

    /// Has the database asked; the answer comes as a message.
    fn ask<F>(&self, question: impl FnOnce(Tail) -> F)
    where
        F: Future<Output = Message> + Send + 'static,
    {
        let answer = question(self.tail.clone());
        let stop = self.tail.stop().clone();
        let mailbox = self.mailbox();
        self.runtime.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                message = answer => mailbox.send(message),
            }
        });
    }

    fn close(&mut self, place: usize) {
        drop(self.remove(place));
    }

    fn remove(&mut self, place: usize) -> Slot {
        self.open.fetch_sub(1, Ordering::Relaxed);
        self.slots.remove(place)
    }
}
