//! The body of an answer on its way to the client.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use super::stalls::Progress;

/// Largest part of an answer that is handed out at a time, in bytes. h2 takes a frame whole as soon as the
/// window has room for its first byte, so this is also what it buffers for a stream that stalls.
const MAX_FRAME: usize = 16 << 10;

/// A body as it goes out, frame by frame. Over HTTP/1.x the socket tells whether the client takes it; over
/// HTTP/2 this does.
#[derive(Debug)]
pub struct AnswerBody<B, H> {
    body: B,
    /// What of the last chunk has not been handed out.
    rest: Bytes,
    /// With HTTP/2.
    meter: Option<Meter>,
    _held: H,
}

/// What an HTTP/2 stream is handed, and how far it has come.
#[derive(Debug)]
struct Meter {
    progress: Progress,
    /// Frames handed out.
    frames: u64,
    /// An event stream, whose chunks stay whole: each is an event or a few, and there are many.
    is_stream: bool,
}

impl<B, H> AnswerBody<B, H> {
    /// `body`, which is an event stream or not. `held` is dropped when all of it was handed out, or the rest is not
    /// wanted. Called in the task of its request.
    pub fn new(body: B, is_stream: bool, held: H) -> Self {
        let meter = Progress::current().map(|progress| Meter {
            progress,
            frames: 0,
            is_stream,
        });
        Self {
            body,
            rest: Bytes::new(),
            meter,
            _held: held,
        }
    }
}

impl Meter {
    /// How many of the last `len` bytes of a chunk travel together.
    ///
    /// The last byte travels alone. h2 has room for it only when the window has room for all that came before,
    /// so an answer is not over before the client has taken it, and until then it can be reset.
    fn cut(&mut self, len: usize) -> usize {
        self.frames += 1;
        self.progress.handed(self.frames);
        if len > 1 && len <= MAX_FRAME && !self.is_stream {
            len - 1
        } else {
            len
        }
    }
}

impl<B, H> Body for AnswerBody<B, H>
where
    B: Body<Data = Bytes> + Unpin,
    H: Unpin,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let Self {
            body, rest, meter, ..
        } = self.get_mut();
        if let Some(meter) = meter {
            meter.progress.taken();
        }
        while rest.is_empty() {
            match ready!(Pin::new(&mut *body).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => *rest = data,
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
                end => return Poll::Ready(end),
            }
        }
        let mut len = rest.len().min(MAX_FRAME);
        if let Some(meter) = meter {
            len = meter.cut(rest.len()).min(len);
        }
        Poll::Ready(Some(Ok(Frame::data(rest.split_to(len)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let hint = self.body.size_hint();
        match hint.exact() {
            Some(exact) => SizeHint::with_exact(exact + self.rest.len() as u64),
            None => SizeHint::default(),
        }
    }
}
