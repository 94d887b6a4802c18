//! `dotcast openapi`.

use serde_json::Value;

use crate::harness::{run, server::program};

const JSON: &str = include_str!("../../openapi/openapi.json");
const YAML: &str = include_str!("../../openapi/openapi.yaml");
const JSON_3_2: &str = include_str!("../../openapi/openapi-3.2.json");
const YAML_3_2: &str = include_str!("../../openapi/openapi-3.2.yaml");

#[tokio::test]
async fn the_committed_documents_are_what_the_program_prints() {
    for (arguments, committed) in [
        (&["openapi"][..], JSON),
        (&["openapi", "--format", "json"], JSON),
        (&["openapi", "--format", "yaml"], YAML),
        (&["openapi", "--version", "3.0"], JSON),
        (&["openapi", "--version", "3.2"], JSON_3_2),
        (
            &["openapi", "--version", "3.2", "--format", "yaml"],
            YAML_3_2,
        ),
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
    for (version, json, yaml) in [("3.0.0", JSON, YAML), ("3.2.0", JSON_3_2, YAML_3_2)] {
        let json: Value = serde_json::from_str(json).expect("JSON");
        let yaml: Value = serde_yaml::from_str(yaml).expect("YAML");
        assert!(json == yaml, "JSON and YAML of {version} differ");
        assert_eq!(json["openapi"], version);
        assert!(json["paths"].as_object().is_some_and(|it| !it.is_empty()));
    }
}
