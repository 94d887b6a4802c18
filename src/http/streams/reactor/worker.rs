//! One thread and the streams that it owns.

use std::{
    collections::VecDeque,
    io, mem,
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
    standing::End,
    vital,
};
use mio::{Events, Interest, Poll, Token, Waker, event::Event, net::TcpStream};
use slab::Slab;
use tokio::runtime::Handle;

use super::{
    chunks::{Chunks, News},
    followers::Followers,
    mailbox::{Handed, Mailbox, Message, StreamKey},
    pages::Pages,
    questions::Questions,
    slot::{Halt, Slot, Waiting},
    timers::Timers,
    transport::Transport,
};

/// No stream has this place.
const WAKE: Token = Token(usize::MAX);
/// How long the thread serves streams that catch up before it looks for news for the others.
const CATCH_UP: Duration = Duration::from_millis(2);

/// Shortest interval between wake-ups for timers. Keep-alives are due all the time, each for one stream; those that
/// fall due within this time are written together.
const TICK: Duration = Duration::from_millis(50);

/// How long a stream that was sent nothing in a round may seem to stand where it stood before, to those who look from
/// outside.
const RECORD: Duration = Duration::from_secs(1);

/// One thread's streams.
#[derive(Debug)]
pub struct Worker {
    poll: Poll,
    mailbox: Mailbox,
    messages: mpsc::Receiver<Message>,
    write_timeout: Duration,
    /// How many streams all workers have.
    open: Arc<AtomicUsize>,
    slots: Slab<Slot>,
    source: Chunks,
    followers: Followers,
    /// When streams that no round has looked at have to record how far they have come; `None` if they have.
    unrecorded: Option<Instant>,
    now: Instant,
    last_serial: u64,
    /// Streams that wait for their [turn](Waiting::Turn), each once, and some that are over.
    behind: VecDeque<StreamKey>,
    questions: Questions,
    pages: Pages,
    timers: Timers,
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
            questions: Questions::new(hub.clone(), runtime, mailbox.clone()),
            mailbox,
            messages,
            source: Chunks::new(hub),
            followers: Followers::default(),
            unrecorded: None,
            write_timeout,
            open,
            slots: Slab::new(),
            now: Instant::now(),
            last_serial: 0,
            behind: VecDeque::new(),
            pages: Pages::default(),
            timers: Timers::new(Instant::now()),
            is_finishing: false,
        })
    }

    /// Where other threads send messages.
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
            // Otherwise the server would go on without its streams.
            Err(error) => panic!("a reactor cannot wait for its streams: {error}"),
        }
        vital::test_panic("reactor");
        self.now = Instant::now();
        // News first: it is for everybody, and the rest is for one stream each.
        if let Some(news) = self.source.refresh() {
            self.round(&news);
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

    /// How long to wait if nothing happens. None if nothing is due.
    fn patience(&self) -> Option<Duration> {
        if !self.behind.is_empty() {
            return Some(Duration::ZERO);
        }
        let due = self
            .timers
            .first()
            .into_iter()
            .chain(self.unrecorded)
            .min()?;
        Some(due.saturating_duration_since(self.now).max(TICK))
    }

    /// Sends what is new to all streams that want it.
    fn round(&mut self, news: &News) {
        let is_stopping = self.source.is_stopping();
        let (now, source) = (self.now, &mut self.source);
        let mut unfinished = Vec::new();
        let mut visit = |place, slot: &mut Slot| {
            // The others notice when their socket has room, or when what they wait for has arrived.
            let is_waiting = slot.is_waiting();
            let must_end = is_stopping || is_waiting && slot.feed().is_over(now);
            if slot.is_blocked() || is_waiting && !must_end {
                return;
            }
            slot.skip(news.since);
            match slot.advance(now, source) {
                Halt::UpToDate => {}
                halt => unfinished.push((place, halt)),
            }
        };
        let follow_all = self.slots.len() - self.followers.len();
        if news.topics.is_none() || follow_all > 0 {
            for (place, slot) in &mut self.slots {
                if news.topics.is_none() || slot.topics().is_none() {
                    visit(place, slot);
                }
            }
        }
        // One that follows several of them is looked at several times, and is up to date then.
        for place in news
            .topics
            .iter()
            .flatten()
            .flat_map(|&it| self.followers.of(it))
        {
            visit(place, &mut self.slots[place]);
        }
        if self.followers.len() > 0 {
            self.unrecorded.get_or_insert(now + RECORD);
        }
        for (place, halt) in unfinished {
            self.handle(place, halt);
        }
    }

    /// Carries out its messages, except the one to stop now.
    fn receive(&mut self) -> ControlFlow<()> {
        while let Ok(message) = self.messages.try_recv() {
            match message {
                Message::Open(handed) => self.adopt(*handed),
                Message::Start(key, start) => {
                    if let Some(slot) = self.find(key) {
                        slot.waiting = Waiting::News;
                        slot.feed().start(start);
                        self.advance(key.place);
                    }
                }
                Message::Page(page_key, page) => {
                    for key in self.pages.arrived(&page_key) {
                        self.queue(key, Some(Arc::clone(&page)));
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
            tls,
            head,
            feed,
            seat,
        } = handed;
        self.last_serial += 1;
        let transport = Transport::new(TcpStream::from_std(socket), tls);
        let slot = Slot::new(self.last_serial, transport, head, feed, seat, self.now);
        let place = self.slots.insert(slot);
        if let Some(topics) = self.slots[place].topics() {
            self.followers.add(topics, place);
        }
        // It was counted when it was handed over.
        let interest = Interest::READABLE | Interest::WRITABLE;
        let transport = self.slots[place].transport();
        let registry = self.poll.registry();
        if let Err(error) = registry.register(transport.socket(), Token(place), interest) {
            tracing::warn!(%error, "cannot watch a stream's socket; it is closed");
            return self.close(place);
        }
        // What was read before is not reported by the socket any more.
        if transport.is_encrypted() && !transport.is_alive() {
            return self.close(place);
        }
        self.advance(place);
        self.set_timer(place);
    }

    fn ready(&mut self, event: &Event) {
        let place = event.token().0;
        // The stream may have been closed earlier in this pass. If another stream has its place by now, that one is
        // looked at once too often, which is harmless.
        let Some(slot) = self.slots.get_mut(place) else {
            return;
        };
        if event.is_readable() && !slot.transport().is_alive() {
            return self.close(place);
        }
        // Also if reading has left something to be written.
        if slot.is_blocked() {
            self.advance(place);
        }
    }

    /// Lets streams that catch up have their turns, for a limited time.
    fn catch_up(&mut self) {
        let started = Instant::now();
        while started.elapsed() < CATCH_UP {
            let Some(key) = self.behind.pop_front() else {
                return;
            };
            let (now, place) = (self.now, key.place);
            let Some(slot) = self.slots.get_mut(place) else {
                continue;
            };
            if slot.serial != key.serial {
                continue;
            }
            if let Waiting::Turn(Some(page)) = mem::replace(&mut slot.waiting, Waiting::News) {
                slot.take_page(&page, now, &mut self.source);
            }
            self.advance(place);
        }
    }

    /// Looks after streams whose time has come: they get a keep-alive, or are cut because their clients have taken
    /// nothing for too long. Those that no round has looked at record how far they have come.
    fn look_after(&mut self) {
        if self.unrecorded.is_some_and(|due| due <= self.now) {
            self.unrecorded = None;
            let settled = self.source.settled();
            for (_, slot) in &mut self.slots {
                slot.skip(settled);
            }
        }
        while let Some(place) = self.timers.take_due(self.now) {
            let slot = &mut self.slots[place];
            slot.timer = None;
            if slot.due(self.write_timeout) <= self.now {
                if slot.is_blocked() {
                    slot.feed().standing().ends(End::Stalled);
                    self.remove(place).cut();
                    continue;
                }
                self.advance(place);
            }
            self.set_timer(place);
        }
    }

    /// Makes sure that a stream is looked after in time. A timer that comes too early is then set again, so writing
    /// something never has to touch timers.
    fn set_timer(&mut self, place: usize) {
        let Some(slot) = self.slots.get_mut(place) else {
            return;
        };
        let due = slot.due(self.write_timeout);
        self.timers.set(place, &mut slot.timer, due);
    }

    /// The stream with this key, unless it is over.
    fn find(&mut self, key: StreamKey) -> Option<&mut Slot> {
        let slot = self.slots.get_mut(key.place)?;
        (slot.serial == key.serial).then_some(slot)
    }

    /// Has a stream wait for its turn, with the page that it asked for if it has one.
    fn queue(&mut self, key: StreamKey, page: Option<Arc<Page>>) {
        if let Some(slot) = self.find(key) {
            slot.waiting = Waiting::Turn(page);
            self.behind.push_back(key);
        }
    }

    fn advance(&mut self, place: usize) {
        if let Some(slot) = self.slots.get_mut(place) {
            slot.skip(self.source.settled());
            let halt = slot.advance(self.now, &mut self.source);
            self.handle(place, halt);
        }
    }

    /// Makes sure that a stream that stopped here goes on.
    fn handle(&mut self, place: usize, halt: Halt) {
        let Some(slot) = self.slots.get_mut(place) else {
            return;
        };
        let key = StreamKey {
            place,
            serial: slot.serial,
        };
        match halt {
            Halt::UpToDate => {}
            // Its timer may be set for a keep-alive that is due much later.
            Halt::Blocked => self.set_timer(place),
            Halt::Closed => self.close(place),
            // It goes on from there when its turn or the answer comes.
            Halt::TurnOver | Halt::NeedsPlace(_) | Halt::NeedsPage(_) if slot.is_waiting() => {}
            Halt::TurnOver => self.queue(key, None),
            Halt::NeedsPlace(requested) => {
                slot.waiting = Waiting::Place(self.questions.place(key, requested));
            }
            Halt::NeedsPage(through) => self.ask_page(key, through),
        }
    }

    /// Requests the page that a stream needs, unless another stream already has.
    fn ask_page(&mut self, key: StreamKey, through: EventId) {
        let slot = &mut self.slots[key.place];
        let cursor = slot.feed().cursor();
        let page = Arc::new(PageKey::of(cursor, slot.feed().filter()));
        slot.waiting = Waiting::Page(Arc::clone(&page));
        if !self.pages.join(&page, key) {
            let question = self.questions.page(Arc::clone(&page), cursor, through);
            self.pages.begin(page, key, question);
        }
    }

    fn close(&mut self, place: usize) {
        drop(self.remove(place));
    }

    /// Removes a stream, with its timer and its question.
    fn remove(&mut self, place: usize) -> Slot {
        self.open.fetch_sub(1, Ordering::Relaxed);
        let slot = self.slots.remove(place);
        self.timers.remove(slot.timer);
        if let Some(topics) = slot.topics() {
            self.followers.remove(topics, place);
        }
        if let Waiting::Page(page) = &slot.waiting {
            let serial = slot.serial;
            self.pages.leave(page, StreamKey { place, serial });
        }
        slot
    }
}

#[cfg(test)]
mod tests;
