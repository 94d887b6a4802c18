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
use serde_json::Value;

use super::{
    body,
    mend::is_caused_by,
    problem::{Code, Failure},
    schemas::{BySchema, Schemas},
};
use crate::error::Violation;

/// A body of `application/json`; of a request, one that keeps its schema.
#[derive(Debug)]
pub struct Json<T>(pub T);

/// A request's body that may break its schema: for inputs whose rules cannot be told without the
/// database, so that all that is wrong is told at once.
pub struct Unchecked<T>(pub std::result::Result<T, Rejected<T>>);

/// An input that breaks its schema.
pub struct Rejected<T> {
    /// What was sent, with something neutral in place of what cannot be read.
    mended: T,
    broken: Vec<BySchema>,
}

/// A type that arrives as a request's body.
pub trait Input: Type + DeserializeOwned + Send {}

impl<T: Type + DeserializeOwned + Send> Input for T {}

/// An input whose rules can be told without the database.
pub trait Checked: Input {
    /// The rules of the domain that the input breaks.
    fn check(&self) -> Vec<Violation>;
}

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

impl<'a, T: Checked> ApiExtractor<'a> for Json<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        <Unchecked<T> as ApiExtractor>::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Unchecked::<T>::request_meta()
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        let body = Unchecked::<T>::from_request(request, body, options).await?;
        let input = body.0.map_err(|rejected| rejected.failure(T::check))?;
        Ok(Self(input))
    }
}

impl<'a, T: Input> ApiExtractor<'a> for Unchecked<T> {
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
        let bytes = body::read(request, body).await?;
        Ok(Self::parse(schemas.0, &bytes)?)
    }
}

impl<T: Input> Unchecked<T> {
    fn parse(schemas: &Schemas, bytes: &[u8]) -> Result<Self, Failure> {
        let mut value: Value = serde_json::from_slice(bytes).map_err(|error| {
            Failure::new(
                Code::InvalidJson,
                format!("The body is not valid JSON: {error}."),
            )
        })?;
        let broken = schemas.violations(&T::name(), &value);
        let is_sound = broken.is_empty();
        if !is_sound {
            value = schemas.mend(&T::name(), &value);
        }
        let input = T::deserialize(value)
            .map_err(|error| Failure::of_input(vec![Violation::new("", error.to_string())]))?;
        Ok(Self(if is_sound {
            Ok(input)
        } else {
            Err(Rejected {
                mended: input,
                broken,
            })
        }))
    }
}

impl<T> Rejected<T> {
    /// All that the input breaks, of its schema and of `rules`.
    pub fn failure(self, rules: impl FnOnce(&T) -> Vec<Violation>) -> Failure {
        let Self { mended, broken } = self;
        let mut all = rules(&mended);
        all.retain(|violation| {
            let mut unreadable = broken.iter().filter(|it| it.unreadable);
            !unreadable.any(|it| is_caused_by(violation, &it.violation.field))
        });
        // The rules of the domain speak more clearly of a field than its schema does.
        let known: Vec<String> = all.iter().map(|it| it.field.clone()).collect();
        let broken = broken.into_iter().map(|it| it.violation);
        all.extend(broken.filter(|it| !known.contains(&it.field)));
        Failure::of_input(all)
    }
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
