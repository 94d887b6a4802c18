//! The systemd units: they are valid, leave the service few rights, and those are enough.

use std::{fs, path::Path};

use tempfile::TempDir;
use tokio::process::Command;

use crate::harness::{Database, Launch, Namespace, Server, run};

/// Both units, in a directory of their own. The program is where it was built: systemd would look for it where programs
/// are installed.
fn units() -> TempDir {
    let directory = TempDir::new().expect("a directory");
    let drop_ins = directory.path().join("dotcast.service.d");
    fs::create_dir(&drop_ins).expect("a directory");
    for name in ["dotcast.service", "dotcast@.service"] {
        let unit = fs::read_to_string(Path::new("deploy").join(name)).expect("a unit");
        let program = concat!("ExecStart=", env!("CARGO_BIN_EXE_dotcast"), " serve\n");
        assert!(unit.contains("\nExecStart=dotcast serve\n"), "{name}");
        let unit = unit.replace("ExecStart=dotcast serve\n", program);
        fs::write(directory.path().join(name), unit).expect("write");
    }
    directory
}

/// What systemd-analyze says about a unit in this directory.
async fn analyze(units: &TempDir, arguments: &[&str]) -> String {
    let mut command = Command::new("systemd-analyze");
    command
        .args(arguments)
        .env("SYSTEMD_UNIT_PATH", format!("{}:", units.path().display()));
    let run = run(&mut command, "").await;
    assert_eq!(run.code, Some(0), "{run:?}");
    run.stdout + &run.stderr
}

#[tokio::test]
async fn units_are_valid() {
    let units = units();
    let port_443 = units.path().join("dotcast.service.d/443.conf");
    for _ in 0..2 {
        for name in ["dotcast.service", "dotcast@8001.service"] {
            let path = units.path().join(name).display().to_string();
            let complaints = analyze(&units, &["verify", "--man=no", &path]).await;
            assert!(!complaints.contains("dotcast"), "{complaints}");
        }
        // Once more with port 443.
        fs::copy("deploy/dotcast-443.conf", &port_443).expect("copy");
    }
}

#[tokio::test]
async fn units_give_few_rights() {
    let units = units();
    for name in ["dotcast.service", "dotcast@8001.service"] {
        let arguments = ["security", "--offline=true", "--threshold=11", name];
        let judged = analyze(&units, &arguments).await;
        assert!(judged.contains("Overall exposure level"), "{judged}");
    }
}

/// What does not depend on where the data is must not differ.
#[test]
fn units_differ_only_in_their_settings() {
    let [one, many] = ["deploy/dotcast.service", "deploy/dotcast@.service"].map(|path| {
        let unit = fs::read_to_string(path).expect("a unit");
        let (_, service) = unit.split_once("[Service]\n").expect("a section");
        let lines = service
            .lines()
            .filter(|line| !line.starts_with('#') && !line.starts_with("Environment"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    });
    assert_eq!(one, many);
}

/// Ports below 1024 need a capability, and no other right of root.
#[tokio::test]
async fn one_capability_is_enough_for_port_443() {
    let namespace = Namespace::new();
    let listen = format!("{}:443", namespace.address);
    for (capabilities, starts) in [("-all", false), ("-all,+net_bind_service", true)] {
        let bounding = format!("--bounding-set={capabilities}");
        let inheritable = format!("--inh-caps={capabilities}");
        let setpriv = ["setpriv", "--no-new-privs", &bounding, &inheritable];
        let wrapper = [&namespace.wrapper()[..], &setpriv].concat();
        let launch = Launch::with(&["--listen", &listen]).by(&wrapper);
        match Server::try_launch(&Database::sqlite(), launch).await {
            Ok(server) => {
                assert!(starts);
                server.client().get("/readyz").await.expect(200);
            }
            Err(complaint) => {
                assert!(!starts, "{complaint}");
                assert!(complaint.contains("cannot listen on"), "{complaint}");
            }
        }
    }
}
