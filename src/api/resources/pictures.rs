//! `/api/v1/boards/{id}/picture.svg` and `.png`

use entity::board;
use poem::{Result, http::HeaderMap};
use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Header, Path},
    payload::{Binary, PlainText},
};

use super::Tag;
use crate::{
    api::{
        problem::{Code, FailsWith, Failure, kind::BoardNotFound},
        request::params::{self, ETags, Given, Id},
        services::{Services, ServicesRef},
    },
    error::Error,
    picture,
};

#[derive(ApiResponse)]
enum Drawn {
    /// The picture.
    #[oai(status = 200, content_type = "image/svg+xml")]
    Svg(
        PlainText<String>,
        /// The board's version, for `If-None-Match`.
        #[oai(header = "ETag")]
        String,
    ),
    /// The board is still at a version that `If-None-Match` lists.
    #[oai(status = 304)]
    NotModified(
        /// Its version.
        #[oai(header = "ETag")]
        String,
    ),
}

#[derive(ApiResponse)]
enum Painted {
    /// The picture.
    #[oai(status = 200, content_type = "image/png")]
    Png(
        Binary<Vec<u8>>,
        /// The board's version, for `If-None-Match`.
        #[oai(header = "ETag")]
        String,
    ),
    /// The board is still at a version that `If-None-Match` lists.
    #[oai(status = 304)]
    NotModified(
        /// Its version.
        #[oai(header = "ETag")]
        String,
    ),
}

/// The routes.
pub struct Api;

#[OpenApi(prefix_path = "/api/v1/boards", tag = "Tag::Boards")]
impl Api {
    /// Show a board's picture as SVG
    ///
    /// Its grid and dots, 1200 by 630 units: the format that previews of links have. For the `img` of a page.
    #[oai(
        path = "/:id/picture.svg",
        method = "get",
        operation_id = "getBoardPictureSvg"
    )]
    async fn svg(
        &self,
        services: ServicesRef<'_>,
        headers: &HeaderMap,
        /// The board.
        id: Path<Given<Id>>,
        /// Entity tags that the client knows: `"3"`, with the quotes.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Given<ETags>>,
    ) -> Result<Drawn, FailsWith<BoardNotFound>> {
        Ok(
            match find(&services, headers, id.0, if_none_match.0).await? {
                (tag, Some(board)) => {
                    let svg = draw(&services, move || Ok(picture::svg(&board))).await?;
                    Drawn::Svg(PlainText(svg), tag)
                }
                (tag, None) => Drawn::NotModified(tag),
            },
        )
    }

    /// Show a board's picture as PNG
    ///
    /// The same in 1200 by 630 pixels, for programs that show no SVG.
    #[oai(
        path = "/:id/picture.png",
        method = "get",
        operation_id = "getBoardPicturePng"
    )]
    async fn png(
        &self,
        services: ServicesRef<'_>,
        headers: &HeaderMap,
        /// The board.
        id: Path<Given<Id>>,
        /// Entity tags that the client knows: `"3"`, with the quotes.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Given<ETags>>,
    ) -> Result<Painted, FailsWith<BoardNotFound>> {
        Ok(
            match find(&services, headers, id.0, if_none_match.0).await? {
                (tag, Some(board)) => {
                    let png = draw(&services, move || picture::png(&board)).await?;
                    Painted::Png(Binary(png), tag)
                }
                (tag, None) => Painted::NotModified(tag),
            },
        )
    }
}

/// The tag of a board, and the board unless the client knows it.
async fn find(
    services: &Services,
    headers: &HeaderMap,
    id: Given<Id>,
    if_none_match: Given<ETags>,
) -> Result<(String, Option<board::Model>), Failure> {
    let id = params::id(id)?;
    let known = params::header(headers, "If-None-Match", Code::InvalidHeader, if_none_match)?;
    let board = services.boards.get(id, None).await?.row;
    let tag = format!("\"{}\"", board.version);
    let is_known = known.is_some_and(|tags| tags.know(&tag));
    Ok((tag, (!is_known).then_some(board)))
}

/// Draws off the async threads, a few pictures at a time.
async fn draw<T: Send + 'static>(
    services: &Services,
    draw: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Failure> {
    let turn = services.pages.turn().await;
    let drawn = tokio::task::spawn_blocking(move || {
        // Held by the work itself: it goes on when the client has gone.
        let _turn = turn;
        draw()
    });
    let drawn = drawn
        .await
        .map_err(|error| Error::Internal(format!("a picture of a board: {error}")))?;
    Ok(drawn?)
}
