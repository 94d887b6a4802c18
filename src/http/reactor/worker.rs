//! One thread and the streams that it owns.

use std::{
    collections::{BTreeSet, VecDeque},
    io,
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

use dotcast_log::{
    EventId,
    feed::Source as _,
    history::{Page, PageKey},
    hub::Hub,
    vital,
};
use mio::{Events, Interest, Poll, Token, Waker, event::Event};
use slab::Slab;
use tokio::runtime::Handle;
use tokio_util::task::AbortOnDropHandle;

use super::{
    chunk::Chunks,
    mailbox::{Handed, Key, Mailbox, Message},
    pages::Pages,
    slot::{Progress, Question, Slot},
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
    hub: Hub,
    write_timeout: Duration,
    /// How many streams all workers have.
    open: Arc<AtomicUsize>,
    slots: Slab<Slot>,
    source: Chunks,
    now: Instant,
    last_serial: u64,
    /// Streams that catch up, in turn; with a page for those that have asked for one.
    behind: VecDeque<(Key, Option<Arc<Page>>)>,
    pages: Pages,
    /// Each stream's [timer](Slot::timer) and place.
    timers: BTreeSet<(Instant, usize)>,
    is_finishing: bool,
}

impl Worker {
    /// A worker without streams. `open` counts them for all workers.
    pub fn new(
        hub: Hub,
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
            source: Chunks::new(hub.clone()),
            hub,
            write_timeout,
            open,
            slots: Slab::new(),
            now: Instant::now(),
            last_serial: 0,
            behind: VecDeque::new(),
            pages: Pages::default(),
            timers: BTreeSet::new(),
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
        while self.turn(&mut events).is_continue() {}
        self.open.fetch_sub(self.slots.len(), Ordering::Relaxed);
        for slot in self.slots {
            slot.1.cut();
        }
    }

    /// Waits until there is something to do, and does it.
    fn turn(&mut self, events: &mut Events) -> ControlFlow<()> {
        match self.poll.poll(events, self.patience()) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                return ControlFlow::Continue(());
            }
            // The server would go on without streams.
            Err(error) => panic!("a reactor cannot wait for its streams: {error}"),
        }
        vital::test_panic("reactor");
        self.now = Instant::now();
        // News first: they are for everybody, the rest is for one stream each.
        if self.source.refresh() {
            self.round();
        }
        self.receive()?;
        for event in &*events {
            self.ready(event);
        }
        self.catch_up();
        self.look_after();
        if self.is_finishing && self.slots.is_empty() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// How long there is nothing to do unless something happens.
    fn patience(&self) -> Option<Duration> {
        if !self.behind.is_empty() {
            return Some(Duration::ZERO);
        }
        let (due, _) = self.timers.first()?;
        Some(due.saturating_duration_since(self.now).max(TICK))
    }

    /// Sends every stream what is new.
    fn round(&mut self) {
        let is_stopping = self.source.is_stopping();
        let mut unfinished = Vec::new();
        for (place, slot) in &mut self.slots {
            // The others notice when their socket, their turn or their page comes.
            let is_waiting = slot.is_queued || slot.question.is_some();
            let must_end = is_stopping || is_waiting && slot.feed().is_over(self.now);
            if slot.is_blocked() || is_waiting && !must_end {
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

    /// Does what it was told, unless that is to stop now.
    fn receive(&mut self) -> ControlFlow<()> {
        while let Ok(message) = self.messages.try_recv() {
            match message {
                Message::Open(handed) => self.adopt(*handed),
                Message::Start((place, serial), start) => {
                    if let Some(slot) = self.slots.get_mut(place)
                        && slot.serial == serial
                    {
                        slot.question = None;
                        slot.feed().start(start);
                        self.advance(place);
                    }
                }
                Message::Page(ask, page) => {
                    for key in self.pages.arrived(&ask) {
                        self.behind.push_back((key, Some(Arc::clone(&page))));
                    }
                }
                Message::Finish => self.is_finishing = true,
                Message::Cut => return ControlFlow::Break(()),
            }
        }
        ControlFlow::Continue(())
    }

    fn adopt(&mut self, handed: Handed) {
        let Handed {
            socket,
            head,
            feed,
            seat,
        } = handed;
        self.last_serial += 1;
        let socket = mio::net::TcpStream::from_std(socket);
        let slot = Slot::new(self.last_serial, socket, head, feed, seat, self.now);
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
                slot.question = None;
                slot.take_page(&page, self.now, &mut self.source);
            }
            self.advance(place);
        }
    }

    /// Looks after streams whose time has come: they get a sign of life, or are cut because they have
    /// taken nothing for too long.
    fn look_after(&mut self) {
        while let Some(&(due, place)) = self.timers.first()
            && due <= self.now
        {
            self.timers.pop_first();
            let slot = &mut self.slots[place];
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
            if let Some(later) = slot.timer.replace(due) {
                self.timers.remove(&(later, place));
            }
            self.timers.insert((due, place));
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
            // The answer is on its way.
            Progress::Locate(_) | Progress::Read(_) if slot.question.is_some() => {}
            Progress::Locate(requested) => {
                let question = self
                    .ask(async move |hub| Message::Start(key, hub.locate_at_last(requested).await));
                self.slots[place].question = Some(Question::Place(question));
            }
            Progress::Read(through) => self.ask_page(key, through),
            Progress::Closed => self.close(place),
        }
    }

    /// Asks for the page that a stream needs, unless somebody has.
    fn ask_page(&mut self, key: Key, through: EventId) {
        let feed = self.slots[key.0].feed();
        let cursor = feed.cursor();
        let ask = Arc::new(PageKey::of(cursor, feed.filter()));
        if !self.pages.join(&ask, key) {
            let wanted = Arc::clone(&ask);
            let question = self.ask(async move |hub| {
                let page = hub.page(cursor, through, wanted.filter()).await;
                Message::Page(wanted, page)
            });
            self.pages.begin(Arc::clone(&ask), key, question);
        }
        self.slots[key.0].question = Some(Question::Page(ask));
    }

    /// Asks the database until the returned handle is dropped. The answer comes as a message.
    fn ask<F>(&self, question: impl FnOnce(Hub) -> F) -> AbortOnDropHandle<()>
    where
        F: Future<Output = Message> + Send + 'static,
    {
        let answer = question(self.hub.clone());
        let stop = self.hub.stop().clone();
        let mailbox = self.mailbox();
        AbortOnDropHandle::new(self.runtime.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                message = answer => mailbox.send(message),
            }
        }))
    }

    fn close(&mut self, place: usize) {
        drop(self.remove(place));
    }

    /// Takes a stream out, with its timer and its questions.
    fn remove(&mut self, place: usize) -> Slot {
        self.open.fetch_sub(1, Ordering::Relaxed);
        let slot = self.slots.remove(place);
        if let Some(timer) = slot.timer {
            self.timers.remove(&(timer, place));
        }
        if let Some(Question::Page(ask)) = &slot.question {
            self.pages.leave(ask, (place, slot.serial));
        }
        slot
    }
}

#[cfg(test)]
mod tests;
