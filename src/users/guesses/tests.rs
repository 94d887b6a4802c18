use super::*;

#[expect(clippy::unnecessary_wraps, reason = "so it is asked for")]
fn client(number: u8) -> Option<Client> {
    Some(Client::at([203, 0, 113, number].into()))
}

fn of(username: &str, client: Option<Client>) -> Try<'_> {
    Try {
        username,
        client,
        session: None,
    }
}

/// Tries a wrong password; whether it was looked at.
fn fail(guesses: &Guesses, attempt: Try<'_>, now: Instant) -> bool {
    guesses.begin_at(attempt, now).is_ok()
}

/// Tries the right password; whether it was looked at.
fn succeed(guesses: &Guesses, attempt: Try<'_>, now: Instant) -> bool {
    let begun = guesses.begin_at(attempt, now);
    begun.map(|it| it.succeeded_at(now)).is_ok()
}

/// How long until a try is looked at again.
fn wait(guesses: &Guesses, attempt: Try<'_>, now: Instant) -> Duration {
    match guesses.check_at(attempt, now) {
        Ok(()) => Duration::ZERO,
        Err(Error::RateLimited { retry_after, .. }) => retry_after,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_client_that_guesses_is_delayed_whatever_the_names_and_no_other_is() {
    let guesses = Guesses::default();
    let mut now = Instant::now();
    for name in ["ada", "grace", "nobody", "ada", "edsger"] {
        assert!(fail(&guesses, of(name, client(1)), now));
    }
    for _ in 0..100 {
        assert!(!succeed(&guesses, of("ada", client(1)), now));
    }
    assert_eq!(wait(&guesses, of("barbara", client(1)), now), CLIENT.first);
    assert!(succeed(&guesses, of("ada", client(2)), now));
    let mut delays = Vec::new();
    for _ in 0..15 {
        let delay = wait(&guesses, of("ada", client(1)), now);
        delays.push(delay.as_secs());
        now += delay;
        assert!(fail(&guesses, of("ada", client(1)), now));
    }
    assert_eq!(
        delays,
        [
            1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900, 900
        ]
    );
    now += Duration::from_hours(24);
    assert!(succeed(&guesses, of("ada", client(1)), now));
}

#[test]
fn a_log_in_of_ones_own_forgives_no_guesses_at_others() {
    let guesses = Guesses::default();
    let now = Instant::now();
    for _ in 0..5 {
        assert!(succeed(&guesses, of("mallory", client(1)), now));
        assert!(fail(&guesses, of("ada", client(1)), now));
    }
    assert!(!wait(&guesses, of("ada", client(1)), now).is_zero());
}

#[test]
fn many_clients_that_guess_at_one_name_are_delayed_together_and_its_user_is_not() {
    let guesses = Guesses::default();
    let mut now = Instant::now();
    assert!(succeed(&guesses, of("Ada", client(200)), now));
    for number in 0..20 {
        assert!(fail(&guesses, of("ADA", client(number)), now));
    }
    assert_eq!(wait(&guesses, of("ada", client(100)), now), NAME.first);
    // The user: from where they have logged in before, and with a session of theirs from anywhere.
    assert!(succeed(&guesses, of("ada", client(200)), now));
    let session = Some(7);
    let known = Try {
        session,
        ..of("ada", client(100))
    };
    assert!(succeed(&guesses, known, now));
    // Another name is another matter.
    assert!(succeed(&guesses, of("grace", client(101)), now));
    for number in 0..100 {
        now += wait(&guesses, of("ada", client(150)), now);
        assert!(fail(&guesses, of("ada", client(number % 100)), now) || number < 20);
        assert!(wait(&guesses, of("ada", client(150)), now) <= NAME.longest);
    }
    now += Duration::from_hours(2);
    assert!(succeed(&guesses, of("ada", client(150)), now));
}

#[test]
fn a_known_device_guesses_no_faster_than_any_other() {
    let guesses = Guesses::default();
    let now = Instant::now();
    let session = Some(7);
    for attempt in [
        of("ada", client(1)),
        Try {
            session,
            ..of("ada", None)
        },
    ] {
        assert!(succeed(&guesses, attempt, now));
        for _ in 0..5 {
            assert!(fail(&guesses, attempt, now));
        }
        assert_eq!(wait(&guesses, attempt, now), CLIENT.first);
    }
}

#[test]
fn tries_at_once_are_no_more_than_one_after_the_other() {
    let guesses = Guesses::default();
    let now = Instant::now();
    let begun: Vec<_> = (0..100)
        .filter_map(|_| guesses.begin_at(of("ada", client(1)), now).ok())
        .collect();
    assert_eq!(begun.len(), 5);
    // When they were right after all, nothing is left of it.
    for begun in begun {
        begun.succeeded_at(now);
    }
    assert!(wait(&guesses, of("grace", client(1)), now).is_zero());
}

#[test]
fn without_a_client_the_name_alone_counts() {
    let guesses = Guesses::default();
    let now = Instant::now();
    let tried = (0..100).filter(|_| fail(&guesses, of("ada", None), now));
    assert_eq!(tried.count(), 20);
    assert!(succeed(&guesses, of("grace", None), now));
}
