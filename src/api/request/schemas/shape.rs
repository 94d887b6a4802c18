//! A schema, made ready for reading. Only what the document's inputs use is known; a keyword that would
//! not be checked is an error, so that the document cannot promise what is not done.

use regex::Regex;
use serde_json::Value;

/// Deepest nesting of schemas. None of ours refers to itself.
const MAX_DEPTH: usize = 8;

/// Keywords that say nothing about which values are good.
const NOTES: [&str; 4] = ["title", "description", "example", "default"];

/// What a value must look like.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) kind: Kind,
    /// Whether it may also be null.
    pub(super) nullable: bool,
}

/// Types, with their bounds, which are inclusive.
#[derive(Debug)]
pub(super) enum Kind {
    Object(Vec<Field>),
    Array {
        items: Box<Shape>,
        bounds: Bounds<u64>,
    },
    Integer(Bounds<i64>),
    Text {
        /// In characters.
        bounds: Bounds<u64>,
        pattern: Option<Regex>,
    },
    Boolean,
}

/// One field of an object.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) required: bool,
    pub(super) shape: Shape,
}

/// From and to where, if that is said.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds<T> {
    pub(super) min: Option<T>,
    pub(super) max: Option<T>,
}

impl Shape {
    /// The shape of a schema, whose references lead into `schemas`.
    ///
    /// # Errors
    /// A text that says what is not understood.
    pub(super) fn compile(schema: &Value, schemas: &Value) -> Result<Self, String> {
        Self::compile_at(schema, schemas, 0)
    }

    fn compile_at(schema: &Value, schemas: &Value, depth: usize) -> Result<Self, String> {
        if depth > MAX_DEPTH {
            return Err("it refers to itself, or is too deep".to_owned());
        }
        let inner = |schema: &Value| Self::compile_at(schema, schemas, depth + 1);
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.strip_prefix("#/components/schemas/");
            return inner(&schemas[name.ok_or_else(|| format!("{reference} is elsewhere"))?]);
        }
        if let Some([one]) = schema["allOf"].as_array().map(Vec::as_slice) {
            check_keywords(schema, &["allOf"])?;
            return inner(one);
        }
        let (kind, keywords): (_, &[_]) = match schema["type"].as_str() {
            Some("object") if schema["additionalProperties"] == false => (
                Kind::Object(fields(schema, inner)?),
                &["properties", "required", "additionalProperties"],
            ),
            Some("array") => (
                Kind::Array {
                    items: Box::new(inner(&schema["items"])?),
                    bounds: lengths(schema, "minItems", "maxItems"),
                },
                &["items", "minItems", "maxItems"],
            ),
            Some("integer") if schema["format"] == "int64" => (
                Kind::Integer(Bounds {
                    min: whole(&schema["minimum"]),
                    max: whole(&schema["maximum"]),
                }),
                &["format", "minimum", "maximum"],
            ),
            Some("string") => (
                Kind::Text {
                    bounds: lengths(schema, "minLength", "maxLength"),
                    pattern: pattern(&schema["pattern"])?,
                },
                &["minLength", "maxLength", "pattern"],
            ),
            Some("boolean") => (Kind::Boolean, &[]),
            _ => return Err(format!("the type of {schema} is not known")),
        };
        check_keywords(schema, keywords)?;
        Ok(Self {
            kind,
            nullable: schema["nullable"] == true,
        })
    }

    /// The type, as JSON Schema calls it.
    pub(super) fn type_name(&self) -> &'static str {
        match self.kind {
            Kind::Object(_) => "object",
            Kind::Array { .. } => "array",
            Kind::Integer(_) => "integer",
            Kind::Text { .. } => "string",
            Kind::Boolean => "boolean",
        }
    }
}

impl<T: PartialOrd + Copy> Bounds<T> {
    /// Whether `value` is within.
    pub(super) fn hold(self, value: T) -> bool {
        self.min.is_none_or(|min| value >= min) && self.max.is_none_or(|max| value <= max)
    }
}

fn check_keywords(schema: &Value, known: &[&str]) -> Result<(), String> {
    let mut keywords = schema.as_object().into_iter().flat_map(|all| all.keys());
    let is_known = |word: &str| {
        ["type", "nullable"].contains(&word) || NOTES.contains(&word) || known.contains(&word)
    };
    match keywords.find(|word| !is_known(word)) {
        Some(word) => Err(format!("`{word}` would not be checked")),
        None => Ok(()),
    }
}

fn fields(
    schema: &Value,
    inner: impl Fn(&Value) -> Result<Shape, String>,
) -> Result<Vec<Field>, String> {
    let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
    let properties = schema["properties"].as_object().into_iter().flatten();
    properties
        .map(|(name, schema)| {
            Ok(Field {
                name: name.clone(),
                required: required.iter().any(|it| it == name),
                shape: inner(schema)?,
            })
        })
        .collect()
}

fn lengths(schema: &Value, min: &str, max: &str) -> Bounds<u64> {
    Bounds {
        min: schema[min].as_u64(),
        max: schema[max].as_u64(),
    }
}

/// The document writes all limits of numbers with a fraction.
#[allow(
    clippy::cast_possible_truncation,
    reason = "the limits are small and whole"
)]
fn whole(limit: &Value) -> Option<i64> {
    limit.as_f64().map(|limit| limit as i64)
}

fn pattern(pattern: &Value) -> Result<Option<Regex>, String> {
    let compiled = pattern.as_str().map(Regex::new).transpose();
    compiled.map_err(|error| error.to_string())
}
