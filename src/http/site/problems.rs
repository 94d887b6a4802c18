//! `/problems/CODE`: where the `type` of an error answer leads (RFC 9457, 3.1.1).

use poem::{Result, handler, web::Path};

use crate::api::problem::{Code, Failure};

/// Describes the kind of problem.
#[handler]
pub fn show(Path(name): Path<String>) -> Result<String> {
    let code = Code::ALL.iter().find(|code| code.as_str() == name);
    let Some(code) = code else {
        let known: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        let detail = format!("The kinds of problem are {}.", known.join(", "));
        return Err(Failure::new(Code::NotFound, detail).into());
    };
    Ok(format!(
        "{}\n\n{} (HTTP status {}). The answer's `detail` and `errors` say what it was this time; \
         /docs lists the operations that have this problem.\n",
        code.as_str(),
        code.title(),
        code.status(),
    ))
}
