//! Access to internals for the fuzz targets in `tests/fuzz`. Only `cargo fuzz` compiles this.

use std::sync::LazyLock;

use poem::http::HeaderMap;

pub use crate::api::request::{
    credentials::tokens::{Tokens, cookie_name},
    params::{ETags, Parameter, Types},
    schemas::Unfit,
};
use crate::{
    api::{
        document::document,
        request::{credentials::origin, json::Input, schemas::Schemas},
        resources::{boards::body::NewBoard, paths::body::NewPath},
    },
    boards, http, paths,
};

static SCHEMAS: LazyLock<Schemas> =
    LazyLock::new(|| Schemas::compile(&document()).expect("schemas that are checked"));

/// Whether the page that has sent a request belongs to the server at `authority`.
pub fn is_own(headers: &HeaderMap, authority: Option<&str>) -> bool {
    origin::is_own(headers, authority)
}

/// Whether a content coding may be used.
pub fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    http::site::page::accepts(headers, coding)
}

/// The board in a body.
pub fn board(body: &[u8]) -> Result<boards::Draft, Unfit> {
    read::<NewBoard>(body).map(Into::into)
}

/// The path in a body.
pub fn path(body: &[u8]) -> Result<paths::Draft, Unfit> {
    read::<NewPath>(body).map(Into::into)
}

fn read<T: Input>(body: &[u8]) -> Result<T, Unfit> {
    let value = SCHEMAS.read(&T::name(), body)?;
    Ok(T::deserialize(value).expect("what has its schema is read"))
}
