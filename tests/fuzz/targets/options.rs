//! An option that is taken means what it says.
#![no_main]

use std::time::Duration;

use dotcast::{
    config::origin::Origin,
    rates::MaybeRate,
    remote::{Proxies, proxies::TrustedProxy},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(MaybeRate(Some(rate))) = text.parse() {
        assert!((1..=1_000_000).contains(&rate.number.get()));
        assert!((Duration::from_secs(1)..=Duration::from_hours(24)).contains(&rate.window));
        assert_eq!(rate.to_string().parse(), Ok(MaybeRate(Some(rate))));
    }
    if let Ok(TrustedProxy(Some(network))) = text.parse() {
        let proxies = Proxies::new([network]);
        assert!(proxies.trust(network.network()), "{network}");
        // An IPv6 network in which those of IPv4 lie, too, does not mean them.
        let last = network.broadcast();
        assert_eq!(
            proxies.trust(last),
            last == last.to_canonical(),
            "{network}"
        );
        assert_eq!(network.to_string().parse(), Ok(TrustedProxy(Some(network))));
    }
    if let Ok(Origin::Is(origin)) = text.parse() {
        assert_eq!(origin, text);
    }
});
