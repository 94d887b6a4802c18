//! JSON bodies. A request's body is checked against the very schema that the document publishes.

use std::{collections::HashMap, sync::Arc};

use jsonschema::{
    Draft, ValidationError, Validator,
    error::{TypeKind, ValidationErrorKind},
    paths::{Location, LocationSegment},
};
use poem::{FromRequest, IntoResponse, Request, RequestBody, Response, Result, web::Data};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ApiResponse, ExtractParamOptions,
    payload::Payload,
    registry::{MetaMediaType, MetaRequest, MetaResponse, MetaResponses, MetaSchemaRef, Registry},
    types::{ToJSON, Type},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{
    body,
    mend::{is_caused_by, mend},
    problem::{Code, Failure},
};
use crate::error::Violation;

/// Violations that one answer lists at most.
const MAX_ERRORS: usize = 100;

/// A body of `application/json`.
#[derive(Debug)]
pub struct Json<T>(pub T);

/// A type that arrives as a request's body.
pub trait Input: Type + DeserializeOwned + Send {
    /// The rules of the domain that the input breaks, as far as they can be told without the
    /// database.
    fn check(&self) -> Vec<Violation>;
}

/// The schemas of all inputs, compiled once.
#[derive(Debug)]
pub struct Schemas {
    validators: HashMap<String, Validator>,
    components: Value,
}

impl Schemas {
    /// Compiles every schema of an OpenAPI document.
    ///
    /// # Errors
    /// A text that names the schema that is none.
    pub fn compile(document: &Value) -> std::result::Result<Self, String> {
        let components = &document["components"];
        let mut validators = HashMap::new();
        for name in components["schemas"]
            .as_object()
            .into_iter()
            .flat_map(|all| all.keys())
        {
            let schema = json!({
                "$ref": format!("#/components/schemas/{name}"),
                "components": components,
            });
            let validator = jsonschema::options()
                // What OpenAPI 3.0 calls a schema comes closest to this draft.
                .with_draft(Draft::Draft4)
                .build(&schema)
                .map_err(|error| format!("schema {name}: {error}"))?;
            validators.insert(name.clone(), validator);
        }
        Ok(Self {
            validators,
            components: components.clone(),
        })
    }

    fn violations(&self, name: &str, value: &Value) -> Vec<BySchema> {
        self.validators
            .get(name)
            .into_iter()
            .flat_map(|validator| validator.iter_errors(value))
            .flat_map(|error| violations(&error))
            .take(MAX_ERRORS)
            .collect()
    }

    fn mend(&self, name: &str, value: &Value) -> Value {
        let schema = &self.components["schemas"][name];
        mend(&self.components, schema, Some(value))
    }
}

/// A violation of the schema.
struct BySchema {
    violation: Violation,
    /// Whether there is no value of the field's type at all.
    unreadable: bool,
}

impl BySchema {
    fn new(field: impl Into<String>, message: impl Into<String>, unreadable: bool) -> Self {
        Self {
            violation: Violation::new(field, message),
            unreadable,
        }
    }
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
        let bytes = body::read(request, body).await?;
        Ok(Self(parse(schemas.0, &bytes)?))
    }
}

fn parse<T: Input>(schemas: &Schemas, bytes: &[u8]) -> Result<T, Failure> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| {
        Failure::new(
            Code::InvalidJson,
            format!("The body is not valid JSON: {error}."),
        )
    })?;
    let by_schema = schemas.violations(&T::name(), &value);
    let failed =
        |error: serde_json::Error| Failure::of_input(vec![Violation::new("", error.to_string())]);
    if by_schema.is_empty() {
        return T::deserialize(&value).map_err(failed);
    }
    let mended = T::deserialize(schemas.mend(&T::name(), &value)).map_err(failed)?;
    let mut all = mended.check();
    all.retain(|broken| {
        let mut unreadable = by_schema.iter().filter(|it| it.unreadable);
        !unreadable.any(|it| is_caused_by(broken, &it.violation.field))
    });
    // The rules of the domain speak more clearly of a field than its schema does.
    let known: Vec<String> = all.iter().map(|it| it.field.clone()).collect();
    let by_schema = by_schema.into_iter().map(|it| it.violation);
    all.extend(by_schema.filter(|it| !known.contains(&it.field)));
    all.truncate(MAX_ERRORS);
    Err(Failure::of_input(all))
}

/// One error of the schema as violations, in words that do not repeat what was sent: it may be a
/// password.
fn violations(error: &ValidationError<'_>) -> Vec<BySchema> {
    let at = field(error.instance_path());
    let member = |name: &str| {
        if at.is_empty() {
            name.to_owned()
        } else {
            format!("{at}.{name}")
        }
    };
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = member(property.as_str().unwrap_or_default());
            vec![BySchema::new(name, "is missing", true)]
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => unexpected
            .iter()
            .map(|name| BySchema::new(member(name), "is not a known field", false))
            .collect(),
        kind => {
            let unreadable = matches!(kind, ValidationErrorKind::Type { .. });
            vec![BySchema::new(at, rule(kind, error), unreadable)]
        }
    }
}

fn rule(kind: &ValidationErrorKind, error: &ValidationError<'_>) -> String {
    // The document writes all limits as floating-point numbers.
    let number = |limit: &Value| limit.as_f64().unwrap_or_default();
    match kind {
        ValidationErrorKind::Type {
            kind: TypeKind::Single(wanted),
        } => format!("must be of the type {wanted}"),
        ValidationErrorKind::Minimum { limit } => format!("must be {} or more", number(limit)),
        ValidationErrorKind::Maximum { limit } => format!("must be {} or less", number(limit)),
        ValidationErrorKind::MinLength { limit } => format!("must have {limit} characters or more"),
        ValidationErrorKind::MaxLength { limit } => format!("must have {limit} characters or less"),
        ValidationErrorKind::MinItems { limit } => format!("must have {limit} items or more"),
        ValidationErrorKind::MaxItems { limit } => format!("must have {limit} items or less"),
        ValidationErrorKind::Pattern { pattern } => format!("must match the pattern {pattern}"),
        _ => error.masked_with("it").to_string(),
    }
}

/// `dots[3].color` for `/dots/3/color`.
fn field(location: &Location) -> String {
    let mut field = String::new();
    for segment in location {
        match segment {
            LocationSegment::Property(name) => {
                if !field.is_empty() {
                    field.push('.');
                }
                field.push_str(&name);
            }
            LocationSegment::Index(index) => {
                use std::fmt::Write as _;
                let _ = write!(field, "[{index}]");
            }
        }
    }
    field
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
                description: "",
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
