//! Flags, environment variables, and the messages about wrong ones.

mod serve;

use std::collections::BTreeMap;

use tempfile::TempDir;

use self::serve::SERVE;
use crate::harness::{Run, program, run};

/// Runs the program with these arguments and variables.
pub(super) async fn dotcast(arguments: &[&str], environment: &[(&str, &str)]) -> Run {
    // In a directory of its own, so that a wrong value that is accepted after all leaves nothing behind.
    let directory = TempDir::new().expect("a temporary directory");
    let mut command = program();
    command
        .args(arguments)
        .envs(environment.iter().copied())
        .current_dir(directory.path());
    run(&mut command, "").await
}

/// The options that a help text lists, each with its entire entry.
async fn options(command: &[&str]) -> BTreeMap<String, String> {
    let mut arguments = command.to_vec();
    arguments.push("--help");
    let help = dotcast(&arguments, &[]).await.printed();
    let mut entries: Vec<(String, String)> = Vec::new();
    for line in help.lines().skip_while(|&line| line != "Options:").skip(1) {
        let words = line.trim_start();
        // A dash by itself begins one of the possible values.
        if words.starts_with('-') && !words.starts_with("- ") {
            let flag = words.split(' ').find(|word| word.starts_with("--"));
            entries.push((flag.expect("a long flag").to_owned(), String::new()));
        }
        let entry = &mut entries.last_mut().expect("an option").1;
        entry.push_str(words);
        entry.push(' ');
    }
    entries.retain(|(flag, _)| flag != "--help" && flag != "--version");
    entries.into_iter().collect()
}

#[tokio::test]
async fn the_help_of_serve_lists_every_option_with_its_variable_and_default() {
    let mut options = options(&["serve"]).await;
    // Without a default.
    for (flag, variable) in [
        ("--max-connections", "DOTCAST_MAX_CONNECTIONS"),
        ("--no-migrate", "DOTCAST_NO_MIGRATE"),
        ("--metrics-listen", "DOTCAST_METRICS_LISTEN"),
        #[cfg(feature = "otlp")]
        ("--otlp-endpoint", "OTEL_EXPORTER_OTLP_ENDPOINT"),
        ("--tls-cert", "DOTCAST_TLS_CERT"),
        ("--tls-key", "DOTCAST_TLS_KEY"),
        ("--max-streams", "DOTCAST_MAX_STREAMS"),
        ("--cors-origin", "DOTCAST_CORS_ORIGIN"),
        ("--config", "DOTCAST_CONFIG"),
    ] {
        let entry = options.remove(flag).expect(flag);
        assert!(entry.contains(&format!("[env: {variable}")), "{entry}");
    }
    for &(flag, variable, default, _) in SERVE {
        let entry = options
            .remove(flag)
            .unwrap_or_else(|| panic!("{flag} in the help"));
        assert!(entry.contains(&format!("[env: {variable}")), "{entry}");
        assert!(entry.contains(&format!("[default: {default}]")), "{entry}");
    }
    // So the table above leaves none out.
    assert_eq!(options, BTreeMap::new());
}

#[tokio::test]
async fn every_option_of_every_command_is_an_environment_variable_too() {
    // Without a default, omitting the option means something of its own.
    let no_default = [
        "--after",
        "--since",
        "--types",
        "--board",
        "--max-connections",
        "--no-migrate",
        "--tls-cert",
        "--tls-key",
        "--older-than",
        "--through",
        "--token",
        "--cacert",
        "--out",
        "--config",
        "--max-streams",
        "--metrics-listen",
        "--otlp-endpoint",
        "--cors-origin",
    ];
    for command in [
        &[][..],
        &["serve"],
        &["migrate"],
        &["openapi"],
        &["user"],
        &["user", "add"],
        &["user", "list"],
        &["user", "passwd"],
        &["user", "promote"],
        &["user", "demote"],
        &["user", "disable"],
        &["user", "enable"],
        &["user", "delete"],
        &["user", "erase"],
        &["user", "sessions"],
        &["user", "sessions", "end"],
        &["tail"],
        &["healthcheck"],
        &["trim"],
        &["log"],
        &["consumers"],
        &["log", "break"],
        &["log", "state"],
        &["backup"],
        &["restore"],
        &["config"],
        &["config", "check"],
        &["completions"],
        &["man"],
    ] {
        let options = options(command).await;
        assert!(options.contains_key("--log"), "{command:?}");
        for (flag, entry) in options {
            // In the environment of a service these would hold for every user.
            if ["--admin", "--json", "--with-boards", "--yes"].contains(&&*flag) {
                assert!(!entry.contains("[env: "), "{entry}");
                continue;
            }
            assert!(entry.contains("[env: "), "{command:?}: {entry}");
            let has_default = entry.contains("[default: ");
            let asks_the_configured = (command, &*flag) == (&["healthcheck"], "--url");
            assert_ne!(
                has_default,
                no_default.contains(&&*flag) || asks_the_configured,
                "{command:?}: {entry}"
            );
        }
    }
}

