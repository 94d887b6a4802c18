//! The body of an answer on its way to the client.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use super::stalls::Progress;

/// Largest frame that is handed to an HTTP/2 stream, in bytes. h2 takes a frame whole as soon as the
/// window has room for its first byte, so this is also what it buffers for a stream that stalls.
const MAX_FRAME: usize = 16 << 10;

/// A body as it goes out. Over HTTP/1.x the socket tells whether the client takes it; over HTTP/2 this does,
/// frame by frame.
#[derive(Debug)]
pub struct AnswerBody<B> {
    body: B,
    pace: Option<Pace>,
}

/// What an HTTP/2 stream is handed, and how far it has come.
#[derive(Debug)]
struct Pace {
    progress: Progress,
    /// What of the last chunk has not been handed out.
    rest: Bytes,
    /// Frames handed out.
    frames: u64,
    /// An event stream, which is over only when it says so.
    is_stream: bool,
}

impl<B> AnswerBody<B> {
    /// `body`, which is an event stream or not. Called in the task of its request.
    pub fn new(body: B, is_stream: bool) -> Self {
        let pace = Progress::current().map(|progress| Pace {
            progress,
            rest: Bytes::new(),
            frames: 0,
            is_stream,
        });
        Self { body, pace }
    }
}

impl Pace {
    /// The next frame of the last chunk, which is not empty.
    ///
    /// The last byte of a chunk travels alone. h2 has room for it only when the window has room for all that
    /// came before, so an answer is not over before the client has taken it, and until then it can be reset.
    fn cut(&mut self) -> Bytes {
        let len = match self.rest.len() {
            len if len > MAX_FRAME => MAX_FRAME,
            len if len > 1 && !self.is_stream => len - 1,
            len => len,
        };
        self.frames += 1;
        self.progress.handed(self.frames);
        self.rest.split_to(len)
    }
}

impl<B> Body for AnswerBody<B>
where
    B: Body<Data = Bytes> + Unpin,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let Self { body, pace } = self.get_mut();
        let Some(pace) = pace else {
            return Pin::new(body).poll_frame(context);
        };
        pace.progress.taken();
        while pace.rest.is_empty() {
            match ready!(Pin::new(&mut *body).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => pace.rest = data,
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
                // An empty line more means nothing (WHATWG HTML, 9.2.6), and travels alone.
                None if pace.is_stream => {
                    pace.is_stream = false;
                    pace.rest = Bytes::from_static(b"\n");
                }
                end => return Poll::Ready(end),
            }
        }
        Poll::Ready(Some(Ok(Frame::data(pace.cut()))))
    }

    fn is_end_stream(&self) -> bool {
        let is_held = self
            .pace
            .as_ref()
            .is_some_and(|it| it.is_stream || !it.rest.is_empty());
        !is_held && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let held = self.pace.as_ref().map_or(0, |it| it.rest.len() as u64);
        let hint = self.body.size_hint();
        match hint.exact() {
            Some(exact) => SizeHint::with_exact(exact + held),
            None => SizeHint::default(),
        }
    }
}
