//! The published schemas, and what a value breaks of them.

use std::collections::HashMap;

use jsonschema::{
    Draft, ValidationError, Validator,
    error::{TypeKind, ValidationErrorKind},
    paths::{Location, LocationSegment},
};
use serde_json::{Value, json};

use super::{mend::mend, problem::MAX_ERRORS};
use crate::error::Violation;

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

    /// What the value breaks of the schema of this name.
    pub(super) fn violations(&self, name: &str, value: &Value) -> Vec<BySchema> {
        self.validators
            .get(name)
            .into_iter()
            .flat_map(|validator| validator.iter_errors(value))
            .flat_map(|error| violations(&error))
            .take(MAX_ERRORS)
            .collect()
    }

    /// The value with something neutral in place of what cannot be read.
    pub(super) fn mend(&self, name: &str, value: &Value) -> Value {
        let schema = &self.components["schemas"][name];
        mend(&self.components, schema, Some(value))
    }
}

/// A violation of the schema.
pub(super) struct BySchema {
    pub(super) violation: Violation,
    /// Whether there is no value of the field's type at all.
    pub(super) unreadable: bool,
}

impl BySchema {
    fn new(field: impl Into<String>, message: impl Into<String>, unreadable: bool) -> Self {
        Self {
            violation: Violation::new(field, message),
            unreadable,
        }
    }
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