#[tokio::test]
async fn a_wrong_value_stops_the_start_with_one_line_that_names_the_option() {
    for &(flag, variable, _, values) in SERVE {
        for value in values {
            let argument = format!("{flag}={value}");
            let mut complaints = vec![dotcast(&["serve", &argument], &[]).await.complaint(2)];
            // A variable that is empty is unset.
            if !value.is_empty() {
                let by_variable = dotcast(&["serve"], &[(variable, value)]).await;
                complaints.push(by_variable.complaint(2));
            }
            for complaint in complaints {
                assert!(complaint.contains(flag), "{flag} in {complaint}");
                assert!(complaint.contains(variable), "{variable} in {complaint}");
                if flag != "--database-url" {
                    let quoted = format!("'{value}'");
                    assert!(complaint.contains(&quoted), "{quoted} in {complaint}");
                }
            }
        }
    }
    for value in ["", "many", "0", "10000001", "-1"] {
        let argument = format!("--max-connections={value}");
        let complaint = dotcast(&["serve", &argument], &[]).await.complaint(2);
        assert!(complaint.contains("DOTCAST_MAX_CONNECTIONS"), "{complaint}");
        let argument = format!("--max-streams={value}");
        let complaint = dotcast(&["serve", &argument], &[]).await.complaint(2);
        assert!(complaint.contains("DOTCAST_MAX_STREAMS "), "{complaint}");
    }
    for value in [
        "localhost",
        "null",
        "https://a.example/",
        "https://a.example/x",
    ] {
        let argument = format!("--cors-origin={value}");
        let complaint = dotcast(&["serve", &argument], &[]).await.complaint(2);
        assert!(complaint.contains("DOTCAST_CORS_ORIGIN "), "{complaint}");
        assert!(complaint.contains(&format!("'{value}'")), "{complaint}");
    }
    for (arguments, environment) in [
        (&["serve", "--no-migrate=maybe"][..], &[][..]),
        (&["serve"], &[("DOTCAST_NO_MIGRATE", "maybe")]),
    ] {
        let complaint = dotcast(arguments, environment).await.complaint(2);
        assert!(complaint.contains("--no-migrate"), "{complaint}");
    }
}

#[tokio::test]
async fn wrong_values_for_the_other_commands_are_one_line_too() {
    for arguments in [
        &["tail", "--url", "nowhere"][..],
        &["tail", "--url", "localhost:8000"],
        &["tail", "--after", "-1"],
        &["tail", "--after", "now"],
        &["tail", "--board", "first"],
        &["tail", "--idle-timeout", "long"],
        &["trim", "--older-than", "long"],
        &["openapi", "--format", "xml"],
        &["openapi", "--version", "3.1"],
    ] {
        let argument = format!("{}={}", arguments[1], arguments[2]);
        let complaint = dotcast(&[arguments[0], &argument], &[]).await.complaint(2);
        assert!(complaint.contains(arguments[1]), "{complaint}");
        assert!(complaint.contains(arguments[2]), "{complaint}");
    }
    let complaint = dotcast(&["openapi", "--format", "xml"], &[])
        .await
        .complaint(2);
    assert!(
        complaint.contains("json") && complaint.contains("yaml"),
        "{complaint}"
    );
    for id in ["0", "-1", "all", "9223372036854775808"] {
        let through = format!("--through={id}");
        let complaint = dotcast(&["log", "break", &through], &[]).await.complaint(2);
        assert!(complaint.contains("DOTCAST_THROUGH"), "{complaint}");
    }
    let complaint = dotcast(&["migrate", "sideways"], &[]).await.complaint(2);
    assert!(
        complaint.contains("up") && complaint.contains("status"),
        "{complaint}"
    );
}

/// An environment file is often a list of all variables, of which some have a value.
#[tokio::test]
async fn a_variable_that_is_empty_is_unset() {
    let mut environment: Vec<_> = SERVE.iter().map(|it| (it.1, "")).collect();
    environment.extend([
        ("DOTCAST_CONFIG", ""),
        ("DOTCAST_CORS_ORIGIN", ""),
        ("DOTCAST_MAX_CONNECTIONS", ""),
        ("DOTCAST_MAX_STREAMS", ""),
        ("DOTCAST_NO_MIGRATE", ""),
        ("DOTCAST_TLS_CERT", ""),
        ("DOTCAST_TLS_KEY", ""),
    ]);
    // Far enough to find the database empty.
    let refused = dotcast(&["serve", "--no-migrate"], &environment).await;
    assert!(refused.complaint(1).contains("lacks the migrations"));
    let unset = [("DOTCAST_FORMAT", ""), ("DOTCAST_OPENAPI_VERSION", "")];
    let printed = dotcast(&["openapi"], &unset).await;
    assert!(printed.printed().starts_with('{'));
    // The help lists them nevertheless.
    let help = dotcast(&["serve", "--help"], &environment).await.printed();
    for (variable, _) in environment {
        assert!(help.contains(&format!("[env: {variable}")), "{variable}");
    }
}

