//! `dotcast openapi`.

use serde_json::Value;

use crate::harness::{run, server::program};

const JSON: &str = include_str!("../../openapi/openapi.json");
const YAML: &str = include_str!("../../openapi/openapi.yaml");

#[tokio::test]
async fn the_committed_documents_are_what_the_program_prints() {
    for (arguments, committed) in [
        (&["openapi"][..], JSON),
        (&["openapi", "--format", "json"], JSON),
        (&["openapi", "--format", "yaml"], YAML),
    ] {
        let printed = run(program().args(arguments), "").await.printed();
        // Not `assert_eq`, which would print both documents on one line.
        assert!(
            printed == committed,
            "openapi/ is not what {arguments:?} prints; run `make openapi`"
        );
    }
}

#[test]
fn both_forms_say_the_same() {
    let json: Value = serde_json::from_str(JSON).expect("JSON");
    let yaml: Value = serde_yaml::from_str(YAML).expect("YAML");
    assert!(json == yaml, "openapi.json and openapi.yaml differ");
    assert!(json["paths"].as_object().is_some_and(|it| !it.is_empty()));
}
