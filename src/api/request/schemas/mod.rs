//! The published schemas, and reading bodies along them.
//!
//! - [`shape`]: a schema, made ready for reading
//! - [`reading`]: reads JSON along a shape

mod reading;
mod shape;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, sync::Arc};

use serde_json::Value;
use tokio::sync::Semaphore;

use self::shape::Shape;
use crate::error::Violation;

/// Largest body that is parsed on an async thread, in bytes: that takes less than a millisecond. Larger ones are
/// parsed on a blocking thread.
const LIGHT: usize = 64 << 10;

/// The schemas of all inputs, compiled once.
#[derive(Debug)]
pub struct Schemas {
    shapes: HashMap<String, Shape>,
    /// Turns to parse large bodies, one per core.
    heavy: Arc<Semaphore>,
}

/// Why a body is not what its schema asks for.
#[derive(Debug)]
pub enum Unfit {
    /// It is not JSON, and why not.
    Syntax(String),
    /// What it violates of its schema; at most [`Violations::MAX`](crate::error::Violations::MAX).
    Shape(Vec<Violation>),
}

impl Schemas {
    /// Compiles the schemas of an OpenAPI document that refuse unknown fields: those of all inputs.
    ///
    /// # Errors
    /// A text that names a schema with a keyword that would not be checked.
    pub fn compile(document: &Value) -> Result<Self, String> {
        let schemas = &document["components"]["schemas"];
        let closed = schemas.as_object().into_iter().flatten();
        let shapes = closed
            .filter(|(_, schema)| schema["additionalProperties"] == false)
            .map(|(name, schema)| {
                let shape = Shape::compile(schema, schemas);
                let shape = shape.map_err(|error| format!("schema {name}: {error}"))?;
                Ok((name.clone(), shape))
            })
            .collect::<Result<_, String>>()?;
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Ok(Self {
            shapes,
            heavy: Arc::new(Semaphore::new(cores)),
        })
    }

    /// The JSON in `bytes`, which has the schema of this name.
    pub(crate) fn read(&self, name: &str, bytes: &[u8]) -> Result<Value, Unfit> {
        let shape = self.shapes.get(name);
        let shape = shape.unwrap_or_else(|| unreachable!("{name} is the schema of an input"));
        reading::read(shape, bytes)
    }

    /// Runs `parse` on a body of `size` bytes: here, or on a blocking thread when it is large.
    ///
    /// # Errors
    /// `parse` has panicked.
    pub(super) async fn parse<T: Send + 'static>(
        self: &Arc<Self>,
        size: usize,
        parse: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<T, tokio::task::JoinError> {
        if size <= LIGHT {
            return Ok(parse(self));
        }
        // The queue holds bodies, whose total size is bounded.
        let turn = Arc::clone(&self.heavy).acquire_owned().await;
        let schemas = Arc::clone(self);
        tokio::task::spawn_blocking(move || {
            // Held by the work itself, which continues when the client has gone.
            let _turn = turn;
            parse(&schemas)
        })
        .await
    }
}
