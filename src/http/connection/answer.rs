//! The body of an answer on its way to the client.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use dotcast_log::standing::{End, Standing};
use hyper::body::{Body, Frame, SizeHint};

use super::stalls::Progress;
use crate::http::streams::socket::Pressure;

/// Upper bound on how much of an answer is handed out at a time, in bytes. h2 takes a whole frame as soon as the window
/// has room for its first byte, so this is also how much it buffers for a stream that stalls.
const MAX_FRAME: usize = 16 << 10;

/// A body on its way out, frame by frame. Over HTTP/1.x the socket shows whether the client reads it; over HTTP/2 this
/// type does.
#[derive(Debug)]
pub struct AnswerBody<B, H> {
    body: B,
    /// The part of the last chunk that has not been handed out.
    rest: Bytes,
    /// Set with HTTP/2.
    meter: Option<Meter>,
    /// Set for event streams.
    stream: Option<Following>,
    _held: H,
}

/// An event stream, and the socket that it is written to.
#[derive(Debug)]
pub struct Following {
    /// Where it stands.
    pub standing: Arc<Standing>,
    /// The socket.
    pub pressure: Pressure,
}

/// What an HTTP/2 stream has been handed, and how far it has got.
#[derive(Debug)]
struct Meter {
    progress: Progress,
    /// Frames handed out.
    frames: u64,
}

impl<B, H> AnswerBody<B, H> {
    /// `body`, which may be a `stream`. `held` is dropped once all of it was handed out, or when the rest is no
    /// longer wanted. Called in the task of its request.
    pub fn new(body: B, stream: Option<Following>, held: H) -> Self {
        let meter = Progress::current().map(|progress| Meter {
            progress,
            frames: 0,
        });
        Self {
            body,
            rest: Bytes::new(),
            meter,
            stream,
            _held: held,
        }
    }
}

impl Meter {
    /// How many of the last `len` bytes of a chunk to send together.
    ///
    /// The last byte goes alone. h2 has room for it only once the window has room for everything before it. So an
    /// answer is not over before the client has read it, and until then it can be reset. The chunks of an event stream
    /// stay whole: each is an event or a few, and there are many.
    fn cut(&mut self, len: usize, is_stream: bool) -> usize {
        self.frames += 1;
        self.progress.handed(self.frames);
        if len > 1 && len <= MAX_FRAME && !is_stream {
            len - 1
        } else {
            len
        }
    }
}

impl<B, H> Drop for AnswerBody<B, H> {
    /// Before the stream itself is dropped, which reports its end.
    fn drop(&mut self) {
        let progress = self.meter.as_ref().map(|it| &it.progress);
        if let Some(Following { standing, pressure }) = &self.stream
            && (pressure.has_stalled() || progress.is_some_and(Progress::has_stalled))
        {
            standing.ends(End::Stalled);
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
            body,
            rest,
            meter,
            stream,
            ..
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
            len = meter.cut(rest.len(), stream.is_some()).min(len);
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
