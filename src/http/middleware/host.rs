//! Which host a request is for; it must say so exactly once.

use poem::{
    Request,
    http::{HeaderMap, Uri, Version, header::HOST, uri::Authority},
};

use crate::{
    api::problem::{Code, Failure},
    remote::host_and_port,
};

/// Refuses a request that does not say which host it is for, or says it twice.
///
/// HTTP/1.1 requires one field `Host`, also beside an absolute target, which then wins (RFC 9112, 3.2 and
/// 3.2.2). HTTP/2 has `:authority`, with which `Host` must agree, or `Host` alone (RFC 9113, 8.3.1). HTTP/1.0
/// knows no `Host`.
///
/// # Errors
/// 400 `invalid_header`.
pub fn check(request: &Request) -> Result<(), Failure> {
    let fault = fault(request.version(), request.uri(), request.headers());
    fault.map_or(Ok(()), |fault| {
        Err(Failure::of_field(Code::InvalidHeader, "Host", fault))
    })
}

fn fault(version: Version, target: &Uri, headers: &HeaderMap) -> Option<&'static str> {
    const NO_HOST: &str =
        "must be a host name or address, with its port unless that is the scheme's own";
    let names_host = |authority: &Authority| host_and_port(authority).is_some();
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next();
    if hosts.next().is_some() {
        return Some("must be sent once");
    }
    if target.authority().is_some_and(|it| !names_host(it)) {
        return Some(NO_HOST);
    }
    let Some(host) = host else {
        let has_other = version <= Version::HTTP_10
            || version >= Version::HTTP_2 && target.authority().is_some();
        return (!has_other).then_some("is missing");
    };
    // Empty for a target without an authority (RFC 9112, 3.2).
    let is_valid =
        host.is_empty() || Authority::try_from(host.as_bytes()).is_ok_and(|it| names_host(&it));
    if !is_valid {
        return Some(NO_HOST);
    }
    let differs = |authority: &Authority| {
        !authority
            .as_str()
            .as_bytes()
            .eq_ignore_ascii_case(host.as_bytes())
    };
    if version >= Version::HTTP_2 && target.authority().is_some_and(differs) {
        return Some("must be what `:authority` is, or left out");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_has_its_rule() {
        const V10: Version = Version::HTTP_10;
        const V11: Version = Version::HTTP_11;
        const V2: Version = Version::HTTP_2;
        for (version, target, hosts, is_fine) in [
            (V10, "/", &[][..], true),
            (V10, "/", &["a"], true),
            (V10, "/", &["a", "a"], false),
            (V11, "/", &[], false),
            (V11, "http://a/", &[], false),
            (V11, "/", &["a", "b"], false),
            (V11, "/", &["a"], true),
            (V11, "/", &[""], true),
            (V11, "/", &["a b"], false),
            (V11, "/", &["ada@a"], false),
            (V11, "/", &["[2001:db8::1]:8000"], true),
            (V11, "/", &["a:"], true),
            (V11, "/", &["a:65616"], false),
            (V11, "/", &["a:b"], false),
            (V11, "/", &[":80"], false),
            (V11, "http://a/", &["b"], true),
            (V2, "/", &[], false),
            (V2, "/", &["a"], true),
            (V2, "http://a/", &[], true),
            (V2, "http://a/", &["A"], true),
            (V2, "http://a/", &["b"], false),
            (V2, "http://a/", &["a", "a"], false),
            (V10, "http://a:65616/", &[], false),
            (V11, "http://a:65616/", &["b"], false),
            (V2, "http://a:65616/", &[], false),
            (V2, "http://ada@a/", &[], false),
        ] {
            let headers = hosts.iter().map(|it| (HOST, it.parse().expect("a value")));
            let target = target.parse().expect("a target");
            let fault = fault(version, &target, &headers.collect());
            assert_eq!(fault.is_none(), is_fine, "{version:?} {target} {hosts:?}");
        }
    }
}
