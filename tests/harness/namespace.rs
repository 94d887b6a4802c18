//! Another machine, as far as the network can tell: a network namespace behind a pair of virtual interfaces.

use std::{net::Ipv4Addr, process::Command};

/// A network namespace that can be reached from this one. It ends with this handle.
pub struct Namespace {
    name: String,
    /// Its address.
    pub address: Ipv4Addr,
}

impl Namespace {
    /// Needs root, and `ip`.
    pub fn new() -> Self {
        let (name, number) = claim();
        let [high, low] = (number * 4).to_be_bytes();
        let ours = Ipv4Addr::new(10, 213, high, low + 1);
        let address = Ipv4Addr::new(10, 213, high, low + 2);
        let it = Self { name, address };
        let name = &it.name;
        ip(&format!(
            "link add {name} type veth peer name eth0 netns {name}"
        ));
        ip(&format!("address add {ours}/30 dev {name}"));
        ip(&format!("link set {name} up"));
        ip(&format!("-n {name} address add {address}/30 dev eth0"));
        ip(&format!("-n {name} link set eth0 up"));
        ip(&format!("-n {name} link set lo up"));
        it
    }

    /// The command that runs another one inside it.
    pub fn wrapper(&self) -> [&str; 4] {
        ["ip", "netns", "exec", &self.name]
    }

    /// From here on nothing that is sent to it arrives, and nobody is told.
    pub fn swallow(&self) {
        ip(&format!("route add blackhole {}/32", self.address));
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // Some of it may not exist.
        for arguments in [
            format!("route delete blackhole {}/32", self.address),
            format!("link delete {}", self.name),
            format!("netns delete {}", self.name),
        ] {
            let _ = try_ip(&arguments);
        }
    }
}

/// Makes the first namespace that no test has, in this process or another: its name, and its number among the networks of
/// four addresses in 10.213.0.0/16.
fn claim() -> (String, u16) {
    for number in 0..1 << 14 {
        let name = format!("dotcast{number}");
        match try_ip(&format!("netns add {name}")) {
            Ok(()) => return (name, number),
            Err(told) if told.contains("File exists") => {}
            Err(told) => panic!("ip netns add {name}, which only root may run: {told}"),
        }
    }
    panic!("all namespaces are taken: ip netns list");
}

fn ip(arguments: &str) {
    if let Err(told) = try_ip(arguments) {
        panic!("ip {arguments}: {told}");
    }
}

/// Runs `ip`; what it says if it fails.
fn try_ip(arguments: &str) -> Result<(), String> {
    let output = Command::new("ip")
        .args(arguments.split(' '))
        .output()
        .expect("ip is installed: .ci/setup tests");
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned())
}