#[tokio::test]
async fn what_an_option_lacks_and_what_is_too_much_is_one_line_too() {
    for (arguments, environment, told) in [
        // A value may begin with a dash.
        (&["serve", "--poll-interval", "-1s"][..], &[][..], "'-1s'"),
        (&["serve", "--max-requests", "-1"], &[], "'-1'"),
        (&["tail", "--after", "-1"], &[], "'-1'"),
        (&["serve", "--retry"], &[], "--retry"),
        (&["serve", "--retry", "1s", "--retry", "2s"], &[], "--retry"),
        (
            &["serve", "--tls-cert", "--tls-key", "x"],
            &[],
            "--tls-cert",
        ),
        // Options that need another.
        (&["serve", "--tls-cert", "x"], &[], "DOTCAST_TLS_KEY"),
        (&["serve", "--tls-key", "x"], &[], "DOTCAST_TLS_CERT"),
        (&["serve"], &[("DOTCAST_TLS_CERT", "x")], "--tls-key"),
        (
            &["serve", "--tls-cert", "x"],
            &[("DOTCAST_TLS_KEY", "")],
            "DOTCAST_TLS_KEY",
        ),
        // What is expected instead.
        (
            &["serve", "--listen", "localhost:8000"],
            &[],
            "127.0.0.1:8000",
        ),
        (&["serve", "--listen", "8000"], &[], "127.0.0.1:8000"),
        (&["serve", "--log", "garbage"], &[], "info,sqlx=debug"),
        (&["openapi"], &[("RUST_LOG", "garbage")], "RUST_LOG"),
        (&["openapi"], &[("RUST_LOG", "sqlx")], "--log"),
    ] {
        let complaint = dotcast(arguments, environment).await.complaint(2);
        assert!(complaint.contains(told), "{arguments:?}: {complaint}");
    }
}

/// As `--help` and the messages say.
#[tokio::test]
async fn the_bounds_themselves_are_good_values() {
    let bounds = [
        ["--poll-interval=10ms", "--poll-interval=1h"],
        ["--keep-alive=100ms", "--keep-alive=1h"],
        ["--retry=1ms", "--retry=1h"],
        ["--retention=1s", "--retention=100years"],
        ["--group-commit=1", "--group-commit=1024"],
        ["--pool-size=2", "--pool-size=1000"],
        ["--statement-timeout=100ms", "--statement-timeout=1h"],
        [
            "--idle-in-transaction-timeout=100ms",
            "--idle-in-transaction-timeout=off",
        ],
        ["--max-streams=1", "--max-streams=10000000"],
        ["--max-streams-per-client=1", "--max-stream-age=1s"],
        ["--max-stream-age=10years", "--max-stream-age=off"],
        ["--hsts=1s", "--hsts=10years"],
        [
            "--cors-origin=*",
            "--cors-origin=https://a.example,http://b.example:81",
        ],
        ["--session-lifetime=1s", "--session-lifetime=10years"],
        ["--request-rate=1/1day", "--request-rate=1000000/1s"],
        ["--registration-rate=1/1day", "--registration-rate=off"],
        ["--max-boards-per-user=1", "--max-boards-per-user=1000000"],
        ["--max-paths-per-board=1", "--max-paths-per-board=1000000"],
        ["--max-sessions-per-user=1", "--max-sessions-per-user=1000"],
        ["--request-timeout=1s", "--request-timeout=1h"],
        ["--max-requests=1", "--max-requests=100000"],
        ["--max-connections=1", "--max-connections=10000000"],
    ];
    for argument in bounds.into_iter().flatten() {
        // Far enough to find the database empty.
        let complaint = dotcast(&["serve", "--no-migrate", argument], &[])
            .await
            .complaint(1);
        assert!(
            complaint.contains("lacks the migrations"),
            "{argument}: {complaint}"
        );
    }
}

#[tokio::test]
async fn a_flag_wins_over_its_variable() {
    let environment = [("DOTCAST_RETRY", "soon"), ("DOTCAST_NO_MIGRATE", "true")];
    let complaint = dotcast(&["serve", "--retry", "1s"], &environment).await;
    assert!(complaint.complaint(1).contains("lacks the migrations"));
}
