//! Asks the database on behalf of a worker's streams. The answers come as messages.

use std::sync::Arc;

use dotcast_log::{EventId, cursor::Origin, history::PageKey, hub::Hub};
use tokio::runtime::Handle;
use tokio_util::task::AbortOnDropHandle;

use super::mailbox::{Mailbox, Message, StreamKey};

/// Asks on behalf of a worker's streams.
#[derive(Debug)]
pub struct Questions {
    hub: Hub,
    runtime: Handle,
    mailbox: Mailbox,
}

/// A question under way. Dropping it ends the question.
pub type Asking = AbortOnDropHandle<()>;

impl Questions {
    /// Asks on `runtime`, and sends answers to `mailbox`.
    pub fn new(hub: Hub, runtime: Handle, mailbox: Mailbox) -> Self {
        Self {
            hub,
            runtime,
            mailbox,
        }
    }

    /// Asks where to start a stream whose client wants to begin there.
    pub fn place(&self, stream: StreamKey, requested: Origin) -> Asking {
        self.ask(async move |hub| Message::Start(stream, hub.locate_at_last(requested).await))
    }

    /// Requests the page with what follows `cursor` up to `through`.
    pub fn page(&self, key: Arc<PageKey>, cursor: EventId, through: EventId) -> Asking {
        self.ask(async move |hub| {
            let page = hub.page(cursor, through, key.filter()).await;
            Message::Page(key, page)
        })
    }

    fn ask<F>(&self, question: impl FnOnce(Hub) -> F) -> Asking
    where
        F: Future<Output = Message> + Send + 'static,
    {
        let answer = question(self.hub.clone());
        let stop = self.hub.stop().clone();
        let mailbox = self.mailbox.clone();
        AbortOnDropHandle::new(self.runtime.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                message = answer => mailbox.send(message),
            }
        }))
    }
}
