//! What the OpenAPI document says about the API's paths: which methods each has (RFC 9110, 10.2.1), what its operations
//! are called, and which query parameters each takes.

use std::{borrow::Cow, sync::Arc};

use poem::http::{HeaderValue, Method, Uri};
use serde_json::Value;
use url::form_urlencoded;

use crate::{
    api::{
        problem::{Code, Failure},
        resources::stream,
    },
    error::Violation,
    http::statistics::OperationName,
};

/// Upper bound on the unknown parameters that one answer names.
const MAX_NAMED: usize = 10;
/// Upper bound on how much of an unknown parameter's name is repeated, in characters.
const MAX_NAME: usize = 64;

/// The paths of the API.
#[derive(Debug)]
pub struct Operations(Vec<Path>);

#[derive(Debug)]
struct Path {
    /// As in `/boards/{id}`.
    template: String,
    allow: HeaderValue,
    operations: Vec<Operation>,
}

/// An operation of the API.
#[derive(Debug)]
pub struct Operation {
    method: String,
    /// What it is called.
    pub name: OperationName,
    /// The names of its query parameters.
    parameters: Vec<String>,
}

impl Operations {
    /// Those that the document lists.
    pub fn of(document: &Value) -> Self {
        let paths = document["paths"].as_object().into_iter().flatten();
        let mut paths: Vec<_> = paths
            .map(|(template, operations)| Path::of(template, operations))
            .collect();
        // `/sessions/current` comes before `/sessions/{id}`, which would match it, too.
        paths.sort_by_key(|path| path.template.contains('{'));
        Self(paths)
    }

    /// The methods of a path, as `Allow` lists them.
    pub fn allow(&self, path: &str) -> Option<&HeaderValue> {
        self.find(path).map(|path| &path.allow)
    }

    /// The operation that a request is for.
    pub fn operation(&self, method: &Method, path: &str) -> Option<&Operation> {
        // HEAD is answered as GET (RFC 9110, 9.3.2).
        let method = if method == Method::HEAD {
            &Method::GET
        } else {
            method
        };
        let mut operations = self.find(path)?.operations.iter();
        operations.find(|it| method == &*it.method)
    }

    fn find(&self, path: &str) -> Option<&Path> {
        self.0.iter().find(|it| is_of(&it.template, path))
    }
}

impl Path {
    fn of(template: &str, operations: &Value) -> Self {
        let operations = operations.as_object().into_iter().flatten();
        let route: Arc<str> = template.into();
        let operations: Vec<_> = operations
            .map(|(method, operation)| Operation {
                method: method.to_uppercase(),
                name: OperationName {
                    id: operation["operationId"].as_str().unwrap_or_default().into(),
                    route: Arc::clone(&route),
                },
                parameters: query_parameters(template, operation),
            })
            .collect();
        let mut methods: Vec<_> = operations.iter().map(|it| it.method.as_str()).collect();
        if methods.contains(&"GET") {
            methods.push("HEAD");
        }
        let allow = HeaderValue::from_str(&methods.join(", "));
        Self {
            template: template.to_owned(),
            allow: allow.unwrap_or(HeaderValue::from_static("")),
            operations,
        }
    }
}

impl Operation {
    /// Refuses query parameters that the operation does not have. A misspelt one would otherwise silently filter
    /// nothing or resume nowhere.
    ///
    /// # Errors
    /// A problem that names them.
    pub fn check_query(&self, uri: &Uri) -> Result<(), Failure> {
        let query = uri.query().unwrap_or_default();
        let mut unknown: Vec<Cow<'_, str>> = Vec::new();
        for (name, _) in form_urlencoded::parse(query.as_bytes()) {
            let is_known = self.parameters.iter().any(|it| **it == name) || unknown.contains(&name);
            if !is_known && unknown.len() < MAX_NAMED {
                unknown.push(name);
            }
        }
        if unknown.is_empty() {
            return Ok(());
        }
        Err(refusal(&unknown, &self.parameters))
    }
}

/// The names of an operation's query parameters; of a stream also those that the document leaves out.
fn query_parameters(path: &str, operation: &Value) -> Vec<String> {
    let listed = operation["parameters"].as_array().into_iter().flatten();
    let mut names: Vec<_> = listed
        .filter(|it| it["in"] == "query")
        .filter_map(|it| it["name"].as_str().map(str::to_owned))
        .collect();
    if path == stream::PATH {
        for name in stream::CURSORS {
            if !names.iter().any(|it| it == name) {
                names.push(name.to_owned());
            }
        }
    }
    names
}

fn refusal(unknown: &[Cow<'_, str>], known: &[String]) -> Failure {
    let quoted: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
    let (known, message) = if quoted.is_empty() {
        let message = "is unknown: this operation has no query parameters";
        (
            "This operation has no query parameters".to_owned(),
            message.to_owned(),
        )
    } else {
        let known = quoted.join(", ");
        (
            format!("The query parameters of this operation are {known}"),
            format!("is unknown; the known parameters are {known}"),
        )
    };
    let names: Vec<String> = unknown
        .iter()
        .map(|name| name.chars().take(MAX_NAME).collect())
        .collect();
    let errors = names.iter().map(|name| Violation::new(name, &message));
    let detail = format!("{known}; there is no `{}`.", names.join("`, `"));
    Failure::new(Code::UnknownParameter, detail).with_errors(errors.collect())
}

/// Whether `path` is one of `/boards/{id}`.
pub(super) fn is_of(template: &str, path: &str) -> bool {
    let mut template = template.trim_end_matches('/').split('/');
    let mut path = path.trim_end_matches('/').split('/');
    let same = |wanted: &str, given: &str| wanted.starts_with('{') || wanted == given;
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if same(wanted, given) => {}
            _ => return false,
        }
    }
}
