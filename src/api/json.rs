//! JSON bodies. A request's body is checked against the very schema that the document publishes.

use std::sync::Arc;

use poem::{FromRequest, IntoResponse, Request, RequestBody, Response, Result, web::Data};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ApiResponse, ExtractParamOptions,
    payload::Payload,
    registry::{MetaMediaType, MetaRequest, MetaResponse, MetaResponses, MetaSchemaRef, Registry},
    types::{ToJSON, Type},
};
use serde::de::DeserializeOwned;

use super::{
    body,
    problem::{Code, Failure},
    schemas::{Schemas, Unfit},
};

/// A body of `application/json`; of a request, one that has its schema. The rules of the domain are not yet
/// asked: that is for the services.
#[derive(Debug)]
pub struct Json<T>(pub T);

/// A type that arrives as a request's body.
pub trait Input: Type + DeserializeOwned + Send + 'static {}

impl<T: Type + DeserializeOwned + Send + 'static> Input for T {}

impl<T: Type> Payload for Json<T> {
    const CONTENT_TYPE: &'static str = "application/json";

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

fn content<T: Type>() -> Vec<MetaMediaType> {
    vec![MetaMediaType {
        content_type: Json::<T>::CONTENT_TYPE,
        schema: T::schema_ref(),
    }]
}

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
            content: content::<T>(),
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let schemas = <Data<&Arc<Schemas>>>::from_request_without_body(request).await?;
        let held = body::read(request, body).await?;
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

impl<T: ToJSON> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        Response::builder()
            .content_type(Self::CONTENT_TYPE)
            .body(self.0.to_json_string())
    }
}

impl<T: ToJSON> ApiResponse for Json<T> {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "What was asked for.",
                status: Some(200),
                status_range: None,
                content: content::<T>(),
                headers: vec![],
            }],
        }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}
