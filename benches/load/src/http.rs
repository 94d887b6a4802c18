//! One keep-alive connection on which requests are sent one after the other (HTTP/1.1).

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::Arc,
    time::Duration,
};

use rustls::{ClientConfig, ClientConnection, StreamOwned};

use crate::transport::{Transport, server_name};

/// Time limit for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer.
#[derive(Debug)]
pub struct Response {
    /// Its status code.
    pub status: u16,
    /// Its body.
    pub body: Vec<u8>,
}

/// A client with one connection, which is reopened when the server has closed it.
pub struct Client {
    address: SocketAddr,
    tls: Option<Arc<ClientConfig>>,
    connection: Option<BufReader<Connection>>,
    /// Header lines that go with each request, each with its CRLF.
    headers: String,
}

impl Client {
    /// A client that is not yet connected.
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            tls: None,
            connection: None,
            headers: String::new(),
        }
    }

    /// Encrypts as the server does.
    #[must_use]
    pub fn over(mut self, transport: &Transport) -> Self {
        self.tls = transport.of_requests().cloned();
        self
    }

    /// Sends this header with each request.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.extend([name, ": ", value, "\r\n"]);
        self
    }

    /// Sends a request and reads the answer. A POST is never sent twice.
    pub fn send(&mut self, method: &str, path: &str, body: &[u8]) -> io::Result<Response> {
        self.ask(method, path, body)?;
        self.answer()
    }

    /// Sends a request, whose [`answer`](Self::answer) comes later.
    pub fn ask(&mut self, method: &str, path: &str, body: &[u8]) -> io::Result<()> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect()?,
        };
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\n{}Content-Length: {}\r\n\r\n",
            self.address,
            self.headers,
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(body);
        connection.get_mut().write_all(&request)?;
        connection.get_mut().flush()?;
        self.connection = Some(connection);
        Ok(())
    }

    /// The answer to the request that was sent.
    pub fn answer(&mut self) -> io::Result<Response> {
        let mut connection = self.connection.take().ok_or(io::ErrorKind::NotConnected)?;
        let (response, keep) = read_response(&mut connection)?;
        if keep {
            self.connection = Some(connection);
        }
        Ok(response)
    }

    /// The same, except that any answer but a success is an error.
    pub fn expect_success(&mut self, method: &str, path: &str, body: &[u8]) -> io::Result<Vec<u8>> {
        let response = self.send(method, path, body)?;
        if !(200..300).contains(&response.status) {
            return Err(io::Error::other(format!(
                "{method} {path} was answered with {} {}",
                response.status,
                String::from_utf8_lossy(&response.body)
            )));
        }
        Ok(response.body)
    }

    fn connect(&self) -> io::Result<BufReader<Connection>> {
        let socket = TcpStream::connect(self.address)?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        let connection = match &self.tls {
            None => Connection::Plain(socket),
            Some(config) => {
                let session = ClientConnection::new(Arc::clone(config), server_name());
                let session = session.map_err(io::Error::other)?;
                Connection::Tls(Box::new(StreamOwned::new(session, socket)))
            }
        };
        Ok(BufReader::new(connection))
    }
}

enum Connection {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(it) => it.read(buffer),
            Self::Tls(it) => it.read(buffer),
        }
    }
}

impl Write for Connection {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(it) => it.write(bytes),
            Self::Tls(it) => it.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(it) => it.flush(),
            Self::Tls(it) => it.flush(),
        }
    }
}

/// Reads an answer. Returns it, and whether the connection can be used again.
fn read_response(connection: &mut impl BufRead) -> io::Result<(Response, bool)> {
    let status_line = read_line(connection)?;
    let status = status_line.split(' ').nth(1).and_then(|it| it.parse().ok());
    let status: u16 = status.ok_or_else(|| malformed(&status_line))?;
    let (mut length, mut chunked, mut keep) = (None, false, true);
    loop {
        let line = read_line(connection)?.to_ascii_lowercase();
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        match (name, value.trim()) {
            ("content-length", value) => {
                length = Some(value.parse::<u64>().map_err(|_| malformed(&line))?);
            }
            ("transfer-encoding", "chunked") => chunked = true,
            ("connection", "close") => keep = false,
            _ => {}
        }
    }
    let mut body = Vec::new();
    if chunked {
        loop {
            let size = read_line(connection)?;
            let digits = size.split(';').next().unwrap_or_default().trim();
            let size = u64::from_str_radix(digits, 16).map_err(|_| malformed(&size))?;
            connection.take(size).read_to_end(&mut body)?;
            read_line(connection)?;
            if size == 0 {
                break;
            }
        }
    } else if let Some(length) = length {
        connection.take(length).read_to_end(&mut body)?;
    } else if status != 204 && status != 304 {
        connection.read_to_end(&mut body)?;
        keep = false;
    }
    Ok((Response { status, body }, keep))
}

fn read_line(connection: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    if connection.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}

fn malformed(line: &str) -> io::Error {
    io::Error::other(format!("not HTTP: `{line}`"))
}
