//! How an operation says which problems are its own.
//!
//! Most of an operation's problems follow from what it takes, and the document adds them. The others stand in its
//! signature: `Result<Deleted, FailsWith<(BoardNotFound, NotBoardOwner)>>`. Whoever reads an operation sees them, and
//! none can be stated for an operation that does not exist.

use std::marker::PhantomData;

use poem_openapi::{
    ApiResponse,
    registry::{MetaResponse, MetaResponses, Registry},
};

use super::{
    Failure,
    code::{
        Code, Kinds,
        kind::{ExpiredToken, InvalidToken, MissingToken, RevokedToken},
    },
};
use crate::error::Error;

/// What can be wrong with the credentials of an operation that needs a session.
pub type NoSession = ((MissingToken, InvalidToken), (ExpiredToken, RevokedToken));

/// A failure of an operation with the problems `K` of its own.
#[derive(Debug)]
pub struct FailsWith<K> {
    failure: Failure,
    kinds: PhantomData<fn() -> K>,
}

impl<K> From<Failure> for FailsWith<K> {
    fn from(failure: Failure) -> Self {
        Self {
            failure,
            kinds: PhantomData,
        }
    }
}

impl<K> From<Error> for FailsWith<K> {
    fn from(error: Error) -> Self {
        Failure::from(error).into()
    }
}

impl<K> From<sea_orm::DbErr> for FailsWith<K> {
    fn from(error: sea_orm::DbErr) -> Self {
        Failure::from(error).into()
    }
}

impl<K> From<FailsWith<K>> for poem::Error {
    fn from(failure: FailsWith<K>) -> Self {
        failure.failure.into()
    }
}

/// The framework lists answers by their status, or by any other text. Here it is the problem's code; `document` lists
/// them by status.
impl<K: Kinds> ApiResponse for FailsWith<K> {
    fn meta() -> MetaResponses {
        let response = |code: Code| MetaResponse {
            description: "",
            status: None,
            status_range: Some(code.as_str().to_owned()),
            content: vec![],
            headers: vec![],
        };
        let mut meta = Failure::meta();
        meta.responses.extend(K::codes().into_iter().map(response));
        meta
    }

    fn register(registry: &mut Registry) {
        Failure::register(registry);
    }
}
