//! Bodies of requests, as handlers take them: checked against the very schemas that the document publishes.

use std::sync::Arc;

use poem::{FromRequest, Request, RequestBody, Result, web::Data};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, Registry},
    types::Type,
};
use serde::de::DeserializeOwned;

use super::{
    bytes,
    schemas::{Schemas, Unfit},
};
use crate::api::problem::{Code, Failure};

/// A body of `application/json` that has the schema of `T`. It may still break rules of the domain: those are for
/// the services to check.
#[derive(Debug)]
pub struct Json<T>(pub T);

/// A type that arrives as a request's body.
pub trait Input: Type + DeserializeOwned + Send + 'static {}

impl<T: Type + DeserializeOwned + Send + 'static> Input for T {}

impl<'a, T: Input> ApiExtractor<'a> for Json<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest {
            description: None,
            content: vec![MetaMediaType {
                content_type: "application/json",
                schema: T::schema_ref(),
            }],
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let schemas = <Data<&Arc<Schemas>>>::from_request_without_body(request).await?;
        let held = bytes::read(request, body).await?;
        let parsed = schemas.parse(held.len(), move |schemas| parse(schemas, &held));
        let input = parsed.await.map_err(|error| {
            tracing::error!(%error, "a body was not parsed");
            Failure::internal()
        })??;
        Ok(Self(input))
    }
}

fn parse<T: Input>(schemas: &Schemas, bytes: &[u8]) -> Result<T, Failure> {
    let value = schemas
        .read(&T::name(), bytes)
        .map_err(|unfit| match unfit {
            Unfit::Syntax(why) => Failure::new(
                Code::InvalidJson,
                format!("The body is not valid JSON: {why}."),
            ),
            Unfit::Shape(broken) => Failure::of_input(broken),
        })?;
    T::deserialize(value).map_err(|error| {
        // Its words may repeat what was sent.
        tracing::error!(category = ?error.classify(), "a body has its schema and is not read");
        Failure::internal()
    })
}
